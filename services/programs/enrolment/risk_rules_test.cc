#include "services/programs/enrolment/risk_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::risk_rules {
namespace {

using absl::CivilDay;
using E = v1::Enrolment;

v1::Group March() {
  v1::Group group;
  *group.mutable_start_date() = ToDate(CivilDay(2026, 3, 2));
  *group.mutable_end_date() = ToDate(CivilDay(2026, 3, 31));
  return group;
}

E In(E::State state) {
  E enrolment;
  enrolment.set_state(state);
  return enrolment;
}

// The first day the rule holds, by the default thresholds.
std::optional<CivilDay> Since(v1::RiskRule rule, const E& enrolment,
                              const v1::Group& group = March(),
                              const v1::RiskSettings& settings = {}) {
  const auto base = BaseOf(rule, enrolment, group);
  if (!base) return std::nullopt;
  return SinceOf(*base, ThresholdOf(rule, settings));
}

TEST(RiskRules, WhoIsEnrolledIsLateThreeDaysAfterTheFirstDay) {
  EXPECT_EQ(Since(v1::RISK_RULE_LATE_START, In(E::STATE_ENROLLED)), CivilDay(2026, 3, 6));
  E own = In(E::STATE_ENROLLED);
  *own.mutable_start_date() = ToDate(CivilDay(2026, 3, 10));
  EXPECT_EQ(Since(v1::RISK_RULE_LATE_START, own), CivilDay(2026, 3, 14));
  E resumed = In(E::STATE_ENROLLED);
  *resumed.mutable_state_date() = ToDate(CivilDay(2026, 3, 20));
  EXPECT_EQ(Since(v1::RISK_RULE_LATE_START, resumed), CivilDay(2026, 3, 24))
      << "nobody is late before the order that lets them learn";
  for (const auto state : {E::STATE_APPLIED, E::STATE_IN_PROGRESS, E::STATE_DEFERRED}) {
    EXPECT_EQ(Since(v1::RISK_RULE_LATE_START, In(state)), std::nullopt) << state;
  }
}

TEST(RiskRules, WhoLearnsIsMissedTwoWeeksAfterTheLastActivity) {
  E learner = In(E::STATE_IN_PROGRESS);
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, learner), CivilDay(2026, 3, 17));
  *learner.mutable_last_activity_date() = ToDate(CivilDay(2026, 3, 12));
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, learner), CivilDay(2026, 3, 27));
  *learner.mutable_last_activity_date() = ToDate(CivilDay(2026, 2, 20));
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, learner), CivilDay(2026, 3, 17))
      << "what was before learning does not shorten the time";
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, In(E::STATE_ENROLLED)), std::nullopt);
}

TEST(RiskRules, LearningIsOverdueTheDayAfterItsEnd) {
  EXPECT_EQ(Since(v1::RISK_RULE_OVERDUE, In(E::STATE_IN_PROGRESS)), CivilDay(2026, 4, 1));
  EXPECT_EQ(Since(v1::RISK_RULE_OVERDUE, In(E::STATE_ENROLLED)), CivilDay(2026, 4, 1));
  E own = In(E::STATE_IN_PROGRESS);
  *own.mutable_planned_end_date() = ToDate(CivilDay(2026, 2, 28));
  EXPECT_EQ(Since(v1::RISK_RULE_OVERDUE, own), CivilDay(2026, 3, 1));
  EXPECT_EQ(Since(v1::RISK_RULE_OVERDUE, In(E::STATE_COMPLETED)), std::nullopt);
  EXPECT_EQ(Since(v1::RISK_RULE_OVERDUE, In(E::STATE_IN_PROGRESS), {}), std::nullopt)
      << "without a term there is nothing to be late for";
}

TEST(RiskRules, ADeferralEndsAndAWaitingListOutlivesTheBeginning) {
  E deferred = In(E::STATE_DEFERRED);
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OVER, deferred), std::nullopt) << "without a term";
  *deferred.mutable_deferred_until_date() = ToDate(CivilDay(2026, 12, 31));
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OVER, deferred), CivilDay(2027, 1, 1));
  E waiting = In(E::STATE_APPLIED);
  EXPECT_EQ(Since(v1::RISK_RULE_STILL_WAITING, waiting), std::nullopt);
  waiting.set_seat(v1::ENROLMENT_SEAT_WAITING);
  EXPECT_EQ(Since(v1::RISK_RULE_STILL_WAITING, waiting), CivilDay(2026, 3, 3));
}

