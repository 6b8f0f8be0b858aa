#include "services/programs/enrolment/risk_rules.h"

#include <algorithm>

#include "absl/time/time.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs::risk_rules {
namespace {

using v1::Enrolment;

// The enrolment's own day, else the group's.
std::optional<absl::CivilDay> Either(bool own, const google::type::Date& day, bool groups,
                                     const google::type::Date& group_day) {
  if (own) return ToCivil(day);
  if (groups) return ToCivil(group_day);
  return std::nullopt;
}

std::optional<absl::CivilDay> Begins(const Enrolment& enrolment, const v1::Group& group) {
  return Either(enrolment.has_start_date(), enrolment.start_date(), group.has_start_date(),
                group.start_date());
}

absl::CivilDay DayOf(const google::protobuf::Timestamp& time) {
  return absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

// The day of the order that made it what it is; where nobody said one, that of the record.
absl::CivilDay Recorded(const Enrolment& enrolment) {
  if (enrolment.has_state_date()) return ToCivil(enrolment.state_date());
  return DayOf(enrolment.has_state_time() ? enrolment.state_time() : enrolment.create_time());
}

// The day of the order puts off what the calendar of the group says.
std::optional<absl::CivilDay> BeginsAgain(const Enrolment& enrolment, const v1::Group& group) {
  auto begins = Begins(enrolment, group);
  if (!begins) return Recorded(enrolment);
  return enrolment.has_state_date() ? std::max(*begins, ToCivil(enrolment.state_date())) : begins;
}

}  // namespace

absl::CivilDay ToCivil(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::vector<v1::RiskRule> AllRules() {
  return {v1::RISK_RULE_LATE_START,    v1::RISK_RULE_NO_ACTIVITY,   v1::RISK_RULE_OVERDUE,
          v1::RISK_RULE_DEFERRAL_OVER, v1::RISK_RULE_STILL_WAITING, v1::RISK_RULE_GROUP_ENDED,
          v1::RISK_RULE_DEFERRAL_OPEN};
}

int ThresholdOf(v1::RiskRule rule, const v1::RiskSettings& settings) {
  switch (rule) {
    case v1::RISK_RULE_LATE_START:
      return settings.has_late_start_days() ? settings.late_start_days() : 3;
    case v1::RISK_RULE_NO_ACTIVITY:
      return settings.has_inactive_days() ? settings.inactive_days() : 14;
    case v1::RISK_RULE_OVERDUE:
      return settings.overdue_days();
    case v1::RISK_RULE_DEFERRAL_OVER:
      return settings.deferral_over_days();
    case v1::RISK_RULE_STILL_WAITING:
      return settings.still_waiting_days();
    case v1::RISK_RULE_DEFERRAL_OPEN:
      return settings.has_open_deferral_days() ? settings.open_deferral_days() : 30;
    default:
      return 0;
  }
}

std::optional<absl::CivilDay> BaseOf(v1::RiskRule rule, const Enrolment& enrolment,
                                     const v1::Group& group) {
  const auto state = enrolment.state();
  switch (rule) {
    case v1::RISK_RULE_LATE_START:
      if (state != Enrolment::STATE_ENROLLED) return std::nullopt;
      return BeginsAgain(enrolment, group);
    case v1::RISK_RULE_NO_ACTIVITY: {
      if (state != Enrolment::STATE_IN_PROGRESS) return std::nullopt;
      const auto begins = BeginsAgain(enrolment, group);
      if (!enrolment.has_last_activity_date()) return begins;
      const absl::CivilDay seen = ToCivil(enrolment.last_activity_date());
      return begins ? std::max(seen, *begins) : seen;
    }
    case v1::RISK_RULE_OVERDUE:
      if (state != Enrolment::STATE_ENROLLED && state != Enrolment::STATE_IN_PROGRESS) {
        return std::nullopt;
      }
      return Either(enrolment.has_planned_end_date(), enrolment.planned_end_date(),
                    group.has_end_date(), group.end_date());
    case v1::RISK_RULE_DEFERRAL_OVER:
      if (state != Enrolment::STATE_DEFERRED) return std::nullopt;
      return Either(enrolment.has_deferred_until_date(), enrolment.deferred_until_date(), false,
                    group.end_date());
    case v1::RISK_RULE_STILL_WAITING:
      if (enrolment.seat() != v1::ENROLMENT_SEAT_WAITING) return std::nullopt;
      return Either(false, group.start_date(), group.has_start_date(), group.start_date());
    case v1::RISK_RULE_GROUP_ENDED:
      if (state != Enrolment::STATE_DEFERRED || (group.state() != v1::Group::STATE_FINISHED &&
                                                 group.state() != v1::Group::STATE_CANCELLED)) {
        return std::nullopt;
      }
      return std::min(ToCivil(group.end_date()), DayOf(group.update_time()));
    case v1::RISK_RULE_DEFERRAL_OPEN:
      if (state != Enrolment::STATE_DEFERRED || enrolment.has_deferred_until_date() ||
          !enrolment.group().empty()) {
        return std::nullopt;
      }
      return Recorded(enrolment);
    default:
      return std::nullopt;
  }
}

absl::CivilDay SinceOf(absl::CivilDay base, int threshold_days) {
  return base + threshold_days + 1;
}

absl::Status CheckSettings(resource::Change, const v1::RiskSettings*, v1::RiskSettings* after) {
  if (IdOf(after->name()) == "default") return absl::OkStatus();
  return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                           "must end with riskSettings/default",
                           "у региона одни настройки: riskSettings/default");
}

}  // namespace rsnms::programs::risk_rules
