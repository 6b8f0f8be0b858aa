// Every step of the area's state machines from every state, generated from the contract.
#include <set>

#include "services/registry/practices/practice_fixture.h"

namespace rsnms::registry {
namespace {

using google::protobuf::Message;

TEST_F(PracticesTest, EveryStepOfAPracticeWorksAndNoOther) {
  const std::string first = Expert(Person()), second = Expert(Person());
  const std::set<std::string> stages = {"FOUND",  "STUDIED",    "GENERALISED", "GROWN",
                                        "SPREAD", "REPLICATED", "SETTLED"};
  const auto counts = TryMachine(
      "Practice", "practice",
      [&] {
        const std::string practice = PracticeInReview();
        for (const auto& expert : {first, second})
          NameOf(Opine(NameOf(Assign(expert, practice)), 90));
        // A stage is tried on a confirmed practice.
        Sql("UPDATE practice SET state = 'CONFIRMED' WHERE id = '" + IdOfName(practice) +
            "' RETURNING id");
        return practice;
      },
      [](Message&) {},
      [&](const std::string& value) { return stages.contains(value) ? "stage" : "state"; });
  EXPECT_EQ(counts.allowed, 10 + 8);
  EXPECT_EQ(counts.refused, 8 * 8 - 10 + 6 * 7 - 8);
}

TEST_F(PracticesTest, EveryStepOfASpreadingWorksAndNoOther) {
  const std::string practice = Published("Клуб");
  const auto counts = TryMachine(
      "PracticeSpread", "practice_spread",
      [&] {
        return NameOf(Create<v1::PracticeSpread>("practice_spread",
                                                 "practice: '" + practice +
                                                     "' form: EVENT_FORM_MASTER_CLASS level: "
                                                     "ACTIVITY_LEVEL_DISTRICT person: '" +
                                                     author_ + "'"));
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 6);
  EXPECT_EQ(counts.refused, 14);
}

TEST_F(PracticesTest, EveryStepOfAnExpertWorksAndNoOther) {
  const auto counts = TryMachine(
      "Expert", "expert", [&] { return Candidate(Person()); }, [](Message&) {});
  EXPECT_EQ(counts.allowed, 6);
  EXPECT_EQ(counts.refused, 10);
}

TEST_F(PracticesTest, EveryStepOfAnAssignmentWorksAndNoOther) {
  const std::string practice = PracticeInReview();
  const auto counts = TryMachine(
      "ExpertAssignment", "expert_assignment",
      [&] { return NameOf(Assign(Expert(Person()), practice)); }, [](Message&) {});
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.refused, 9);
}

TEST_F(PracticesTest, EveryStepOfAPublicationWorksAndNoOther) {
  const auto counts = TryMachine(
      "Publication", "publication",
      [&] {
        return NameOf(Create<v1::Publication>(
            "publication", "title: 'Статья' kind: PUBLICATION_KIND_ARTICLE organisation: '" +
                               school_ + "' authors: '" + author_ + "'"));
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 7);
  EXPECT_EQ(counts.refused, 13);
}

TEST_F(PracticesTest, EveryStepOfAProjectWorksAndNoOther) {
  const auto counts = TryMachine(
      "Project", "project",
      [&] {
        return NameOf(Create<v1::Project>(
            "project", "title: 'Проект' kind: PROJECT_KIND_NETWORK organisation: '" + school_ +
                           "' curator: '" + author_ + "' start_date " + Day(2024, 1, 1) +
                           "end_date " + Day(2025, 1, 1)));
      },
      [](Message&) {});
  EXPECT_EQ(counts.allowed, 12);
  EXPECT_EQ(counts.refused, 52);
}

TEST_F(PracticesTest, EveryStepOfACallAndAGrantWorksAndNoOther) {
  auto counts = TryMachine(
      "GrantCall", "grant_call", [&] { return GrantCall(25); }, [](Message&) {});
  EXPECT_EQ(counts.allowed, 1);
  EXPECT_EQ(counts.refused, 1);
  const std::string call = GrantCall(100);
  counts = TryMachine(
      "Grant", "grant_award", [&] { return Apply(call); },
      [](Message& request) {
        if (auto* step = dynamic_cast<v1::AssessGrantRequest*>(&request)) {
          step->mutable_points()->set_value("87.5");
        }
      });
  EXPECT_EQ(counts.allowed, 5);
  EXPECT_EQ(counts.refused, 15);
}

}  // namespace
}  // namespace rsnms::registry
