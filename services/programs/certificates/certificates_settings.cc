#include "services/programs/certificates/certificates_settings.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "libs/observe/log.h"
#include "libs/resource/sealing.h"

namespace rsnms::programs {
namespace {

std::string Setting(const char* variable) {
  const char* value = std::getenv(variable);
  return value == nullptr ? "" : value;
}

// The keys named by the environment; none when none are.
absl::StatusOr<std::shared_ptr<const CertificateKeys>> NamedKeys() {
  const std::string own = Setting("RSNMS_CERTIFICATE_KEY");
  const std::string former = Setting("RSNMS_CERTIFICATE_FORMER_KEYS");
  if (own.empty() && former.empty()) {
    observe::LogWarning("certificates are not issued: RSNMS_CERTIFICATE_KEY names no key", {});
    return std::shared_ptr<const CertificateKeys>();
  }
  return CertificateKeys::FromFiles(own, Setting("RSNMS_CERTIFICATE_KEY_ID"), former);
}

}  // namespace

absl::StatusOr<CertificatesOptions> CertificatesSettings(const service::Host& host) {
  const auto& settings = host.settings();
  CertificatesOptions options;
  auto keys = NamedKeys();
  if (!keys.ok()) return keys.status();
  options.keys = *std::move(keys);
  // Of that key, not that key: no two purposes share one.
  options.row_key = resource::Hmac(host.Key(resource::KeyPurpose::kReportPages), "frdo rows");
  const auto registry = settings.upstreams.find("registry");
  if (registry == settings.upstreams.end()) return options;
  rpc::ClientOptions client;
  client.target = registry->second;
  client.tls_ca_file = settings.tls_ca;
  client.tls_certificate_file = settings.tls_certificate;
  client.tls_key_file = settings.tls_key;
  options.people = PeopleOfRegistry(std::move(client));
  return options;
}

}  // namespace rsnms::programs