TEST(RiskRules, WhoIsDeferredInAGroupThatEndedHasNowhereToReturn) {
  v1::Group group = March();
  group.mutable_update_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(CivilDay(2026, 4, 5), absl::UTCTimeZone())));
  group.set_state(v1::Group::STATE_RUNNING);
  EXPECT_EQ(Since(v1::RISK_RULE_GROUP_ENDED, In(E::STATE_DEFERRED), group), std::nullopt);
  group.set_state(v1::Group::STATE_FINISHED);
  EXPECT_EQ(Since(v1::RISK_RULE_GROUP_ENDED, In(E::STATE_DEFERRED), group), CivilDay(2026, 4, 1));
  EXPECT_EQ(Since(v1::RISK_RULE_GROUP_ENDED, In(E::STATE_WITHDRAWN), group), std::nullopt);
  group.set_state(v1::Group::STATE_CANCELLED);
  group.mutable_update_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(CivilDay(2026, 2, 5), absl::UTCTimeZone())));
  EXPECT_EQ(Since(v1::RISK_RULE_GROUP_ENDED, In(E::STATE_DEFERRED), group), CivilDay(2026, 2, 6))
      << "from the day it was cancelled";
}

TEST(RiskRules, WhoIsDeferredWithoutGroupAndTermIsNotForgotten) {
  E deferred = In(E::STATE_DEFERRED);
  *deferred.mutable_state_date() = ToDate(CivilDay(2026, 1, 10));
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, deferred, {}), CivilDay(2026, 2, 10));
  deferred.mutable_state_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(CivilDay(2026, 1, 20), absl::UTCTimeZone())));
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, deferred, {}), CivilDay(2026, 2, 10));
  deferred.clear_state_date();
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, deferred, {}), CivilDay(2026, 2, 20));
  deferred.set_group("regions/86/groups/x");
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, deferred), std::nullopt) << "GROUP_ENDED watches";
  deferred.clear_group();
  *deferred.mutable_deferred_until_date() = ToDate(CivilDay(2026, 12, 31));
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, deferred, {}), std::nullopt) << "DEFERRAL_OVER does";
  EXPECT_EQ(Since(v1::RISK_RULE_DEFERRAL_OPEN, In(E::STATE_ENROLLED), {}), std::nullopt);
}

TEST(RiskRules, WhereNobodySaidADayTheRecordsOwnCounts) {
  E learner = In(E::STATE_IN_PROGRESS);
  learner.mutable_create_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(CivilDay(2026, 1, 10), absl::UTCTimeZone())));
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, learner, {}), CivilDay(2026, 1, 25));
  learner.mutable_state_time()->set_seconds(
      absl::ToUnixSeconds(absl::FromCivil(CivilDay(2026, 1, 20), absl::UTCTimeZone())));
  EXPECT_EQ(Since(v1::RISK_RULE_NO_ACTIVITY, learner, {}), CivilDay(2026, 2, 4));
}

TEST(RiskRules, ThresholdsOfTheRegionOutweighTheDefaults) {
  v1::RiskSettings settings;
  settings.set_late_start_days(0);
  settings.set_inactive_days(7);
  settings.set_overdue_days(5);
  settings.set_deferral_over_days(1);
  settings.set_still_waiting_days(2);
  settings.set_open_deferral_days(9);
  const int expected[] = {0, 7, 5, 1, 2, 0, 9}, defaults[] = {3, 14, 0, 0, 0, 0, 30};
  for (size_t i = 0; i < AllRules().size(); ++i) {
    EXPECT_EQ(ThresholdOf(AllRules()[i], settings), expected[i]);
    EXPECT_EQ(ThresholdOf(AllRules()[i], {}), defaults[i]);
  }
  EXPECT_EQ(Since(v1::RISK_RULE_LATE_START, In(E::STATE_ENROLLED), March(), settings),
            CivilDay(2026, 3, 3));
}

TEST(RiskRules, ARegionHasOneSetOfThresholds) {
  v1::RiskSettings settings;
  settings.set_name("regions/86/riskSettings/default");
  EXPECT_TRUE(CheckSettings(resource::Change::kCreate, nullptr, &settings).ok());
  settings.set_name("regions/86/riskSettings/other");
  EXPECT_EQ(rpc::ReasonOf(CheckSettings(resource::Change::kCreate, nullptr, &settings)),
            "INVALID_NAME");
}

}  // namespace
}  // namespace rsnms::programs::risk_rules
