// Bodies, members, meetings and plans over gRPC.
#include "services/registry/community/community_fixture.h"

namespace rsnms::registry {
namespace {

using rpc::ReasonOf;

TEST_F(CommunitiesTest, NobodyIsTwiceInABodyOnOneDay) {
  const std::string body = Body(), person = Person();
  const auto first = Join(body, person);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->organisation(), school_) << "copied from the body";
  EXPECT_EQ(ReasonOf(Join(body, person).status()), "MEMBERSHIP_OVERLAP");
  ASSERT_TRUE(Send<v1::Membership>("UpdateMembership", "membership {name: '" + first->name() +
                                                           "' end_date " + Day(2024, 5, 1) + "}")
                  .ok());
  EXPECT_EQ(
      ReasonOf(Create<v1::Membership>(
                   "membership", "community: '" + body + "' person: '" + person +
                                     "' role: COMMUNITY_ROLE_MEMBER start_date " + Day(2024, 5, 1))
                   .status()),
      "MEMBERSHIP_OVERLAP")
      << "the last day is a day of membership";
  EXPECT_TRUE(Create<v1::Membership>("membership", "community: '" + body + "' person: '" + person +
                                                       "' role: COMMUNITY_ROLE_MEMBER start_date " +
                                                       Day(2024, 5, 2))
                  .ok());
}

TEST_F(CommunitiesTest, BodyHasOneChairOnAnyDay) {
  const std::string body = Body();
  ASSERT_TRUE(Join(body, Person(), "CHAIR").ok());
  EXPECT_EQ(ReasonOf(Join(body, Person(), "CHAIR").status()), "SECOND_CHAIR");
  EXPECT_TRUE(Join(body, Person(), "DEPUTY_CHAIR").ok());
}

TEST_F(CommunitiesTest, OneOf64RacingChairsWins) {
  const std::string body = Body();
  std::vector<std::string> people;
  for (int i = 0; i < 64; ++i) people.push_back(Person());
  EXPECT_EQ(Race([&](int i) { return Join(body, people[i], "CHAIR").status(); }, "SECOND_CHAIR"),
            1);
  EXPECT_EQ(Sql("SELECT count(*) FROM membership"), "1");
}

TEST_F(CommunitiesTest, BodyWorksOnlyWithAChairAndTakesNobodyWhenClosed) {
  const std::string body = Body();
  ASSERT_TRUE(
      Step<v1::Community>("EstablishCommunity", body,
                          "established_date " + Day(2024, 1, 1) + "founding_document: 'приказ'")
          .ok());
  const std::string activate = "active_date " + Day(2024, 2, 1);
  EXPECT_EQ(ReasonOf(Step<v1::Community>("ActivateCommunity", body, activate).status()),
            "CHAIR_REQUIRED");
  ASSERT_TRUE(Join(body, Person(), "CHAIR").ok());
  ASSERT_TRUE(Step<v1::Community>("ActivateCommunity", body, activate).ok());
  const std::string close = "closed_date " + Day(2025, 1, 1) + "closing_document: 'приказ 2'";
  EXPECT_EQ(ReasonOf(Step<v1::Community>("CloseCommunity", body, close).status()),
            "REQUIRED_FIELD_MISSING")
      << "closing wants a reason";
  ASSERT_TRUE(Step<v1::Community>("CloseCommunity", body, close + " reason: 'слияние'").ok());
  EXPECT_EQ(ReasonOf(Join(body, Person()).status()), "COMMUNITY_CLOSED");
}

TEST_F(CommunitiesTest, OnlyMembersAttendAndTheQuorumHolds) {
  const std::string body = WorkingBody("METHOD_COUNCIL", "quorum_percent: 60");
  const std::string member = Person(), third = Person(), stranger = Person();
  ASSERT_TRUE(Join(body, member).ok());
  ASSERT_TRUE(Join(body, third).ok());
  const std::string meeting = Plan(body);
  EXPECT_EQ(ReasonOf(Hold(meeting, {chair_, stranger}).status()), "ATTENDEE_NOT_MEMBER");
  EXPECT_EQ(ReasonOf(Hold(meeting, {chair_, chair_}).status()), "REPEATED_MEMBER");
  EXPECT_EQ(ReasonOf(Hold(meeting, {chair_}).status()), "NO_QUORUM") << "1 of 3 is not 60 %";
  const auto held = Hold(meeting, {chair_, member});
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_EQ(held->member_count(), 3);
  EXPECT_EQ(held->chair(), chair_);
}

TEST_F(CommunitiesTest, ApprovedMinutesFreezeMeetingAndDecisionsAndTitle) {
  const std::string body = WorkingBody();
  const std::string meeting = Plan(body);
  EXPECT_EQ(ReasonOf(Decide(meeting).status()), "MEETING_NOT_HELD");
  ASSERT_TRUE(Hold(meeting, {chair_}).ok());
  const auto decision = Decide(meeting);
  ASSERT_TRUE(decision.ok()) << decision.status();
  const std::string fulfil = "result: 'сделано' done_date " + Day(2024, 11, 1);
  EXPECT_EQ(
      ReasonOf(
          Step<v1::MeetingDecision>("FulfilMeetingDecision", decision->name(), fulfil).status()),
      "MEETING_NOT_HELD");
  const auto recorded = Record(meeting);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->community_title(), "Объединение");
  EXPECT_EQ(ReasonOf(Send<v1::Meeting>("UpdateMeeting",
                                       "meeting {name: '" + meeting + "' place: 'другое'}")
                         .status()),
            "MINUTES_FROZEN");
  EXPECT_EQ(ReasonOf(Send<v1::MeetingDecision>(
                         "UpdateMeetingDecision",
                         "meeting_decision {name: '" + decision->name() + "' text: 'иначе'}")
                         .status()),
            "MINUTES_FROZEN");
  EXPECT_EQ(ReasonOf(Decide(meeting, 2).status()), "MINUTES_FROZEN");
  EXPECT_EQ(ReasonOf(Step<v1::Meeting>("CompleteMeeting", meeting).status()), "DECISIONS_OPEN");
  ASSERT_TRUE(Step<v1::MeetingDecision>("FulfilMeetingDecision", decision->name(), fulfil).ok());
  EXPECT_TRUE(Step<v1::Meeting>("CompleteMeeting", meeting).ok());
}

