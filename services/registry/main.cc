// The registry: rsnms.registry.v1.Registry and its change feed.
#include "libs/service/host.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry", .contracts = {rsnms::registry::Contract()}, .upstreams = {}}, argc,
      argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  return host->Run();
}
