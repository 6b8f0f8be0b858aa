#include "libs/testing/service.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/auth/jose.h"
#include "libs/auth/verifier.h"
#include "libs/testing/admin.h"

namespace rsnms::testing {
namespace {

constexpr char kIssuer[] = "https://rsnms.test";

// One key pair for the process; its files go with the process.
class Keys {
 public:
  static const Keys& Shared() {
    static const Keys keys;
    return keys;
  }
  ~Keys() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  std::string jwks() const { return directory_ + "/jwks.json"; }
  std::string key_file() const { return directory_ + "/key.pem"; }
  const std::string& private_pem() const { return pair_.private_pem; }

 private:
  Keys() {
    auto pair = auth::GenerateKey(auth::Algorithm::kEs256, "");
    if (!pair.ok()) Abort(pair.status().ToString());
    pair_ = *std::move(pair);
    std::string pattern = (std::filesystem::temp_directory_path() / "rsnms-keys-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) Abort("no temporary directory can be made");
    directory_ = pattern;
    std::ofstream(key_file()) << pair_.private_pem;
    std::ofstream(jwks()) << "{\"keys\":[" << pair_.jwk << "]}";
  }

  auth::KeyPair pair_;
  std::string directory_;
};

class RunningService final : public Service {
 public:
  RunningService(const service::Definition& definition,
                 const std::function<void(service::Host&)>& wire,
                 const std::map<std::string, std::string>& upstreams)
      : database_(Database::Create(definition.name)) {
    service::Settings settings;
    settings.database = database_->app_conninfo();
    settings.jwks = Keys::Shared().jwks();
    settings.issuer = kIssuer;
    settings.roles_file = absl::StrCat(RSNMS_SOURCE_DIR, "/deploy/roles.textproto");
    settings.service_key_file = Keys::Shared().key_file();
    settings.secret_key = std::string(64, 'a');
    settings.personal_data_keys =
        absl::StrCat("index:", std::string(64, 'b'), ",1:", std::string(64, 'c'));
    settings.upstreams = upstreams;
    auto host = service::Host::Create(definition, settings);
    if (!host.ok()) Abort(absl::StrCat(definition.name, ": ", host.status().ToString()));
    host_ = *std::move(host);
    wire(*host_);
    if (auto status = host_->Start(); !status.ok())
      Abort(absl::StrCat(definition.name, ": ", status.ToString()));
  }

  Database& database() override { return *database_; }
  service::Host& host() override { return *host_; }
  std::string target() const override { return absl::StrCat("127.0.0.1:", host_->server().port()); }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<service::Host> host_;
};

}  // namespace

std::unique_ptr<Service> Service::Start(const service::Definition& definition,
                                        const std::function<void(service::Host&)>& wire,
                                        const std::map<std::string, std::string>& upstreams) {
  return std::make_unique<RunningService>(definition, wire, upstreams);
}

std::unique_ptr<rpc::Client> Service::Connect(const std::vector<std::string>& roles,
                                              const std::vector<std::string>& scopes,
                                              const std::string& subject) const {
  rpc::ClientOptions options;
  options.target = target();
  options.token = [token = TestToken(roles, scopes, subject)] { return token; };
  return rpc::Client::Create(options);
}

std::string TestToken(const std::vector<std::string>& roles, const std::vector<std::string>& scopes,
                      const std::string& subject) {
  auth::TokenClaims claims;
  claims.issuer = kIssuer;
  claims.subject = subject;
  claims.roles = roles;
  claims.scopes = scopes;
  auto token = auth::IssueToken(Keys::Shared().private_pem(), "", claims);
  if (!token.ok()) Abort(token.status().ToString());
  return *std::move(token);
}

}  // namespace rsnms::testing