TEST_F(CommunitiesTest, TermOfADecisionFollowsTheMeeting) {
  const std::string meeting = Plan(WorkingBody());
  ASSERT_TRUE(Hold(meeting, {chair_}).ok());
  EXPECT_EQ(ReasonOf(Create<v1::MeetingDecision>("meeting_decision",
                                                 "meeting: '" + meeting +
                                                     "' number: 1 text: 'Вчера' owner: '" + chair_ +
                                                     "' due_date " + Day(2024, 9, 1))
                         .status()),
            "DECISION_DUE_BEFORE_MEETING");
}

// Dagestan CK10: the council of the school approves the plan of its department.
TEST_F(CommunitiesTest, DepartmentPlanNeedsTheCouncil) {
  const std::string council = WorkingBody();
  const std::string council_chair = chair_;
  const std::string department = WorkingBody("DEPARTMENT", "parent: '" + council + "'");
  const std::string text = "community: '" + department + "' school_year: 2024 ";
  const auto empty = Create<v1::CommunityPlan>("community_plan", text);
  ASSERT_TRUE(empty.ok()) << empty.status();
  const std::string plan = empty->name();
  EXPECT_EQ(ReasonOf(Step<v1::CommunityPlan>("SubmitCommunityPlan", plan).status()),
            "REQUIRED_FIELD_MISSING");
  EXPECT_EQ(Create<v1::CommunityPlan>("community_plan", text).status().code(),
            absl::StatusCode::kAlreadyExists);
  const std::string items = "community_plan {name: '" + plan + "' items {title: 'Открытый урок'}}";
  ASSERT_TRUE(Send<v1::CommunityPlan>("UpdateCommunityPlan", items).ok());
  ASSERT_TRUE(Step<v1::CommunityPlan>("SubmitCommunityPlan", plan).ok());
  const std::string approve = "approving_document: 'протокол' approved_date " + Day(2024, 9, 5);
  EXPECT_EQ(ReasonOf(Step<v1::CommunityPlan>("ApproveCommunityPlan", plan, approve).status()),
            "PLAN_APPROVAL_REQUIRED");
  const std::string meeting = Plan(council);
  ASSERT_TRUE(Hold(meeting, {council_chair}).ok());
  ASSERT_TRUE(Record(meeting).ok());
  const auto approved = Step<v1::CommunityPlan>("ApproveCommunityPlan", plan,
                                                approve + " approving_meeting: '" + meeting + "'");
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(ReasonOf(Send<v1::CommunityPlan>("UpdateCommunityPlan", items).status()),
            "PLAN_FROZEN");
}

TEST_F(CommunitiesTest, ReviewNamesWhatIsToBeMended) {
  const std::string council = WorkingBody();
  const std::string meeting = Plan(council);
  const auto review = [&] {
    const auto found = Send<v1::ReviewCommunitiesResponse>(
        "ReviewCommunities",
        "parent: 'regions/86' start_date " + Day(2024, 9, 1) + "end_date " + Day(2024, 12, 31));
    EXPECT_TRUE(found.ok()) << found.status();
    std::string kinds;
    for (const auto& finding : found->findings()) {
      absl::StrAppend(&kinds, v1::CommunityFindingKind_Name(finding.kind()).substr(23), " ");
      EXPECT_FALSE(finding.text_ru().empty());
    }
    return kinds;
  };
  EXPECT_EQ(review(), "MEETING_MISSED NO_PLAN TOO_FEW_MEETINGS ");
  ASSERT_TRUE(Hold(meeting, {chair_}).ok());
  ASSERT_TRUE(Decide(meeting).ok());
  EXPECT_EQ(review(), "NO_MINUTES NO_PLAN ");
  ASSERT_TRUE(Record(meeting).ok());
  EXPECT_EQ(review(), "DECISION_OVERDUE NO_PLAN ");
}

