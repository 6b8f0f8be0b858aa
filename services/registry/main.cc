// The registry: rsnms.registry.v1.Registry and its change feed.
#include "libs/service/host.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"
#include "services/registry/structure/structure.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry",
       .contracts = {rsnms::registry::Contract(), rsnms::registry::StructureContract()},
       .upstreams = {}},
      argc, argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::AddStructureRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  rsnms::registry::StructureService structure(host->engine());
  structure.Serve(host->server());
  return host->Run();
}
