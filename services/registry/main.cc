// The registry: rsnms.registry.v1.Registry, the services of its areas, and their change feed.
#include "libs/service/host.h"
#include "services/registry/community/community.h"
#include "services/registry/events/events.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/practices/practices.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"
#include "services/registry/structure/structure.h"

int main(int argc, char** argv) {
  namespace registry = rsnms::registry;
  auto host = rsnms::service::Host::FromFlags({.name = "registry",
                                               .contracts =
                                                   {
                                                       registry::Contract(),
                                                       registry::CommunitiesContract(),
                                                       registry::EventsContract(),
                                                       registry::MentoringContract(),
                                                       registry::PracticesContract(),
                                                       registry::StructureContract(),
                                                   },
                                               .upstreams = {}},
                                              argc, argv);

  registry::AddRules(host->engine());
  registry::RegistryService service(host->engine());
  service.Serve(host->server());

  registry::AddCommunityRules(host->engine());
  registry::CommunitiesService communities(host->engine());
  communities.Serve(host->server());

  registry::AddEventRules(host->engine());
  registry::EventsService events(host->engine());
  events.Serve(host->server());

  registry::AddMentoringRules(host->engine());
  registry::MentoringService mentoring(host->engine());
  mentoring.Serve(host->server());

  registry::AddPracticeRules(host->engine());
  registry::PracticesService practices(host->engine());
  practices.Serve(host->server());

  registry::AddStructureRules(host->engine());
  registry::StructureService structure(host->engine());
  structure.Serve(host->server());

  return host->Run();
}
