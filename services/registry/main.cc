// The registry: rsnms.registry.v1.Registry, Mentoring, OrganisationLife and their change feed.
#include "libs/service/host.h"
#include "services/registry/life/life.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry",
       .contracts = {rsnms::registry::Contract(), rsnms::registry::LifeContract(),
                     rsnms::registry::MentoringContract()},
       .upstreams = {}},
      argc, argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  rsnms::registry::AddMentoringRules(host->engine());
  rsnms::registry::MentoringService mentoring(host->engine());
  mentoring.Serve(host->server());
  rsnms::registry::AddLifeRules(host->engine());
  rsnms::registry::OrganisationLifeService life(host->engine());
  life.Serve(host->server());
  return host->Run();
}
