// What must hold inside one group, and how its seats are counted. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_GROUP_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_GROUP_RULES_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/group.pb.h"

namespace rsnms::programs::group_rules {

// The rule of every write: OUT_OF_RANGE for dates in the wrong order, STAGES_OUT_OF_ORDER,
// SEATS_BELOW_TAKEN, IMMUTABLE_FIELD for the first day once the group runs, INVALID_STATE for a
// change of a group that has ended and for deleting one that runs or has run.
absl::Status Check(resource::Change change, const v1::Group* before, v1::Group* after);

// Whether people who learn may come: OPEN or RUNNING; `apply` wants OPEN. GROUP_NOT_OPEN.
absl::Status MayCome(const v1::Group& group, bool apply);

// Somebody comes: takes a free seat or, when `may_wait`, the last place of the waiting list.
// NO_SEATS. Counts it in the group and says it in the enrolment.
absl::Status Arrive(bool may_wait, v1::Group* group, v1::Enrolment* enrolment);
// Somebody who had `seat` is gone.
void Leave(v1::EnrolmentSeat seat, v1::Group* group);
// How many of those who wait the free seats take in.
int Promotable(const v1::Group& group);
// The first who waits takes a free seat.
void Promote(v1::Group* group, v1::Enrolment* enrolment);

}  // namespace rsnms::programs::group_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_GROUP_RULES_H_
