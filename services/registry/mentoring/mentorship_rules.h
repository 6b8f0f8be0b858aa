// What must hold in a mentorship and in a membership of the league. Pure: images and facts in,
// status out. Field paths are relative to the resource.
#ifndef RSNMS_SERVICES_REGISTRY_MENTORING_MENTORSHIP_RULES_H_
#define RSNMS_SERVICES_REGISTRY_MENTORING_MENTORSHIP_RULES_H_

#include "absl/status/status.h"
#include "rsnms/registry/v1/mentor_school.pb.h"
#include "rsnms/registry/v1/mentoring_catalogue.pb.h"
#include "rsnms/registry/v1/mentorship.pb.h"

namespace rsnms::registry {

// The participants have not begun to work: everything may still change.
bool IsPreparing(v1::MentorshipState state);
// Not over: the participants' employments must carry it.
bool IsAlive(v1::MentorshipState state);
// The pair or group has been formed: pairs of people are taken for its days.
bool IsFormed(const v1::Mentorship& mentorship);

// What one image must show by itself, and what may change from `before` (null when created).
// Completes `passed_steps` and `skipped_steps`. INVALID_ARGUMENT OWN_MENTOR, REPEATED_MEMBER,
// END_BEFORE_START, OUTSIDE_MENTORSHIP, REQUIRED_FIELD_MISSING; FAILED_PRECONDITION
// MENTORSHIP_FIXED.
absl::Status CheckMentorship(const v1::Mentorship* before, v1::Mentorship& after);

// Only what has not begun is deleted. FAILED_PRECONDITION MENTORSHIP_FIXED.
absl::Status MayDelete(const v1::Mentorship& mentorship);

// What the model prescribes: numbers of people, and a last day, goals and a schedule once the
// participants work. FAILED_PRECONDITION GROUP_SIZE_MISMATCH, MENTORSHIP_INCOMPLETE.
absl::Status FitsModel(const v1::MentoringModelCard& model, const v1::Mentorship& mentorship);

// Whether somebody may still be added. FAILED_PRECONDITION INVALID_STATE.
absl::Status MayJoin(const v1::Mentorship& mentorship);

// INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckMentorSchool(const v1::MentorSchool& school);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_MENTORING_MENTORSHIP_RULES_H_
