// The life of an enrolment and what its end freezes. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::enrolment_rules {

using State = v1::Enrolment::State;

// True when a step that the contract declares (in Programs or Training) leads there.
bool MayMove(State from, State to);

// True for APPLIED, ENROLLED, IN_PROGRESS and DEFERRED: the person learns by the programme.
bool Living(State state);
// True for APPLIED, ENROLLED and IN_PROGRESS.
bool MayBeginAs(State state);

// Moves the enrolment; FAILED_PRECONDITION INVALID_STATE when no step leads there.
absl::Status Move(v1::Enrolment& enrolment, State to, absl::Time now);

// Whether a step may take effect that day (null when nobody said): not before the last day known of
// a step, of the order of enrolment, and of learning once it has begun (STEP_OUT_OF_ORDER); not to
// come (OUT_OF_RANGE). `field` is the request's.
absl::Status CheckDay(const v1::Enrolment& before, const google::type::Date* day, absl::Time now,
                      std::string_view field);

// What a step that was just made in `after` leaves behind beside the state: when, why, since what
// day (the last one said stays when `day` is null), and the seat given up by whoever leaves.
void Conclude(const v1::Enrolment& before, const google::type::Date* day, std::string_view reason,
              absl::Time now, v1::Enrolment* after);

// Whether the group lets the enrolment become what it is in `after`: DATES_OUTSIDE_GROUP,
// GROUP_NOT_RUNNING, ENTRY_ and EXIT_DIAGNOSTICS_MISSING. `before` is null when it is created.
absl::Status CheckInGroup(const v1::Enrolment* before, const v1::Enrolment& after,
                          const v1::Group& group);

// The last day that has begun somewhere in Russia, as everywhere in this service (LatestDay).
google::type::Date LastDay(absl::Time now);

// Whether learning may have ended that day: not to come; and of an enrolment that says no day of
// its own and has no group, at most kBackRecordedYears before it was recorded. OUT_OF_RANGE.
constexpr int kBackRecordedYears = 3;
absl::Status CheckCompletionDay(const v1::Enrolment& before, const google::type::Date& day,
                                absl::Time now);

// Days in order of the calendar.
bool Before(const google::type::Date& a, const google::type::Date& b);

// The rule of every write: the state begins living and moves by declared steps, each not before the
// last one; DIAGNOSTICS names a route, days are in order, sessions of diagnostics are two and stand
// once learning has ended; only an application outside a group may be deleted.
absl::Status Check(resource::Change change, const v1::Enrolment* before, v1::Enrolment* after);

// Key under which a provider's certificate numbers are unique.
std::string ProviderKey(const v1::Programme& programme);

// The completion an enrolment in this programme gives, without name. OUT_OF_RANGE when the day lies
// before the order of enrolment, the first day of learning or the last step, or is unset;
// REQUIRED_FIELD_MISSING without a number.
absl::StatusOr<v1::Completion> MakeCompletion(const v1::Enrolment& enrolment,
                                              const v1::Programme& programme,
                                              std::string_view certificate_number,
                                              const google::type::Date& completion_date);

}  // namespace rsnms::programs::enrolment_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_RULES_H_
