// The diagnostics service: flags, parts, serve.
#include <memory>

#include "libs/service/host.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/programmes_projection.h"

int main(int argc, char** argv) {
  using namespace rsnms;
  const service::Definition definition{
      .name = "diagnostics",
      .contracts = {diagnostics::DiagnosticsContract()},
      .upstreams = {"programs"},
  };
  auto host = service::Host::FromFlags(definition, argc, argv);
  diagnostics::AddRules(host->engine());
  diagnostics::DiagnosticsService diagnostics(host->engine());
  diagnostics.Serve(host->server());
  std::unique_ptr<feed::Consumer> programmes;  // stops before the host goes
  host->OnReady([&]() -> absl::Status {
    if (auto programs = host->client("programs")) {
      programmes = diagnostics::FollowProgrammes(host->engine(), std::move(programs));
    }
    return absl::OkStatus();
  });
  return host->Run();
}
