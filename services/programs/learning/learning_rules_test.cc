// The pure rules of learning.
#include <gtest/gtest.h>

#include <string>

#include "libs/rpc/status.h"
#include "services/programs/learning/acceptance_rules.h"
#include "services/programs/learning/cascade_rules.h"
#include "services/programs/learning/record_rules.h"
#include "services/programs/learning/settings_rules.h"
#include "services/programs/learning/team_rules.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using resource::Change;

constexpr absl::CivilDay kToday(2026, 6, 1);

std::string Name(const std::string& collection, int n) {
  return NameOf("86", collection, Cat("01900000-0000-7000-8000-00000000000", n));
}

google::type::Date On(int month, int day) {
  google::type::Date date;
  date.set_year(2026);
  date.set_month(month);
  date.set_day(day);
  return date;
}

v1::LearningRecord Record(v1::LearningKind kind) {
  v1::LearningRecord record;
  record.set_name(Name("learningRecords", 1));
  record.set_person(Name("persons", 1));
  record.set_organisation(Name("organisations", 1));
  record.set_kind(kind);
  record.set_state(v1::LearningRecord::STATE_PLANNED);
  *record.mutable_start_date() = On(3, 2);
  *record.mutable_end_date() = On(3, 2);
  record.set_hours(24);
  return record;
}

std::string Created(v1::LearningRecord record) {
  return rpc::ReasonOf(record_rules::Check(Change::kCreate, nullptr, &record, kToday));
}

TEST(RecordRules, HoursFitTheDays) {
  auto record = Record(v1::LEARNING_KIND_SELF_STUDY);
  EXPECT_EQ(Created(record), "");
  record.set_hours(25);
  EXPECT_EQ(Created(record), "OUT_OF_RANGE");
  *record.mutable_end_date() = On(3, 3);
  EXPECT_EQ(Created(record), "");
  *record.mutable_end_date() = On(3, 1);
  EXPECT_EQ(Created(record), "OUT_OF_RANGE");
}

TEST(RecordRules, WhatOnlySomeKindsHaveIsRefusedOfOthers) {
  auto record = Record(v1::LEARNING_KIND_OTHER);
  record.set_site(Name("sites", 1));
  EXPECT_EQ(Created(record), "INVALID_REQUEST");
  record = Record(v1::LEARNING_KIND_OTHER);
  record.set_host_organisation(Name("organisations", 2));
  EXPECT_EQ(Created(record), "INVALID_REQUEST") << "a host gets rights";
  record = Record(v1::LEARNING_KIND_OTHER);
  record.set_self_education_theme(Name("selfEducationThemes", 1));
  EXPECT_EQ(Created(record), "INVALID_REQUEST");
  record = Record(v1::LEARNING_KIND_OTHER);
  record.set_route_item_id("3");
  EXPECT_EQ(Created(record), "INVALID_REQUEST");
  record = Record(v1::LEARNING_KIND_OTHER);
  record.add_competencies(Name("competencies", 1));
  EXPECT_EQ(Created(record), "");
  record.add_competencies(Name("competencies", 1));
  EXPECT_EQ(Created(record), "INVALID_REQUEST");
}

TEST(RecordRules, ACourseOutsideNamesItsProvider) {
  auto record = Record(v1::LEARNING_KIND_COURSE_OUTSIDE);
  EXPECT_EQ(Created(record), "PROVIDER_REQUIRED");
  record.set_provider_title("Университет");
  EXPECT_EQ(Created(record), "");
}

TEST(RecordRules, ASiteIsTheHostsWithStatusOnTheFirstDay) {
  auto record = Record(v1::LEARNING_KIND_INTERNSHIP);
  record.set_host_organisation(Name("organisations", 2));
  const auto told = [&](const registry::v1::Site* site) {
    return rpc::ReasonOf(record_rules::CheckSite(record, site));
  };
  EXPECT_EQ(told(nullptr), "SITE_UNFIT");
  registry::v1::Site site;
  site.set_organisation(record.host_organisation());
  site.set_state(registry::v1::Site::STATE_STATUS_GRANTED);
  EXPECT_EQ(told(&site), "");
  *site.mutable_status_from_date() = On(3, 3);
  EXPECT_EQ(told(&site), "SITE_UNFIT");
  *site.mutable_status_from_date() = On(3, 2);
  *site.mutable_status_until_date() = On(3, 1);
  EXPECT_EQ(told(&site), "SITE_UNFIT");
  *site.mutable_extended_until_date() = On(3, 2);
  EXPECT_EQ(told(&site), "") << "extended";
  site.set_organisation(record.organisation());
  EXPECT_EQ(told(&site), "SITE_UNFIT");
}

