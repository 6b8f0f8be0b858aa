// The diagnostics service: flags, parts, serve.
#include <memory>

#include "libs/feed/redirect.h"
#include "libs/service/host.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follower.h"

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
  // All stop before the host goes, the follower of routes last.
  std::unique_ptr<diagnostics::RouteFollower> routes;
  std::unique_ptr<feed::Consumer> programmes;
  std::unique_ptr<feed::Consumer> merges;
  host->OnReady([&]() -> absl::Status {
    routes = std::make_unique<diagnostics::RouteFollower>(host->engine());
    if (auto registry = host->client("registry")) {
      merges = feed::FollowRedirects(host->engine(), std::move(registry),
                                     {.source = "registry",
                                      .resource_type = "registry.rsnms/Person",
                                      .field = "merged_into",
                                      .metrics = &host->metrics()});
    }
    if (auto programs = host->client("programs")) {
      programmes = diagnostics::FollowProgrammes(host->engine(), std::move(programs),
                                                 [&routes] { routes->Wake(); });
    }
    return absl::OkStatus();
  });
  return host->Run();
}
