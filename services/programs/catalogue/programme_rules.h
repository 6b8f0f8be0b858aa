// What a programme must satisfy, beyond what its contract declares. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::programme_rules {

// Least work of a learner, academic hours (приказ Минобрнауки № 499, clause 12).
inline constexpr int kLeastDevelopmentHours = 16;
inline constexpr int kLeastRetrainingHours = 250;

// Fills what is left out (register_state NOT_LISTED, depth OVERVIEW), sorts and deduplicates
// topics. Refuses:
//   TOO_FEW_HOURS        hours below the minimum of the kind
//   OUT_OF_RANGE         more internship hours than hours
//   INVALID_REQUEST      a competency named twice or of another region
//   IMMUTABLE_FIELD      a person changing the number of a programme the register has listed
absl::Status Check(resource::Change change, const v1::Programme* before, v1::Programme* after);

}  // namespace rsnms::programs::programme_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_
