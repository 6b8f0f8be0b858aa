// The operator's desk for programmes: rsnms.federal.v1.ProgrammeSubmissions, from memory, with
// misbehaviour on demand. What it accepts stands in the register's pages.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_SUBMISSION_SIM_H_
#define RSNMS_TOOLS_FEDERAL_SIM_SUBMISSION_SIM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/federal/v1/programme_submissions.pb.h"
#include "tools/federal_sim/register_sim.h"

namespace rsnms::federal_sim {

// What the desk does wrong on purpose; counted, or drawn from the seed.
struct DeskMisbehaviour {
  int unavailable_every = 0;  // each n-th call answers UNAVAILABLE and does nothing
  int exhausted_every = 0;    // each n-th call answers RESOURCE_EXHAUSTED with RetryInfo
  absl::Duration retry_delay = absl::Milliseconds(20);
  int internal_every = 0;  // each n-th call does all, then answers INTERNAL
  int lose_every = 0;      // each n-th call does all, then answers UNAVAILABLE
  int hang_every = 0;      // each n-th call does all, then keeps silent for `hang`
  absl::Duration hang = absl::Seconds(30);
  int twice_every = 0;       // each n-th call is delivered twice
  int stranger_every = 0;    // each n-th answer is about another submission
  int broken_every = 0;      // each n-th answer contradicts its contract, in turns
  int late = 0;              // so many questions more before a decision is told
  int forget_every = 0;      // each n-th question finds nothing, though it is held
  bool forget_all = false;   // questions find nothing
  int unsteady_percent = 0;  // so many calls of a hundred go wrong in one of these ways
  uint64_t seed = 1;         // of the unsteady calls
};

// Reads words such as `lose:3,late:2,unsteady:20` (README.md has them all). INVALID_ARGUMENT names
// the word it does not know.
absl::StatusOr<DeskMisbehaviour> ParseDeskMisbehaviour(std::string_view text);

// Thread-safe. Holds at most 10 000 applications and 256 MiB of them, refusing more as
// RESOURCE_EXHAUSTED: what has a receipt is not forgotten.
class SubmissionSim {
 public:
  // What becomes of an application.
  struct Decision {
    std::string refused_field;  // not received: INVALID_ARGUMENT about this field
    bool declined = false;
    std::vector<federal::v1::SubmissionRemark> remarks;
  };
  // An application as it is held.
  struct Held {
    federal::v1::ProgrammeSubmission submission;
    std::string content;
    int deliveries = 0;  // how often it came
    int questions = 0;   // how often it was asked about
    Decision decision;
  };

  // Accepted programmes are put into `programme_register`, which outlives this.
  explicit SubmissionSim(RegisterSim* programme_register) : register_(programme_register) {}

  void Serve(rpc::Server& server);
  void Set(const DeskMisbehaviour& misbehaviour);
  // Decides on what comes from now on; everything is accepted otherwise. Called under the lock.
  void DecideBy(std::function<Decision(const federal::v1::ProgrammeApplication&)> decide);
  // Questions before a decision: RECEIVED, then IN_REVIEW in between.
  void SetQuestions(int questions);
  // Loses an application it has given a receipt for.
  void Lose(const std::string& name);

  std::vector<Held> Truth() const;  // in order of names
  int64_t calls() const;

 private:
  // How a call goes wrong.
  enum class Mishap {
    kNone,
    kUnavailable,  // before anything is done
    kExhausted,
    kInternal,  // after everything is done
    kLost,
    kHang,
    kTwice,
    kStranger,
    kBroken,
    kForget,
  };

  absl::Status Submit(rpc::Call& call, const federal::v1::SubmitProgrammeRequest& request,
                      federal::v1::ProgrammeSubmission* response);
  absl::Status Get(rpc::Call& call, const federal::v1::GetProgrammeSubmissionRequest& request,
                   federal::v1::ProgrammeSubmission* response);
  Mishap Draw() ABSL_LOCKS_EXCLUDED(mutex_);
  // What is answered instead of, or with, a good answer.
  absl::Status Spoil(rpc::Call& call, Mishap mishap, federal::v1::ProgrammeSubmission* response)
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Receive(const federal::v1::SubmitProgrammeRequest& request,
                       federal::v1::ProgrammeSubmission* response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Question(const std::string& name, federal::v1::ProgrammeSubmission* response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Decide(Held& held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Break(federal::v1::ProgrammeSubmission* response) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  RegisterSim* const register_;
  mutable absl::Mutex mutex_;
  std::map<std::string, Held> held_ ABSL_GUARDED_BY(mutex_);  // by name
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;                  // of contents
  DeskMisbehaviour misbehaviour_ ABSL_GUARDED_BY(mutex_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_){1};
  std::function<Decision(const federal::v1::ProgrammeApplication&)> decide_ ABSL_GUARDED_BY(mutex_);
  int questions_ ABSL_GUARDED_BY(mutex_) = 2;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t received_ ABSL_GUARDED_BY(mutex_) = 0, listed_ ABSL_GUARDED_BY(mutex_) = 0,
                    broken_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_SUBMISSION_SIM_H_
