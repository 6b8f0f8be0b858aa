#include "services/programs/certificates/certificates_settings.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "libs/observe/log.h"
#include "libs/resource/sealing.h"

namespace rsnms::programs {
namespace {

std::string Setting(const char* variable, const std::string& otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

absl::StatusOr<CertificatesOptions> CertificatesSettings(const service::Host& host) {
  const auto& settings = host.settings();
  CertificatesOptions options;
  const std::string own = Setting("RSNMS_CERTIFICATE_KEY", "");
  const std::string former = Setting("RSNMS_CERTIFICATE_FORMER_KEYS", "");
  auto keys = CertificateKeys::FromFiles(own.empty() ? settings.service_key_file : own,
                                         Setting("RSNMS_CERTIFICATE_KEY_ID", ""), former);
  if (keys.ok()) {
    options.keys = *std::move(keys);
    if (own.empty()) {
      observe::LogWarning(
          "certificates are signed by the key of the service's tokens: set RSNMS_CERTIFICATE_KEY, "
          "certificates outlive tokens",
          {});
    }
  } else if (!own.empty() || !former.empty()) {
    return keys.status();
  } else {
    observe::LogWarning("certificates cannot be issued: no usable key",
                        {{"status", keys.status().ToString()}});
  }
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
