// The registry: rsnms.registry.v1.Registry and its change feed.
#include "libs/service/host.h"
#include "services/registry/community/community.h"
#include "services/registry/events/events.h"
#include "services/registry/practices/practices.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry",
       .contracts = {rsnms::registry::Contract(), rsnms::registry::CommunitiesContract(),
                     rsnms::registry::EventsContract(), rsnms::registry::PracticesContract()},
       .upstreams = {}},
      argc, argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::AddCommunityRules(host->engine());
  rsnms::registry::AddEventRules(host->engine());
  rsnms::registry::AddPracticeRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  rsnms::registry::CommunitiesService communities(host->engine());
  communities.Serve(host->server());
  rsnms::registry::EventsService events(host->engine());
  events.Serve(host->server());
  rsnms::registry::PracticesService practices(host->engine());
  practices.Serve(host->server());
  return host->Run();
}
