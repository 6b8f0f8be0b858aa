// Submission of versions to the federal register: service rsnms.programs.v1.Submissions.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_H_

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/register_submission.pb.h"

namespace rsnms::programs::submission {

// Descriptor of the contract, for the host. Its resources refer to those of `Catalogue`.
const google::protobuf::ServiceDescriptor* Contract();

// A version that leaves SUBMITTED by a person's hand closes its submission, in the same
// transaction.
void AddRules(resource::Engine& engine, const std::function<absl::Time()>& now = absl::Now);

// The methods the engine does not execute. Thread-safe; outlives the server.
class SubmissionService {
 public:
  // `connected`: there is a channel to the register; without it nothing is queued. `wake` is called
  // when something was.
  SubmissionService(resource::Engine& engine, bool connected, std::function<void()> wake,
                    std::function<absl::Time()> now = absl::Now)
      : engine_(engine), connected_(connected), wake_(std::move(wake)), now_(std::move(now)) {}
  void Serve(rpc::Server& server);

 private:
  absl::Status SendProgrammeVersion(rpc::Call& call, const v1::SendProgrammeVersionRequest& request,
                                    v1::RegisterSubmission* response);
  absl::Status CancelRegisterSubmission(rpc::Call& call,
                                        const v1::CancelRegisterSubmissionRequest& request,
                                        v1::RegisterSubmission* response);
  absl::Status GetRegisterSubmissionContent(rpc::Call& call,
                                            const v1::GetRegisterSubmissionContentRequest& request,
                                            v1::RegisterSubmissionContent* response);

  resource::Engine& engine_;
  const bool connected_;
  const std::function<void()> wake_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs::submission

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_H_
