// The mirror's own contract: service rsnms.programs.v1.Register. Standard methods and steps are the
// engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/register_service.pb.h"

namespace rsnms::programs::federal_register {

// The contract the service fulfils.
const google::protobuf::ServiceDescriptor* Contract();

// Hands the rules and preparations of the mirror's resources to the engine. Called once, before it
// serves.
void AddRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class RegisterService {
 public:
  // `wake_sync` is called after a file was loaded.
  RegisterService(resource::Engine& engine, std::function<void()> wake_sync,
                  std::function<absl::Time()> now = absl::Now)
      : engine_(engine), wake_sync_(std::move(wake_sync)), now_(std::move(now)) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status LoadRegister(rpc::Call& call, rpc::Reader<v1::LoadRegisterRequest>& reader,
                            v1::RegisterSync* response);
  absl::Status GetProgrammeProvenance(rpc::Call& call,
                                      const v1::GetProgrammeProvenanceRequest& request,
                                      v1::ProgrammeProvenance* response);
  absl::Status TakeTheirs(rpc::Call& call, const v1::TakeTheirsRequest& request,
                          v1::RegisterConflict* response);

 private:
  resource::Engine& engine_;
  const std::function<void()> wake_sync_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs::federal_register

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_H_
