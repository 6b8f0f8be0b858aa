#include "services/programs/enrolment/group_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::group_rules {
namespace {

using resource::Change;
using v1::Group;

google::type::Date Day(int month, int day) {
  google::type::Date date;
  date.set_year(2026);
  date.set_month(month);
  date.set_day(day);
  return date;
}

Group March() {
  Group group;
  *group.mutable_start_date() = Day(3, 2);
  *group.mutable_end_date() = Day(3, 31);
  group.set_seats(2);
  group.set_state(Group::STATE_OPEN);
  return group;
}

void AddStage(Group* group, const google::type::Date& start, const google::type::Date& end) {
  auto* stage = group->add_stages();
  *stage->mutable_start_date() = start;
  *stage->mutable_end_date() = end;
}

std::string ReasonOf(const Group* before, Group after) {
  return rpc::ReasonOf(
      Check(before == nullptr ? Change::kCreate : Change::kUpdate, before, &after));
}

TEST(GroupRules, LearningEndsNotBeforeItBegins) {
  Group group = March();
  *group.mutable_end_date() = Day(3, 1);
  EXPECT_EQ(ReasonOf(nullptr, group), "OUT_OF_RANGE");
  *group.mutable_end_date() = Day(3, 2);
  EXPECT_EQ(ReasonOf(nullptr, group), "");
}

TEST(GroupRules, StagesFollowOneAnotherInsideTheGroup) {
  const struct {
    google::type::Date from1, to1, from2, to2;
    const char* reason;
  } cases[] = {
      {Day(3, 2), Day(3, 10), Day(3, 11), Day(3, 31), ""},
      {Day(3, 1), Day(3, 10), Day(3, 11), Day(3, 31), "STAGES_OUT_OF_ORDER"},
      {Day(3, 2), Day(3, 10), Day(3, 10), Day(3, 31), "STAGES_OUT_OF_ORDER"},
      {Day(3, 2), Day(3, 10), Day(3, 11), Day(4, 1), "STAGES_OUT_OF_ORDER"},
      {Day(3, 5), Day(3, 4), Day(3, 11), Day(3, 31), "STAGES_OUT_OF_ORDER"},
  };
  for (const auto& one : cases) {
    Group group = March();
    AddStage(&group, one.from1, one.to1);
    AddStage(&group, one.from2, one.to2);
    EXPECT_EQ(ReasonOf(nullptr, group), one.reason) << group.ShortDebugString();
  }
}

TEST(GroupRules, TheFirstDayIsFixedOnceTheGroupRuns) {
  Group before = March(), after = March();
  *after.mutable_start_date() = Day(3, 3);
  EXPECT_EQ(ReasonOf(&before, after), "");
  before.set_state(Group::STATE_RUNNING);
  after.set_state(Group::STATE_RUNNING);
  EXPECT_EQ(ReasonOf(&before, after), "IMMUTABLE_FIELD");
  *after.mutable_start_date() = before.start_date();
  *after.mutable_end_date() = Day(4, 7);
  EXPECT_EQ(ReasonOf(&before, after), "");
}

TEST(GroupRules, OnlyPlannedAndCancelledGroupsAreDeleted) {
  for (int state = Group::STATE_PLANNED; state <= Group::State_MAX; ++state) {
    Group group = March();
    group.set_state(static_cast<Group::State>(state));
    const bool allowed = state == Group::STATE_PLANNED || state == Group::STATE_CANCELLED;
    EXPECT_EQ(Check(Change::kDelete, &group, &group).ok(), allowed) << state;
  }
}

TEST(GroupRules, SeatsGoToThoseWhoComeThenTheListGrowsThenFreedSeatsTakeItIn) {
  Group group = March();
  v1::Enrolment a, b, c, d;
  EXPECT_TRUE(Arrive(false, &group, &a).ok());
  EXPECT_TRUE(Arrive(true, &group, &b).ok());
  EXPECT_EQ(rpc::ReasonOf(Arrive(false, &group, &c)), "NO_SEATS");
  EXPECT_EQ(c.seat(), v1::ENROLMENT_SEAT_UNSPECIFIED);
  EXPECT_TRUE(Arrive(true, &group, &c).ok());
  EXPECT_TRUE(Arrive(true, &group, &d).ok());
  EXPECT_EQ(c.waiting_number(), 1);
  EXPECT_EQ(d.waiting_number(), 2);
  EXPECT_EQ(Promotable(group), 0);
  Leave(a.seat(), &group);
  EXPECT_EQ(Promotable(group), 1);
  Promote(&group, &c);
  EXPECT_EQ(c.seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(Promotable(group), 0);
  group.set_seats(9);
  EXPECT_EQ(Promotable(group), 1) << "no more than wait";
  Leave(d.seat(), &group);
  EXPECT_EQ(group.waiting_count(), 0);
  EXPECT_EQ(group.taken_seats(), 2);
}

}  // namespace
}  // namespace rsnms::programs::group_rules
