// The life of an enrolment and what its end freezes. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::enrolment_rules {

using State = v1::Enrolment::State;

// True when the one table of transitions holds the step.
bool MayMove(State from, State to);

// True for APPLIED, ENROLLED and IN_PROGRESS.
bool Living(State state);

// Moves the enrolment; FAILED_PRECONDITION INVALID_STATE when the table lacks the step.
absl::Status Move(v1::Enrolment& enrolment, State to, absl::Time now);

// The rule of every write: the state begins living and moves by the table, DIAGNOSTICS names a
// route, days are in order, only an application may be deleted.
absl::Status Check(resource::Change change, const v1::Enrolment* before, v1::Enrolment* after);

// Key under which a provider's certificate numbers are unique.
std::string ProviderKey(const v1::Programme& programme);

// The completion an enrolment in this programme gives, without name. OUT_OF_RANGE when the day lies
// before the first day of learning or is unset; REQUIRED_FIELD_MISSING without a number.
absl::StatusOr<v1::Completion> MakeCompletion(const v1::Enrolment& enrolment,
                                              const v1::Programme& programme,
                                              std::string_view certificate_number,
                                              const google::type::Date& completion_date);

}  // namespace rsnms::programs::enrolment_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_
