// Every step of the area's state machines from every state, generated from the contract.
#include "services/registry/events/event_fixture.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;

TEST_F(EventsTest, EveryStepOfAnEventWorksAndNoOther) {
  const auto counts = TryMachine(
      "Event", "event", [&] { return Event(); }, [](Message&) {});
  EXPECT_EQ(counts.allowed, 9);
  EXPECT_EQ(counts.refused, 21);
}

TEST_F(EventsTest, EveryStepOfAParticipationWorksAndNoOther) {
  const std::string event = OpenEvent();
  ASSERT_TRUE(Hold(event).ok());
  const auto counts = TryMachine(
      "Participation", "participation", [&] { return NameOf(Register(event, Person())); },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.refused, 9);
}

TEST_F(EventsTest, EveryStepOfAPlanWorksAndNoOther) {
  int bodies = 0;
  const std::string whole = PlanOf(school_, 2024);
  const auto counts = TryMachine(
      "EventPlan", "event_plan",
      [&] { return PlanOf(MakeBody(absl::StrCat("Служба ", ++bodies))->name(), 2024); },
      [&](Message& request) {
        if (auto* step = dynamic_cast<v1::ConsolidateEventPlanRequest*>(&request)) {
          step->set_consolidated_into(whole);
        }
      });
  EXPECT_EQ(counts.allowed, 9);
  EXPECT_EQ(counts.refused, 55);
}

TEST_F(EventsTest, EveryStepOfAContestWorksAndNoOther) {
  const auto counts = TryMachine(
      "Contest", "contest", [&] { return Contest(); }, [](Message&) {});
  EXPECT_EQ(counts.allowed, 10);
  EXPECT_EQ(counts.refused, 32);
}

TEST_F(EventsTest, EveryStepOfAnEntryWorksAndNoOther) {
  const std::string contest = OpenContest();
  const auto move = [&](const char* state) {
    Sql(absl::StrCat("UPDATE contest SET state = '", state, "' RETURNING id"));
  };
  const auto counts = TryMachine(
      "ContestEntry", "contest_entry",
      [&] {
        move("APPLICATIONS_OPEN");
        const std::string entry = NameOf(Enter(contest, Person()));
        move("FIRST_ROUND");
        return entry;
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 8);
  EXPECT_EQ(counts.refused, 22);
}

}  // namespace
}  // namespace rsnms::registry
