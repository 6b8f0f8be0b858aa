#include "services/registry/community/community_rules.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "libs/rpc/status.h"
#include "services/registry/community/community_kinds.h"

namespace rsnms::registry {
namespace {

using resource::Change;

TEST(CommunityKindsCatalogue, EveryActKnowsItsKindsWithClauses) {
  std::set<int> acts;
  for (const auto& entry : CommunityKinds().entries()) {
    acts.insert(entry.act());
    EXPECT_FALSE(entry.title_ru().empty());
    EXPECT_FALSE(entry.clause().empty()) << entry.title_ru();
    EXPECT_NE(entry.kind(), v1::COMMUNITY_KIND_UNSPECIFIED) << entry.title_ru();
    EXPECT_NE(entry.level(), v1::ACTIVITY_LEVEL_UNSPECIFIED) << entry.title_ru();
  }
  EXPECT_EQ(acts.size(), 5u);
}

TEST(CommunityRules, KindComesFromTheActWithLevelAndClause) {
  v1::Community body;
  body.set_act(v1::REGULATION_ACT_DAGESTAN);
  body.set_kind(v1::COMMUNITY_KIND_DEPARTMENT);
  ASSERT_TRUE(CheckCommunity(Change::kCreate, nullptr, body).ok());
  EXPECT_EQ(body.level(), v1::ACTIVITY_LEVEL_ORGANISATION);
  EXPECT_EQ(body.clause(), "L3434-L3508");
  body.set_act(v1::REGULATION_ACT_ALTAI);
  EXPECT_EQ(rpc::ReasonOf(CheckCommunity(Change::kCreate, nullptr, body)), "KIND_NOT_IN_ACT");
}

// Dagestan L3440 (R36, CK11).
TEST(CommunityRules, DepartmentIsCreatedAndClosedByDecisionOfThePedagogicalCouncil) {
  v1::Community before;
  before.set_act(v1::REGULATION_ACT_DAGESTAN);
  before.set_kind(v1::COMMUNITY_KIND_DEPARTMENT);
  before.set_state(v1::Community::STATE_PROPOSED);
  v1::Community after = before;
  after.set_state(v1::Community::STATE_CREATED);
  EXPECT_EQ(rpc::ReasonOf(CheckCommunity(Change::kUpdate, &before, after)),
            "FOUNDING_DECISION_REQUIRED");
  after.set_decision_document("протокол 1");
  ASSERT_TRUE(CheckCommunity(Change::kUpdate, &before, after).ok());
  v1::Community closed = after;
  closed.set_state(v1::Community::STATE_CLOSED);
  EXPECT_EQ(rpc::ReasonOf(CheckCommunity(Change::kUpdate, &after, closed)),
            "FOUNDING_DECISION_REQUIRED")
      << "the founding decision does not close it";
  closed.set_decision_document("протокол 9");
  EXPECT_TRUE(CheckCommunity(Change::kUpdate, &after, closed).ok());
}

TEST(CommunityRules, QuorumIsAShareOfMembers) {
  EXPECT_TRUE(HasQuorum(0, 5, 0)) << "no act of the five prescribes one";
  for (int members = 0; members <= 12; ++members) {
    for (int present = 0; present <= members; ++present) {
      EXPECT_EQ(HasQuorum(present, members, 50), 2 * present >= members);
      EXPECT_EQ(HasQuorum(present, members, 100), present == members);
    }
  }
}

// Dagestan L3555 (CK12).
TEST(MembershipRules, CreativeGroupTakesWhoTheCouncilConsideredAndAnOrderNames) {
  CommunityFacts group;
  group.act = v1::REGULATION_ACT_DAGESTAN;
  group.kind = v1::COMMUNITY_KIND_CREATIVE_GROUP;
  v1::Membership membership;
  membership.set_basis_document("приказ");
  EXPECT_EQ(rpc::ReasonOf(CheckConsideration(group, membership)), "CONSIDERATION_REQUIRED");
  membership.set_consideration_document("протокол");
  EXPECT_TRUE(CheckConsideration(group, membership).ok());
  group.kind = v1::COMMUNITY_KIND_SCHOOL_UNION;
  EXPECT_TRUE(CheckConsideration(group, v1::Membership()).ok());
}

TEST(MeetingRules, MinutesFreezeTheMeeting) {
  v1::Meeting meeting;
  meeting.set_state(v1::Meeting::STATE_HELD);
  EXPECT_TRUE(CheckMeeting(Change::kUpdate, &meeting, meeting).ok());
  for (auto state : {v1::Meeting::STATE_RECORDED, v1::Meeting::STATE_CONTROLLED}) {
    meeting.set_state(state);
    EXPECT_EQ(rpc::ReasonOf(CheckMeeting(Change::kUpdate, &meeting, meeting)), "MINUTES_FROZEN");
    EXPECT_EQ(rpc::ReasonOf(CheckMeeting(Change::kDelete, &meeting, meeting)), "MINUTES_FROZEN");
  }
}

// Dagestan CK10.
TEST(PlanRules, DepartmentPlanIsApprovedByTheCouncilAboveInApprovedMinutes) {
  CommunityFacts department;
  department.parent = "council";
  department.act = v1::REGULATION_ACT_DAGESTAN;
  department.kind = v1::COMMUNITY_KIND_DEPARTMENT;
  EXPECT_EQ(rpc::ReasonOf(CheckPlanApproval(department, nullptr)), "PLAN_APPROVAL_REQUIRED");
  MeetingFacts meeting;
  meeting.community = "council";
  meeting.state = v1::Meeting::STATE_HELD;
  EXPECT_EQ(rpc::ReasonOf(CheckPlanApproval(department, &meeting)), "PLAN_APPROVAL_REQUIRED");
  meeting.state = v1::Meeting::STATE_RECORDED;
  EXPECT_TRUE(CheckPlanApproval(department, &meeting).ok());
  meeting.community = "department";
  EXPECT_EQ(rpc::ReasonOf(CheckPlanApproval(department, &meeting)), "PLAN_APPROVAL_REQUIRED");
  department.kind = v1::COMMUNITY_KIND_SCHOOL_UNION;
  EXPECT_TRUE(CheckPlanApproval(department, nullptr).ok());
}

}  // namespace
}  // namespace rsnms::registry
