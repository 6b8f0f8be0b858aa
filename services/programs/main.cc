// The service `programs`: programmes and their mirror of the federal register, enrolments,
// completions.
#include <cstdio>
#include <memory>

#include "libs/feed/redirect.h"
#include "libs/service/host.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "services/programs/catalogue/catalogue.h"
#include "services/programs/certificates/certificates_settings.h"
#include "services/programs/coverage/coverage_service.h"
#include "services/programs/enrolment/training_service.h"
#include "services/programs/learning/learning_service.h"
#include "services/programs/learning/registry_projection.h"
#include "services/programs/orders/order_places.h"
#include "services/programs/orders/orders_service.h"
#include "services/programs/programs_service.h"
#include "services/programs/register/provider_lookup.h"
#include "services/programs/register/register.h"
#include "services/programs/register/sync_worker.h"
#include "services/programs/submission/submission.h"
#include "services/programs/submission/submission_worker.h"

int main(int argc, char** argv) {
  using namespace rsnms;
  const auto* file = programs::v1::SelectProgrammesRequest::descriptor()->file();
  auto host = service::Host::FromFlags(
      {.name = "programs",
       .contracts = {file->FindServiceByName("Programs"), programs::CertificatesContract(),
                     programs::CatalogueContract(), programs::federal_register::Contract(),
                     programs::TrainingService::Contract(), programs::OrdersService::Contract(),
                     programs::CoverageService::Contract(), programs::LearningService::Contract(),
                     programs::submission::Contract()},
       .upstreams = {"federal"}},
      argc, argv);
  programs::MirrorOptions options;
  // The registry is optional: without it providers are linked by the region's own programmes only.
  if (auto registry = host->client("registry")) {
    options.find_provider = programs::ProviderLookup(std::move(registry));
  }
  std::unique_ptr<programs::SyncWorker> worker;
  if (auto federal = host->client("federal")) {
    worker = std::make_unique<programs::SyncWorker>(&host->engine(), std::move(federal),
                                                    std::move(options));
    host->OnReady([&] {
      worker->Start();
      return absl::OkStatus();
    });
  }
  std::unique_ptr<programs::SubmissionWorker> sender;
  if (auto federal = host->client("federal")) {
    sender = std::make_unique<programs::SubmissionWorker>(&host->engine(), std::move(federal),
                                                          programs::SenderOptions());
    host->OnReady([&] {
      sender->Start();
      return absl::OkStatus();
    });
  }
  std::unique_ptr<feed::Consumer> merges;  // stops before the host goes
  std::unique_ptr<feed::Consumer> known;   // likewise
  host->OnReady([&] {
    if (auto registry = host->client("registry")) {
      known = programs::FollowRegistry(host->engine(), registry, &host->metrics(), [&](pg::Tx& tx) {
        return programs::order_places::PlaceOrders(tx, host->engine());
      });
      merges = feed::FollowRedirects(host->engine(), std::move(registry),
                                     {.source = "registry",
                                      .resource_type = "registry.rsnms/Person",
                                      .field = "merged_into",
                                      .metrics = &host->metrics()});
    }
    return absl::OkStatus();
  });
  const auto wake = [&] {
    if (worker != nullptr) worker->Wake();
  };
  programs::ProgramsService service(&host->engine(), wake, absl::Now, host->client("diagnostics"));
  service.Serve(host->server());
  programs::federal_register::AddRules(host->engine());
  programs::federal_register::RegisterService mirror(host->engine(), wake);
  mirror.Serve(host->server());
  auto settings = programs::CertificatesSettings(*host);
  if (!settings.ok()) {
    std::fprintf(stderr, "programs: RSNMS_CERTIFICATE_*: %s\n",
                 settings.status().ToString().c_str());
    return 2;
  }
  programs::CertificatesService certificates(&host->engine(), *std::move(settings));
  certificates.Serve(host->server());
  programs::AddCatalogueRules(host->engine());
  programs::CatalogueService catalogue(host->engine(), host->client("registry"));
  catalogue.Serve(host->server());
  programs::submission::AddRules(host->engine());
  programs::submission::SubmissionService submissions(host->engine(), sender != nullptr, [&] {
    if (sender != nullptr) sender->Wake();
  });
  submissions.Serve(host->server());
  programs::TrainingService training(&host->engine(), host->Key(resource::KeyPurpose::kReportPages),
                                     absl::Now, host->client("diagnostics"));
  training.Serve(host->server());
  programs::OrdersService orders(&host->engine(), host->client("registry"));
  orders.Serve(host->server());
  programs::CoverageService coverage(&host->engine(), host->client("diagnostics"),
                                     host->Key(resource::KeyPurpose::kReportPages));
  coverage.Serve(host->server());
  programs::LearningService learning(&host->engine(), host->client("registry"),
                                     host->Key(resource::KeyPurpose::kReportPages));
  learning.Serve(host->server());
  return host->Run();
}
