// Makes keys and tokens for development and tests. In production an OpenID Connect issuer does
// both.
//   rsnms_token keys .run/keys                                 writes key.pem and jwks.json
//   rsnms_token issue --key .run/keys/key.pem --role centre --scope regions/86
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "libs/auth/jose.h"
#include "libs/auth/verifier.h"

namespace {

using rsnms::auth::IsScope;

int Fail(const std::string& message) {
  std::cerr << "rsnms_token: " << message << "\n";
  return 1;
}

// Readable by the owner only.
bool WritePrivate(const std::filesystem::path& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return false;
  const bool written = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  return close(file) == 0 && written;
}

int MakeKeys(const std::filesystem::path& directory) {
  const auto pair = rsnms::auth::GenerateKey(rsnms::auth::Algorithm::kEs256, "");
  if (!pair.ok()) return Fail(std::string(pair.status().message()));
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!WritePrivate(directory / "key.pem", pair->private_pem) ||
      !(std::ofstream(directory / "jwks.json") << "{\"keys\":[" << pair->jwk << "]}\n")) {
    return Fail("cannot write into " + directory.string());
  }
  return 0;
}

int Issue(const std::string& key_file, const std::string& key_id, const std::string& lifetime,
          rsnms::auth::TokenClaims claims) {
  for (const std::string& scope : claims.scopes) {
    if (!IsScope(scope)) return Fail("`" + scope + "` is no scope; try regions/86 or *");
  }
  if (!absl::ParseDuration(lifetime, &claims.lifetime)) {
    return Fail("`" + lifetime + "` is no duration; try 12h");
  }
  std::ifstream file(key_file);
  std::ostringstream pem;
  if (!file || !(pem << file.rdbuf())) return Fail("cannot read " + key_file);
  const auto token = rsnms::auth::IssueToken(pem.str(), key_id, claims);
  if (!token.ok()) return Fail(std::string(token.status().message()));
  std::cout << *token << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Keys and tokens for development");
  app.require_subcommand(1);

  std::string directory;
  auto* keys = app.add_subcommand("keys", "make an ES256 key (key.pem) and its JWKS (jwks.json)");
  keys->add_option("directory", directory, "where to write them")->required();

  std::string key_file, key_id, lifetime = "1h";
  rsnms::auth::TokenClaims claims;
  claims.issuer = "https://rsnms.local";
  claims.subject = "developer";
  auto* issue = app.add_subcommand("issue", "print a token");
  issue->add_option("--key", key_file, "private key, PEM")->required();
  issue->add_option("--key-id", key_id, "kid; the key's thumbprint unless given");
  issue->add_option("--role", claims.roles, "role of deploy/roles.textproto; may be repeated");
  issue->add_option("--scope", claims.scopes, "`regions/86`, `*` …; may be repeated");
  issue->add_option("--subject", claims.subject, "who the token stands for");
  issue->add_option("--issuer", claims.issuer, "claim iss");
  issue->add_option("--audience", claims.audience, "claim aud");
  issue->add_option("--lifetime", lifetime, "12h, 30m …");

  CLI11_PARSE(app, argc, argv);
  return keys->parsed() ? MakeKeys(directory) : Issue(key_file, key_id, lifetime, claims);
}
