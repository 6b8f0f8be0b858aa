#include "services/programs/learning/settings_rules.h"

#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::settings_rules {
namespace {

constexpr int kCorporateHours = 72;   // Dagestan, rule R01
constexpr int kSchoolYearBegins = 9;  // September
constexpr int kHoursOfDay = 24;

}  // namespace

absl::Status Check(resource::Change, const v1::LearningRules*, v1::LearningRules* after) {
  if (IdOf(after->name()) != "default") {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             "must end with learningRules/default",
                             "у региона одни правила: learningRules/default");
  }
  absl::flat_hash_set<int> seen;
  for (int i = 0; i < after->corporate_kinds_size(); ++i) {
    if (!seen.insert(after->corporate_kinds(i)).second) {
      return learning::Misplaced(Cat("corporate_kinds[", i, "]"), "is named twice",
                                 "вид обучения указан дважды");
    }
  }
  return absl::OkStatus();
}

v1::LearningRules Complete(v1::LearningRules rules) {
  if (!rules.has_corporate_hours_minimum()) rules.set_corporate_hours_minimum(kCorporateHours);
  if (!rules.has_year_start_month()) rules.set_year_start_month(kSchoolYearBegins);
  if (!rules.has_daily_hours_maximum()) rules.set_daily_hours_maximum(kHoursOfDay);
  if (rules.corporate_kinds().empty()) {
    rules.add_corporate_kinds(v1::LEARNING_KIND_INTERNSHIP);
    rules.add_corporate_kinds(v1::LEARNING_KIND_SELF_STUDY);
    rules.add_corporate_kinds(v1::LEARNING_KIND_CASCADE);
  }
  if (rules.team_rule() == v1::TEAM_RULE_UNSPECIFIED) rules.set_team_rule(v1::TEAM_RULE_HALF);
  return rules;
}

Days YearOf(const v1::LearningRules& rules, int year) {
  const absl::CivilMonth first(year, rules.year_start_month());
  return {absl::CivilDay(first), absl::CivilDay(first + 12) - 1};
}

}  // namespace rsnms::programs::settings_rules
