// The monitoring service: facts, indicators, passports.
//
// Beside the host's flags: RSNMS_PROFILES, the directory of profiles (by default
// services/monitoring/profiles under
// --migrations); RSNMS_PASSPORT_KEY, a PEM file with the Ed25519 or EC P-256 key that signs
// passports (by default the service's own key).
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/observe/log.h"
#include "libs/service/host.h"
#include "rsnms/monitoring/v1/monitoring_service.pb.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/monitoring_service.h"
#include "services/monitoring/page_mark.h"
#include "services/monitoring/passport_service.h"

namespace {

std::string Setting(const char* variable, const std::string& otherwise) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace rsnms;              // NOLINT(build/namespaces)
  using namespace rsnms::monitoring;  // NOLINT(build/namespaces)
  const auto* contract =
      monitoring::v1::InstallProfileRequest::descriptor()->file()->pool()->FindServiceByName(
          "rsnms.monitoring.v1.Monitoring");
  auto host =
      service::Host::FromFlags({.name = "monitoring",
                                .contracts = {contract},
                                .upstreams = {"registry", "diagnostics", "programs", "federal"}},
                               argc, argv);
  const auto& settings = host->settings();
  auto catalogue = LoadProfiles(Setting(
      "RSNMS_PROFILES", absl::StrCat(settings.migrations, "/services/monitoring/profiles")));
  if (!catalogue.ok()) {
    std::cerr << "monitoring: " << catalogue.status().message() << std::endl;
    return EXIT_FAILURE;
  }
  auto signer = Signer::FromFile(Setting("RSNMS_PASSPORT_KEY", settings.service_key_file));
  if (!signer.ok()) {
    observe::LogWarning("passports cannot be approved: no usable signing key");
  }

  Followers followers;
  AddRules(host->engine());
  MonitoringService monitoring(host->engine(),
                               {.catalogue = *std::move(catalogue),
                                .page_key = host->Key(resource::KeyPurpose::kReportPages),
                                .followers = &followers});
  PassportService passports(host->engine(), {.signer = signer.ok() ? *std::move(signer) : nullptr,
                                             .federal = host->client("federal")});
  monitoring.Serve(host->server());
  passports.Serve(host->server());
  host->OnReady([&] {
    absl::btree_map<std::string, std::shared_ptr<rpc::Client>> clients;
    for (const std::string& source : Sources()) clients[source] = host->client(source);
    followers.Start(&host->pool(), clients, &host->metrics());
    return absl::OkStatus();
  });
  return host->Run();
}
