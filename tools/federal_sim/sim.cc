#include "tools/federal_sim/sim.h"

#include "tools/federal_sim/register_data.h"

namespace rsnms::federal_sim {

Sim::Sim(const SimOptions& options)
    : register_(GenerateRegister(options.programmes, options.seed)),
      passports_(options.state_file),
      submissions_(&register_) {}

absl::StatusOr<std::unique_ptr<Sim>> Sim::Start(const SimOptions& options,
                                                const auth::Verifier* verifier) {
  std::unique_ptr<Sim> sim(new Sim(options));
  rpc::ServerOptions server;
  server.address = options.listen;
  sim->server_ = rpc::Server::Create(server, verifier);
  sim->register_.Serve(*sim->server_);
  sim->passports_.Serve(*sim->server_);
  sim->submissions_.Serve(*sim->server_);
  if (auto status = sim->server_->Start(); !status.ok()) return status;
  return sim;
}

}  // namespace rsnms::federal_sim
