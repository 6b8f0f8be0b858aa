// The registry: the services of rsnms.registry.v1 and its change feed.
#include "libs/service/host.h"
#include "services/registry/documents/documents.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"
#include "services/registry/sites/sites.h"

int main(int argc, char** argv) {
  auto host = rsnms::service::Host::FromFlags(
      {.name = "registry",
       .contracts = {rsnms::registry::Contract(), rsnms::registry::MentoringContract(),
                     rsnms::registry::documents::Contract(), rsnms::registry::sites::Contract()},
       .upstreams = {}},
      argc, argv);
  rsnms::registry::AddRules(host->engine());
  rsnms::registry::RegistryService service(host->engine());
  service.Serve(host->server());
  rsnms::registry::AddMentoringRules(host->engine());
  rsnms::registry::MentoringService mentoring(host->engine());
  mentoring.Serve(host->server());
  rsnms::registry::documents::AddRules(host->engine());
  rsnms::registry::documents::DocumentsService documents(host->engine());
  documents.Serve(host->server());
  rsnms::registry::sites::AddRules(host->engine());
  rsnms::registry::sites::SitesService sites(host->engine());
  sites.Serve(host->server());
  return host->Run();
}
