// The diagnostics service: flags, parts, serve.
#include <memory>

#include "libs/feed/redirect.h"
#include "libs/service/host.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/programmes_projection.h"

int main(int argc, char** argv) {
  using namespace rsnms;
  const service::Definition definition{
      .name = "diagnostics",
      .contracts = {diagnostics::DiagnosticsContract()},
      // The registry is optional: without it references to merged people keep their old names.
      .upstreams = {"programs"},
  };
  auto host = service::Host::FromFlags(definition, argc, argv);
  diagnostics::AddRules(host->engine());
  diagnostics::DiagnosticsService diagnostics(host->engine());
  diagnostics.Serve(host->server());
  std::unique_ptr<feed::Consumer> programmes;  // stops before the host goes
  std::unique_ptr<feed::Consumer> merges;      // likewise
  host->OnReady([&]() -> absl::Status {
    if (auto registry = host->client("registry")) {
      merges = feed::FollowRedirects(host->engine(), std::move(registry),
                                     {.source = "registry",
                                      .resource_type = "registry.rsnms/Person",
                                      .field = "merged_into",
                                      .metrics = &host->metrics()});
    }
    if (auto programs = host->client("programs")) {
      programmes = diagnostics::FollowProgrammes(host->engine(), std::move(programs));
    }
    return absl::OkStatus();
  });
  return host->Run();
}
