// When a learner is at risk of not finishing: which day each rule counts from, and since when it
// holds. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_RULES_H_

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/enrolment_risk.pb.h"
#include "rsnms/programs/v1/group.pb.h"

namespace rsnms::programs::risk_rules {

// Rules in the order of the contract.
std::vector<v1::RiskRule> AllRules();

// Days the rule forgives: the region's, else the default of the contract.
int ThresholdOf(v1::RiskRule rule, const v1::RiskSettings& settings);

// The day the rule counts from; nothing when it does not look at such an enrolment. `group` is the
// default instance when there is none.
std::optional<absl::CivilDay> BaseOf(v1::RiskRule rule, const v1::Enrolment& enrolment,
                                     const v1::Group& group);
// The first day the rule holds.
absl::CivilDay SinceOf(absl::CivilDay base, int threshold_days);

// Settings are named `default`: INVALID_NAME.
absl::Status CheckSettings(resource::Change change, const v1::RiskSettings* before,
                           v1::RiskSettings* after);

absl::CivilDay ToCivil(const google::type::Date& date);
google::type::Date ToDate(absl::CivilDay day);

}  // namespace rsnms::programs::risk_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_RISK_RULES_H_