TEST_F(CommunitiesTest, ReviewComparesThePlanWithWhatWasHeld) {
  const std::string council = WorkingBody();
  const std::string plan = NameOf(Create<v1::CommunityPlan>(
      "community_plan",
      "community: '" + council + "' school_year: 2024 items {title: 'Круглый стол' month: 9} " +
          "items {title: 'Открытые уроки' month: 10} items {title: 'Ещё урок' month: 10} " +
          "items {title: 'Консультации'} items {title: 'Итоги' month: 2}"));
  const auto empty_months = [&](const std::string& until) {
    const auto found = Send<v1::ReviewCommunitiesResponse>(
        "ReviewCommunities",
        "parent: 'regions/86' start_date " + Day(2024, 9, 1) + "end_date " + until);
    EXPECT_TRUE(found.ok()) << found.status();
    std::string months;
    for (const auto& finding : found->findings()) {
      if (finding.kind() != v1::COMMUNITY_FINDING_KIND_PLANNED_MONTH_EMPTY) continue;
      EXPECT_EQ(finding.subject(), plan);
      absl::StrAppend(&months, finding.day().month(), " ");
    }
    return months;
  };
  EXPECT_EQ(empty_months(Day(2024, 12, 31)), "") << "not approved yet";
  ASSERT_TRUE(Step<v1::CommunityPlan>("SubmitCommunityPlan", plan).ok());
  NameOf(
      Step<v1::CommunityPlan>("ApproveCommunityPlan", plan,
                              "approving_document: 'протокол' approved_date " + Day(2024, 9, 1)));
  EXPECT_EQ(empty_months(Day(2024, 12, 31)), "9 10 ");
  ASSERT_TRUE(Hold(Plan(council), {chair_}).ok());
  EXPECT_EQ(empty_months(Day(2024, 12, 31)), "10 ") << "September had a meeting";
  EXPECT_EQ(empty_months(Day(2024, 10, 30)), "") << "October is not over";
  EXPECT_EQ(empty_months(Day(2025, 2, 28)), "10 2 ");
}

TEST_F(CommunitiesTest, BodiesArePublicInTheRegionTheirMeetingsAreNot) {
  const std::string body = WorkingBody();
  const std::string meeting = Plan(body);
  const std::string other = MakeBody("Школа № 2")->name();
  const auto stranger = service_->Connect({"organisation"}, {other});
  EXPECT_TRUE(Send<v1::Community>(*stranger, "GetCommunity", "name: '" + body + "'").ok());
  EXPECT_EQ(Send<v1::Meeting>(*stranger, "GetMeeting", "name: '" + meeting + "'").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(Send<v1::Community>(*stranger, "UpdateCommunity",
                                   "community {name: '" + body + "' theme: 'чужая'}")
                   .ok());
  const std::string teacher = Person();
  ASSERT_TRUE(Employ(Post(teacher, other, CivilDay(2020, 9, 1))).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      Send<v1::Membership>(*stranger, "CreateMembership",
                           "parent: 'regions/86' membership {community: '" + body + "' person: '" +
                               teacher + "' role: COMMUNITY_ROLE_DEPUTY_CHAIR start_date " +
                               Day(2024, 1, 1) + "}")
          .status()))
      << "one's own teacher in another's body";
  const auto own = service_->Connect({"organisation"}, {school_});
  EXPECT_TRUE(Send<v1::Meeting>(*own, "GetMeeting", "name: '" + meeting + "'").ok());
  const auto member = service_->Connect({"educator"}, {chair_});
  const auto mine =
      Send<v1::ListMembershipsResponse>(*member, "ListMemberships", "parent: 'regions/86'");
  ASSERT_TRUE(mine.ok()) << mine.status();
  EXPECT_EQ(mine->memberships_size(), 1);
  const auto elsewhere = service_->Connect({"organisation"}, {"regions/61"});
  EXPECT_EQ(Send<v1::Community>(*elsewhere, "GetCommunity", "name: '" + body + "'").status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(CommunitiesTest, CatalogueOfAnActIsListed) {
  const auto kinds =
      Send<v1::ListCommunityKindsResponse>("ListCommunityKinds", "act: REGULATION_ACT_VOLGODONSK");
  ASSERT_TRUE(kinds.ok()) << kinds.status();
  EXPECT_EQ(kinds->kinds_size(), 5);
}

}  // namespace
}  // namespace rsnms::registry
