// The monitoring service: facts, indicators, passports.
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/service/host.h"
#include "rsnms/monitoring/v1/monitoring_service.pb.h"
#include "services/monitoring/monitoring_service.h"
#include "services/monitoring/passport_service.h"
#include "services/monitoring/wiring.h"

int main(int argc, char** argv) {
  using namespace rsnms;  // NOLINT(build/namespaces)
  const auto* contract = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "rsnms.monitoring.v1.Monitoring");
  auto host = service::Host::FromFlags(
      {.name = "monitoring",
       .contracts = {contract},
       .upstreams = {"registry", "diagnostics", "programs", "federal"}},
      argc, argv);
  return monitoring::Run(*host);
}
