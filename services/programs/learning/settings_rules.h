// How a region counts learning, with what stands while it says nothing. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_SETTINGS_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_SETTINGS_RULES_H_

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/learning_rules.pb.h"

namespace rsnms::programs::settings_rules {

// The rule of every write: INVALID_NAME but for `default`, INVALID_REQUEST for a kind named twice.
absl::Status Check(resource::Change change, const v1::LearningRules* before,
                   v1::LearningRules* after);

// The rules with what is unset made explicit: 72 hours, September, INTERNSHIP, SELF_STUDY and
// CASCADE, HALF, 24 hours a day.
v1::LearningRules Complete(v1::LearningRules rules);

// First and last day of the year of corporate training that begins in `year`. Of complete rules.
struct Days {
  absl::CivilDay first, last;
};
Days YearOf(const v1::LearningRules& rules, int year);

}  // namespace rsnms::programs::settings_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_SETTINGS_RULES_H_
