// What is made of the federal register's answers to a submission. Pure: the register is outside and
// unreliable, so every answer is judged before it is believed.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"
#include "rsnms/federal/v1/programme_submissions.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/register_submission.pb.h"

namespace rsnms::programs::submission_rules {

// Still on its way: QUEUED, SENDING, SENT.
bool IsUnderWay(v1::RegisterSubmission::State state);

// What a failed call to hand an application in means. Refused: the register said that it does not
// receive this content, and would say so again. Everything else leaves open whether it was received
// (a lost answer, a slow register), or says nothing of the content (rights, a missing method): the
// same is sent again.
enum class Verdict { kRepeat, kRefused };
Verdict Judge(const absl::Status& failure);

// Whether an answer is one to this submission: its name, content, version, receipt; whether what it
// says of its state fits together. FAILED_PRECONDITION REGISTER_BROKEN, with what does not.
absl::Status CheckAnswer(const v1::RegisterSubmission& submission,
                         const federal::v1::ProgrammeSubmission& answer, absl::Time now);

// The register holds something else under the submission's name.
bool HoldsAnother(const v1::RegisterSubmission& submission,
                  const federal::v1::ProgrammeSubmission& answer);

// The answer's remarks, brought into what a database and a person can take; of a refused call the
// violations of fields it named.
std::vector<v1::RegisterRemark> RemarksOf(const federal::v1::ProgrammeSubmission& answer);
std::vector<v1::RegisterRemark> RemarksOf(const absl::Status& refusal);

// The version's reason, in Russian: the remarks one by one, as far as 4 000 characters go.
std::string ReasonText(const absl::Status& refusal, const std::vector<v1::RegisterRemark>& remarks);

// `UNAVAILABLE UPSTREAM_UNAVAILABLE`: code and reason alone, as texts of others are not ours to
// publish.
std::string ErrorText(const absl::Status& failure);

// The delay the register asked for; zero when it asked for none.
absl::Duration RetryDelay(const absl::Status& failure);

// Back-off after so many failures in a row, from half of it to all by `jitter` in [0, 1).
absl::Duration Backoff(absl::Duration first, absl::Duration greatest, int failures, double jitter);

// How long a decision is not asked for: a tenth of the time since it was sent, within the bounds.
absl::Duration PollRest(absl::Duration waited, absl::Duration least, absl::Duration greatest);

// The day a version is sent: today, but not before its approval or a former answer, which may bear
// a day that has not begun in Moscow.
google::type::Date SendingDay(const v1::ProgrammeVersion& version, absl::CivilDay today);

// The day of an answer as the version records it: the register's, but not before the sending.
google::type::Date AnswerDay(const v1::ProgrammeVersion& version, const google::type::Date& told);

}  // namespace rsnms::programs::submission_rules

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_RULES_H_
