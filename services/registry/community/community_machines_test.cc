// Every step of the area's state machines from every state, generated from the contract.
#include "services/registry/community/community_fixture.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;

TEST_F(CommunitiesTest, EveryStepOfABodyWorksAndNoOther) {
  const std::string successor = Body();
  const auto counts = TryMachine(
      "Community", "community",
      [&] {
        const std::string body = Body();
        NameOf(Join(body, Person(), "CHAIR"));
        return body;
      },
      [&](Message& request) {
        if (auto* step = dynamic_cast<v1::ReorganiseCommunityRequest*>(&request)) {
          step->set_successor(successor);
        }
      });
  EXPECT_EQ(counts.allowed, 11);
  EXPECT_EQ(counts.refused, 19);
}

TEST_F(CommunitiesTest, EveryStepOfAMeetingWorksAndNoOther) {
  const std::string body = WorkingBody();
  const auto counts = TryMachine(
      "Meeting", "meeting",
      [&] {
        const std::string meeting = Plan(body);
        Sql("UPDATE meeting SET held_date = '2024-09-01' WHERE id = '" + IdOfName(meeting) +
            "' RETURNING id");
        return meeting;
      },
      [&](Message& request) {
        if (auto* step = dynamic_cast<v1::HoldMeetingRequest*>(&request)) {
          step->clear_attendees();
          step->add_attendees(chair_);
        }
      });
  EXPECT_EQ(counts.allowed, 4);
  EXPECT_EQ(counts.refused, 16);
}

TEST_F(CommunitiesTest, EveryStepOfADecisionWorksAndNoOther) {
  const std::string body = WorkingBody();
  const std::string meeting = Plan(body);
  ASSERT_TRUE(Hold(meeting, {chair_}).ok());
  int number = 0;
  const auto counts = TryMachine(
      "MeetingDecision", "meeting_decision",
      [&] {
        const std::string id = IdOfName(meeting);
        Sql("UPDATE meeting SET state = 'HELD' WHERE id = '" + id + "' RETURNING id");
        const std::string decision = NameOf(Decide(meeting, ++number));
        Sql("UPDATE meeting SET state = 'RECORDED' WHERE id = '" + id + "' RETURNING id");
        return decision;
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 2);
  EXPECT_EQ(counts.refused, 4);
}

TEST_F(CommunitiesTest, EveryStepOfAPlanWorksAndNoOther) {
  const std::string body = WorkingBody();
  int year = 2000;
  const auto counts = TryMachine(
      "CommunityPlan", "community_plan",
      [&] {
        return NameOf(Create<v1::CommunityPlan>(
            "community_plan", absl::StrCat("community: '", body, "' school_year: ", ++year,
                                           " items {title: 'Семинар' month: 10}")));
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 4);
  EXPECT_EQ(counts.refused, 12);
}

}  // namespace
}  // namespace rsnms::registry
