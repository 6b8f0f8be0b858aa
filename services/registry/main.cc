// The registry: rsnms.registry.v1.Registry, the areas beside it, and the change feed.
#include "libs/service/host.h"
#include "services/registry/people/people.h"
#include "services/registry/people/people_service.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry",
       .contracts = {rsnms::registry::Contract(), rsnms::registry::PeopleContract()},
       .upstreams = {}},
      argc, argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::AddPeopleRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  rsnms::registry::PeopleService people(host->engine());
  people.Serve(host->server());
  return host->Run();
}