TEST(SettingsRules, WhatIsUnsetStandsAsTheFieldsSay) {
  const auto rules = settings_rules::Complete({});
  EXPECT_EQ(rules.corporate_hours_minimum(), 72);
  EXPECT_EQ(rules.corporate_kinds_size(), 3);
  EXPECT_EQ(rules.team_rule(), v1::TEAM_RULE_HALF);
  EXPECT_EQ(rules.daily_hours_maximum(), 24);
  auto days = settings_rules::YearOf(rules, 2025);
  EXPECT_EQ(days.first, absl::CivilDay(2025, 9, 1));
  EXPECT_EQ(days.last, absl::CivilDay(2026, 8, 31));
  v1::LearningRules set;
  set.set_corporate_hours_minimum(0);
  set.set_year_start_month(1);
  set.add_corporate_kinds(v1::LEARNING_KIND_ACADEMY);
  set.set_team_rule(v1::TEAM_RULE_ALL);
  set.set_daily_hours_maximum(8);
  EXPECT_EQ(settings_rules::Complete(set).SerializeAsString(), set.SerializeAsString());
  days = settings_rules::YearOf(set, 2025);
  EXPECT_EQ(days.first, absl::CivilDay(2025, 1, 1));
  EXPECT_EQ(days.last, absl::CivilDay(2025, 12, 31));
}

// The words of monitoring: at least half is 2·n ≥ members, exactly.
bool Trained(v1::TeamRule rule, int members, int completed, bool leader) {
  switch (rule) {
    case v1::TEAM_RULE_LEADER:
      return leader;
    case v1::TEAM_RULE_ALL:
      return members > 0 && completed == members;
    default:
      return members > 0 && 2 * completed >= members;
  }
}

TEST(TeamRules, LackingIsTheLeastNumberThatMakesTheTeamTrained) {
  for (int members = 1; members <= 50; ++members) {
    for (int completed = 0; completed <= members; ++completed) {
      for (const auto rule : {v1::TEAM_RULE_UNSPECIFIED, v1::TEAM_RULE_HALF, v1::TEAM_RULE_ALL}) {
        const int lacking = team_rules::Lacking(rule, {members, completed, false});
        EXPECT_EQ(lacking == 0, Trained(rule, members, completed, false));
        EXPECT_TRUE(Trained(rule, members, completed + lacking, false));
        EXPECT_FALSE(lacking > 0 && Trained(rule, members, completed + lacking - 1, false));
      }
      EXPECT_EQ(team_rules::Lacking(v1::TEAM_RULE_LEADER, {members, completed, true}), 0);
      EXPECT_EQ(team_rules::Lacking(v1::TEAM_RULE_LEADER, {members, completed, false}), 1);
    }
  }
  EXPECT_GT(team_rules::Lacking(v1::TEAM_RULE_ALL, {0, 0, false}), 0) << "nobody is not trained";
}

TEST(CascadeRules, ParticipantsAreOthersEachOnce) {
  v1::CascadeSession session;
  session.set_leader(Name("persons", 1));
  session.add_participants(Name("persons", 2));
  const auto told = [&] {
    return rpc::ReasonOf(cascade_rules::Check(Change::kCreate, nullptr, &session));
  };
  EXPECT_EQ(told(), "");
  session.add_participants(Name("persons", 2));
  EXPECT_EQ(told(), "REPEATED_PARTICIPANT");
  session.set_participants(1, Name("persons", 1));
  EXPECT_EQ(told(), "LEADER_PARTICIPATES");
}

TEST(AcceptanceRules, NamesOneThingLearnedByThePersonAndSeenByAnother) {
  v1::PracticeAcceptance acceptance;
  acceptance.set_person(Name("persons", 1));
  acceptance.set_observer(Name("persons", 2));
  *acceptance.mutable_shown_date() = On(4, 1);
  const auto told = [&] {
    return rpc::ReasonOf(acceptance_rules::Check(Change::kCreate, nullptr, &acceptance, kToday));
  };
  EXPECT_EQ(told(), "SUBJECT_REQUIRED");
  v1::Completion completion;
  completion.set_person(Name("persons", 2));
  *completion.mutable_completion_date() = On(4, 2);
  EXPECT_EQ(rpc::ReasonOf(acceptance_rules::TakeFrom(completion, &acceptance)), "SUBJECT_MISMATCH");
  completion.set_person(Name("persons", 1));
  completion.set_route(Name("routes", 1));
  completion.set_route_item_id("3");
  EXPECT_TRUE(acceptance_rules::TakeFrom(completion, &acceptance).ok());
  EXPECT_EQ(acceptance.route_item_id(), "3");
  acceptance.set_completion(Name("completions", 1));
  EXPECT_EQ(told(), "OUT_OF_RANGE") << "shown before it was learned";
  *acceptance.mutable_shown_date() = On(4, 2);
  EXPECT_EQ(told(), "");
  acceptance.set_observer(acceptance.person());
  EXPECT_EQ(told(), "SUPERVISOR_IS_LEARNER");
}

}  // namespace
}  // namespace rsnms::programs
