// The registry: rsnms.registry.v1.Registry, the services of its areas, and their change feed.
#include <cstdlib>
#include <memory>
#include <string>

#include "libs/service/host.h"
#include "services/registry/asset/asset.h"
#include "services/registry/community/community.h"
#include "services/registry/documents/documents.h"
#include "services/registry/events/events.h"
#include "services/registry/life/life.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/people/people.h"
#include "services/registry/people/people_service.h"
#include "services/registry/practices/practices.h"
#include "services/registry/preparations.h"
#include "services/registry/registry_service.h"
#include "services/registry/sites/sites.h"
#include "services/registry/structure/structure.h"
#include "services/registry/terms/terms.h"
#include "services/registry/terms/terms_worker.h"

int main(int argc, char** argv) {
  namespace registry = rsnms::registry;
  auto host = rsnms::service::Host::FromFlags({.name = "registry",
                                               .contracts =
                                                   {
                                                       registry::Contract(),
                                                       registry::AssetContract(),
                                                       registry::CommunitiesContract(),
                                                       registry::EventsContract(),
                                                       registry::LifeContract(),
                                                       registry::MentoringContract(),
                                                       registry::PeopleContract(),
                                                       registry::PracticesContract(),
                                                       registry::StructureContract(),
                                                       registry::TermsContract(),
                                                       registry::documents::Contract(),
                                                       registry::sites::Contract(),
                                                   },
                                               .upstreams = {}},
                                              argc, argv);

  const std::string page_key = host->Key(rsnms::resource::KeyPurpose::kReportPages);

  registry::AddRules(host->engine());
  registry::RegistryService service(host->engine());
  service.Serve(host->server());

  // Optional: without them methodologists' preconditions cannot be confirmed, all else works.
  registry::AddAssetRules(host->engine());
  registry::AssetService asset(host->engine(), {.diagnostics = host->client("diagnostics"),
                                                .programs = host->client("programs")});
  asset.Serve(host->server());

  registry::AddCommunityRules(host->engine());
  registry::CommunitiesService communities(host->engine());
  communities.Serve(host->server());

  registry::AddEventRules(host->engine());
  registry::EventsService events(host->engine());
  events.Serve(host->server());

  registry::AddLifeRules(host->engine());
  registry::OrganisationLifeService life(host->engine(), page_key);
  life.Serve(host->server());

  registry::AddMentoringRules(host->engine());
  registry::MentoringService mentoring(host->engine());
  mentoring.Serve(host->server());

  registry::AddPeopleRules(host->engine());
  registry::PeopleService people(host->engine(), page_key);
  people.Serve(host->server());

  registry::AddPracticeRules(host->engine());
  registry::PracticesService practices(host->engine(), page_key);
  practices.Serve(host->server());

  registry::AddStructureRules(host->engine());
  registry::StructureService structure(host->engine());
  structure.Serve(host->server());

  registry::documents::AddRules(host->engine());
  registry::documents::DocumentsService documents(host->engine());
  documents.Serve(host->server());

  registry::sites::AddRules(host->engine());
  registry::sites::SitesService sites(host->engine());
  sites.Serve(host->server());

  registry::TermsService terms(host->engine(), page_key);
  terms.Serve(host->server());
  std::unique_ptr<registry::TermsWorker> terms_worker;
  host->OnReady([&] {
    const char* every = std::getenv("RSNMS_TERMS_INTERVAL");
    auto interval = registry::ParseTermsInterval(every == nullptr ? "" : every);
    if (!interval.ok()) return interval.status();
    registry::TermsOptions options;
    options.every = *interval;
    terms_worker = registry::TermsWorker::Start(&host->engine(), options, &host->metrics());
    return absl::OkStatus();
  });

  return host->Run();
}
