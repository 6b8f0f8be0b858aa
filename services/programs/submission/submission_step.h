// What steps of submissions share: who writes them, and how they end.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STEP_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STEP_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/journal/journal.h"
#include "rsnms/programs/v1/register_submission.pb.h"

namespace rsnms::programs {

// Author of what nobody asked for by a call.
inline journal::Author SubmissionAuthor() {
  journal::Author author;
  author.subject = "system:register-submission";
  return author;
}

// To the microsecond, as the database keeps it.
inline void SetTime(absl::Time time, google::protobuf::Timestamp* out) {
  const int64_t micros = absl::ToUnixMicros(time);
  int64_t seconds = micros / 1000000, rest = micros % 1000000;
  if (rest < 0) --seconds, rest += 1000000;
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(rest * 1000));
}

// Nothing is waited for any more.
inline void EndSubmission(v1::RegisterSubmission::State state, absl::Time now,
                          v1::RegisterSubmission& submission) {
  submission.set_state(state);
  submission.clear_next_attempt_time();
  submission.set_failure_count(0);
  submission.clear_last_error();
  SetTime(now, submission.mutable_end_time());
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_STEP_H_
