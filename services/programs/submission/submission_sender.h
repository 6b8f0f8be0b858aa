// Carries submissions to the federal register, step by step. A step is at most one transaction that
// claims the submission, remote calls outside of any transaction, and one transaction that writes
// what came of them, together with the version's step. Whatever is sent goes under the submission's
// own id, so a process killed at any point, or two replicas at work on one submission, deliver it
// once: the register holds one application, and its decision is recorded once.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_SENDER_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_SENDER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/rpc/client.h"
#include "rsnms/federal/v1/programme_submissions.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/register_submission.pb.h"

namespace rsnms::programs {

struct SenderOptions {
  double calls_per_second = 5;  // remote calls of the process
  absl::Duration call_timeout = absl::Seconds(15);
  absl::Duration lease_margin = absl::Seconds(5);  // beside the calls a claim covers
  absl::Duration backoff = absl::Seconds(1);       // after the first failure; doubled, with jitter
  absl::Duration greatest_backoff = absl::Minutes(10);
  absl::Duration greatest_retry_delay = absl::Hours(1);  // whatever the register asks for
  absl::Duration least_poll = absl::Minutes(1);          // between questions about a decision
  absl::Duration greatest_poll = absl::Hours(1);
  std::function<absl::Time()> now = absl::Now;
  // Called at named points between and inside transactions; an error ends the step there, as a
  // killed process would. For tests.
  std::function<absl::Status(std::string_view point)> interrupt;
};

// Stateless but for the rate of calls; one thread at a time.
class SubmissionSender {
 public:
  using Submission = v1::RegisterSubmission;

  SubmissionSender(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                   SenderOptions options);

  // A page of submissions whose next step has come, in order of names, those after `after`; the
  // last page is shorter than submission_store::kPage.
  absl::StatusOr<std::vector<Submission>> Due(std::string_view after = "");

  // One step. Answers how long to leave it alone: zero after progress, back-off after a failed
  // call, the time to the next question while the register has not decided. An error is the
  // database's: nothing was changed, try again later.
  absl::StatusOr<absl::Duration> Step(const Submission& seen);

 private:
  using Answer = federal::v1::ProgrammeSubmission;
  using Change = std::function<void(Submission&)>;
  using Then = std::function<absl::Status(pg::Tx&, const v1::ProgrammeVersion&)>;

  // Locks version and submission, in this order as people's steps do. When the submission still
  // stands where the caller saw it, writes `change` of it, then does `then`. The new image; nothing
  // when somebody else was faster, what they did stands.
  absl::StatusOr<std::optional<Submission>> Advance(const Submission& seen, const Change& change,
                                                    const Then& then = nullptr);
  absl::Status Interrupt(std::string_view point) const;
  void WaitForTurn();

  absl::StatusOr<absl::Duration> Send(const Submission& seen);
  absl::StatusOr<absl::Duration> Poll(const Submission& seen);
  // Writes the receipt: from now on it has certainly arrived.
  absl::StatusOr<absl::Duration> Arrived(const Submission& seen, const Answer& answer);
  // Asks what the register holds under the id before a refusal is believed.
  absl::StatusOr<absl::Duration> Refused(const Submission& seen, const absl::Status& refusal);
  absl::StatusOr<absl::Duration> End(const Submission& seen, const absl::Status& refusal);
  // The register does not know what it gave a receipt for: the same is sent again under the same
  // id.
  absl::StatusOr<absl::Duration> Lost(const Submission& seen, const absl::Status& answer);
  absl::StatusOr<absl::Duration> Undecided(const Submission& seen, const Answer& answer);
  absl::StatusOr<absl::Duration> Accepted(const Submission& seen, const Answer& answer);
  absl::StatusOr<absl::Duration> Declined(const Submission& seen, const Answer& answer);
  absl::StatusOr<absl::Duration> Failed(const Submission& seen, const absl::Status& failure);
  // The outcome of a transaction that ends a submission; a decision the version cannot take is kept
  // as a failure and asked for again, until a person has made room for it or recorded it.
  absl::StatusOr<absl::Duration> Ended(const Submission& seen,
                                       const absl::StatusOr<std::optional<Submission>>& written);

  // The calls. An answer that is none to this submission is an error.
  absl::Status Submit(const Submission& submission, Answer* answer);
  absl::Status Ask(const Submission& submission, Answer* answer);
  absl::StatusOr<std::string> ReadContent(const Submission& submission);

  absl::Status TakeEntry(pg::Tx& tx, const v1::ProgrammeVersion& version, const Answer& answer);
  absl::Status TakeRefusal(pg::Tx& tx, const v1::ProgrammeVersion& version, std::string reason,
                           const google::type::Date& day);

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> federal_;
  const SenderOptions options_;
  const resource::Table<Submission> submissions_;
  const resource::Table<v1::ProgrammeVersion> versions_;
  absl::BitGen bits_;
  absl::Time next_call_ = absl::InfinitePast();
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_SENDER_H_
