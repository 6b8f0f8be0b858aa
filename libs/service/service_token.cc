#include "libs/service/service_token.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/auth/verifier.h"
#include "libs/observe/log.h"

namespace rsnms::service {
namespace {

constexpr absl::Duration kLifetime = absl::Hours(1);
constexpr absl::Duration kRenewBefore = absl::Minutes(10);

class Source {
 public:
  Source(std::string pem, std::string key_id, auth::TokenClaims claims)
      : pem_(std::move(pem)), key_id_(std::move(key_id)), claims_(std::move(claims)) {}

  absl::Status Renew() {
    auto token = auth::IssueToken(pem_, key_id_, claims_);
    if (!token.ok()) return token.status();
    absl::MutexLock lock(&mutex_);
    token_ = *std::move(token);
    renew_at_ = absl::Now() + kLifetime - kRenewBefore;
    return absl::OkStatus();
  }

  std::string Token() {
    if (Due()) {
      if (auto status = Renew(); !status.ok()) {
        observe::LogError("cannot renew the service's token", {{"status", status.ToString()}});
      }
    }
    absl::MutexLock lock(&mutex_);
    return token_;
  }

 private:
  bool Due() {
    absl::MutexLock lock(&mutex_);
    return absl::Now() >= renew_at_;
  }

  const std::string pem_, key_id_;
  const auth::TokenClaims claims_;
  absl::Mutex mutex_;
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Time renew_at_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::StatusOr<std::function<std::string()>> ServiceToken(const std::string& service,
                                                          const std::string& key_file,
                                                          const std::string& key_id,
                                                          const std::string& issuer) {
  std::ifstream file(key_file, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot read ", key_file));
  std::string pem{std::istreambuf_iterator<char>(file), {}};
  auth::TokenClaims claims;
  claims.issuer = issuer;
  claims.subject = absl::StrCat("service:", service);
  claims.roles = {"service"};
  claims.scopes = {"*"};
  claims.lifetime = kLifetime;
  auto source = std::make_shared<Source>(std::move(pem), key_id, std::move(claims));
  if (auto status = source->Renew(); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(key_file, ": ", status.message()));
  }
  return [source] { return source->Token(); };
}

}  // namespace rsnms::service
