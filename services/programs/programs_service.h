// The domain methods of rsnms.programs.v1.Programs and the rules of its resources. Standard methods
// are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_PROGRAMS_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_PROGRAMS_SERVICE_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "services/programs/enrolment/session_facts.h"

namespace rsnms::programs {

class ProgramsService {
 public:
  // `wake_sync` is called after a run was started, confirmed or cancelled. Adds the rules to the
  // engine. `diagnostics` tell of sessions enrolments name; null: names are judged by form alone.
  ProgramsService(resource::Engine* engine, std::function<void()> wake_sync,
                  std::function<absl::Time()> now = absl::Now,
                  std::shared_ptr<rpc::Client> diagnostics = nullptr);

  // Registers the domain methods.
  void Serve(rpc::Server& server);

 private:
  absl::Status SelectProgrammes(rpc::Call& call, const v1::SelectProgrammesRequest& request,
                                v1::SelectProgrammesResponse* response);
  absl::Status BatchSelectProgrammes(rpc::Call& call,
                                     const v1::BatchSelectProgrammesRequest& request,
                                     v1::BatchSelectProgrammesResponse* response);
  absl::Status StartRegisterSync(rpc::Call& call, const v1::StartRegisterSyncRequest& request,
                                 v1::RegisterSync* response);
  absl::Status CancelRegisterSync(rpc::Call& call, const v1::CancelRegisterSyncRequest& request,
                                  v1::RegisterSync* response);
  absl::Status ConfirmRegisterSync(rpc::Call& call, const v1::ConfirmRegisterSyncRequest& request,
                                   v1::RegisterSync* response);
  absl::Status BatchCreateEnrolments(rpc::Call& call,
                                     const v1::BatchCreateEnrolmentsRequest& request,
                                     v1::BatchCreateEnrolmentsResponse* response);
  absl::Status ConfirmEnrolment(rpc::Call& call, const v1::ConfirmEnrolmentRequest& request,
                                v1::Enrolment* response);
  absl::Status StartEnrolment(rpc::Call& call, const v1::StartEnrolmentRequest& request,
                              v1::Enrolment* response);
  absl::Status WithdrawEnrolment(rpc::Call& call, const v1::WithdrawEnrolmentRequest& request,
                                 v1::Enrolment* response);
  absl::Status FailEnrolment(rpc::Call& call, const v1::FailEnrolmentRequest& request,
                             v1::Enrolment* response);
  absl::Status CompleteEnrolment(rpc::Call& call, const v1::CompleteEnrolmentRequest& request,
                                 v1::Completion* response);
  absl::Status BatchCompleteEnrolments(rpc::Call& call,
                                       const v1::BatchCompleteEnrolmentsRequest& request,
                                       v1::BatchCompleteEnrolmentsResponse* response);

  resource::Engine* const engine_;
  const std::function<void()> wake_sync_;
  const std::function<absl::Time()> now_;
  SessionFacts sessions_;
  const resource::Table<v1::RegisterSync> syncs_;
  const resource::Table<v1::Enrolment> enrolments_;
  const resource::Table<v1::Completion> completions_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_PROGRAMS_SERVICE_H_
