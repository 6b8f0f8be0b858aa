// The federal operator's stand-in as a server: the register and the desks for
// passports and programmes, over the same
// stack as our services.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_SIM_H_
#define RSNMS_TOOLS_FEDERAL_SIM_SIM_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/auth/verifier.h"
#include "libs/rpc/server.h"
#include "tools/federal_sim/passport_sim.h"
#include "tools/federal_sim/register_sim.h"
#include "tools/federal_sim/submission_sim.h"

namespace rsnms::federal_sim {

struct SimOptions {
  std::string listen = "127.0.0.1:0";
  int programmes = 600;
  uint64_t seed = 1;
  std::string state_file;  // receipts; empty: memory only
};

class Sim {
 public:
  // `verifier` must outlive the stand-in. It listens when this returns.
  static absl::StatusOr<std::unique_ptr<Sim>> Start(const SimOptions& options,
                                                    const auth::Verifier* verifier);

  RegisterSim& programme_register() { return register_; }
  PassportSim& passports() { return passports_; }
  SubmissionSim& submissions() { return submissions_; }
  rpc::Server& server() { return *server_; }

 private:
  explicit Sim(const SimOptions& options);

  RegisterSim register_;
  PassportSim passports_;
  SubmissionSim submissions_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_SIM_H_
