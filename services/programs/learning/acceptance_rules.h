// What must hold inside one acceptance into practice. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_ACCEPTANCE_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_ACCEPTANCE_RULES_H_

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/practice_acceptance.pb.h"

namespace rsnms::programs::acceptance_rules {

// Whether it names one thing that was learned: SUBJECT_REQUIRED.
absl::Status CheckSubject(const v1::PracticeAcceptance& acceptance);

// Copies day and route of what was learned; SUBJECT_MISMATCH when it is another person's,
// LEARNING_NOT_ACCEPTED.
absl::Status TakeFrom(const v1::Completion& completion, v1::PracticeAcceptance* acceptance);
absl::Status TakeFrom(const v1::LearningRecord& record, v1::PracticeAcceptance* acceptance);

// The rule of every write. `latest` is the last day that has begun anywhere in Russia.
// LEARNING_FROZEN; SUPERVISOR_IS_LEARNER, INVALID_REQUEST; OUT_OF_RANGE for what was shown before
// the learning ended, for what is handed in and still to come, and for the day of the acceptance;
// EVIDENCE_REQUIRED. Forgets the reason of a return once it is handed in again.
absl::Status Check(resource::Change change, const v1::PracticeAcceptance* before,
                   v1::PracticeAcceptance* after, absl::CivilDay latest);

}  // namespace rsnms::programs::acceptance_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_ACCEPTANCE_RULES_H_
