#include "services/diagnostics/route_learning.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "google/protobuf/util/message_differencer.h"
#include "services/diagnostics/route_rules.h"

namespace rsnms::diagnostics {
namespace {

using Item = v1::RouteItem;
using google::protobuf::util::MessageDifferencer;

constexpr char kA[] = "regions/86/programmes/a";
constexpr char kB[] = "regions/86/programmes/b";
constexpr char kC[] = "regions/86/programmes/c";

google::type::Date Day(int day) {
  google::type::Date date;
  date.set_year(2024);
  date.set_month(5);
  date.set_day(day);
  return date;
}

// Items by programmes A and B.
v1::Route Sample(v1::Route::State state = v1::Route::STATE_ACTIVE) {
  v1::Route route;
  route.set_state(state);
  for (const char* programme : {kA, kB}) {
    Item& item = *route.add_items();
    item.set_number(route.items_size());
    item.set_programme(programme);
    item.set_state(Item::STATE_PLANNED);
  }
  return route;
}

KnownLearning Learning(int id, const char* programme, Item::Learning state, int number = 0,
                       int64_t millis = 0) {
  return {.enrolment = "regions/86/enrolments/" + std::to_string(id),
          .programme = programme,
          .item_number = number,
          .state = state,
          .changed = Day(id),
          .changed_millis = millis};
}

KnownOutcome Outcome(int id, const char* programme, int number = 0, bool voided = false) {
  return {.name = "regions/86/completions/" + std::to_string(id),
          .programme = programme,
          .item_number = number,
          .day = Day(id),
          .voided = voided};
}

v1::Route Derived(const Known& known, v1::Route route = Sample()) {
  DeriveLearning(known, route);
  return route;
}

TEST(RouteLearningTest, ItemKnowsTheEnrolmentThatServesIt) {
  const auto route = Derived({.learning = {Learning(3, kB, Item::LEARNING_IN_PROGRESS)}});
  EXPECT_EQ(route.items(0).enrolment(), "");
  EXPECT_EQ(route.items(1).enrolment(), "regions/86/enrolments/3");
  EXPECT_EQ(route.items(1).learning_state(), Item::LEARNING_IN_PROGRESS);
  EXPECT_EQ(route.items(1).learning_changed_date().day(), 3);
}

TEST(RouteLearningTest, FinishedComesBeforeLivingAndLivingBeforeEnded) {
  const Item::Learning order[] = {Item::LEARNING_COMPLETED, Item::LEARNING_IN_PROGRESS,
                                  Item::LEARNING_ENROLLED,  Item::LEARNING_DEFERRED,
                                  Item::LEARNING_APPLIED,   Item::LEARNING_WAITING,
                                  Item::LEARNING_FAILED,    Item::LEARNING_TRANSFERRED};
  for (size_t better = 0; better < std::size(order); ++better) {
    for (size_t worse = better + 1; worse < std::size(order); ++worse) {
      const auto route = Derived({.learning = {Learning(1, kA, order[better], 0, 1),
                                               Learning(2, kA, order[worse], 0, 2)}});
      EXPECT_EQ(route.items(0).learning_state(), order[better]);
    }
  }
}

TEST(RouteLearningTest, LaterOfTwoEndedOnesServes) {
  const auto route = Derived({.learning = {Learning(1, kA, Item::LEARNING_FAILED, 0, 5),
                                           Learning(2, kA, Item::LEARNING_WITHDRAWN, 0, 4)}});
  EXPECT_EQ(route.items(0).learning_state(), Item::LEARNING_FAILED);
}

TEST(RouteLearningTest, ProgrammeIsMeantBeforeTheNumberAndTheNumberBeforeNothing) {
  // The items changed places when the route was edited.
  auto route = Derived({.learning = {Learning(1, kB, Item::LEARNING_APPLIED, 1)}});
  EXPECT_EQ(route.items(0).enrolment(), "");
  EXPECT_NE(route.items(1).enrolment(), "");
  // Another programme serves the item.
  route = Derived({.learning = {Learning(1, kC, Item::LEARNING_APPLIED, 2)}});
  EXPECT_NE(route.items(1).enrolment(), "");
  route = Derived({.learning = {Learning(1, kC, Item::LEARNING_APPLIED, 7)}});
  EXPECT_EQ(route.items(0).enrolment() + route.items(1).enrolment(), "");
}

TEST(RouteLearningTest, WhatACallerWroteIsOverwritten) {
  v1::Route route = Sample();
  route.mutable_items(0)->set_enrolment("regions/86/enrolments/9");
  route.mutable_items(0)->set_learning_state(Item::LEARNING_COMPLETED);
  route.mutable_items(0)->add_attention(Item::ATTENTION_LEARNING_FAILED);
  route.set_needs_attention(true);
  EXPECT_TRUE(MessageDifferencer::Equals(Derived({}, route), Sample()));
}

TEST(RouteLearningTest, WithdrawnProgrammeNeedsAttentionWhileTheItemIsPlanned) {
  const Known known{.withdrawn = {kA}};
  auto route = Derived(known);
  ASSERT_EQ(route.items(0).attention_size(), 1);
  EXPECT_EQ(route.items(0).attention(0), Item::ATTENTION_PROGRAMME_WITHDRAWN);
  EXPECT_EQ(route.items(1).attention_size(), 0);
  EXPECT_TRUE(route.needs_attention());
  for (const auto state : {Item::STATE_DONE, Item::STATE_DROPPED}) {
    route.mutable_items(0)->set_state(state);
    EXPECT_FALSE(Derived(known, route).needs_attention()) << state;
  }
  for (const auto state : {v1::Route::STATE_COMPLETED, v1::Route::STATE_CLOSED}) {
    EXPECT_FALSE(Derived(known, Sample(state)).needs_attention()) << state;
  }
  for (const auto state :
       {v1::Route::STATE_DRAFT, v1::Route::STATE_AGREED, v1::Route::STATE_APPROVED,
        v1::Route::STATE_PAUSED, v1::Route::STATE_RETURNED}) {
    EXPECT_TRUE(Derived(known, Sample(state)).needs_attention()) << state;
  }
}

TEST(RouteLearningTest, AnotherProgrammeOnOfferServesInsteadOfAWithdrawnOne) {
  Known known{.learning = {Learning(1, kC, Item::LEARNING_ENROLLED, 1)}, .withdrawn = {kA}};
  EXPECT_FALSE(Derived(known).needs_attention());
  known.withdrawn.insert(kC);
  EXPECT_TRUE(Derived(known).needs_attention());
  known = {.learning = {Learning(1, kA, Item::LEARNING_IN_PROGRESS, 1)}, .withdrawn = {kA}};
  EXPECT_TRUE(Derived(known).needs_attention()) << "who learns it still needs a decision";
}

TEST(RouteLearningTest, AnotherProgrammeServesThoughTheWithdrawnOneRanksHigher) {
  const Known known{.learning = {Learning(1, kA, Item::LEARNING_IN_PROGRESS, 1),
                                 Learning(2, kC, Item::LEARNING_ENROLLED, 1)},
                    .withdrawn = {kA}};
  EXPECT_FALSE(Derived(known).needs_attention());
}

TEST(RouteLearningTest, OutcomeOfAnotherPersonClosesNothingAndIsNotMissed) {
  Known known{.outcomes = {Outcome(1, kA)}};
  v1::Route route = Sample();
  ASSERT_TRUE(MarkItems(known, route));
  known.outcomes[0].foreign = true;
  EXPECT_TRUE(MarkItems(known, route));
  EXPECT_TRUE(MessageDifferencer::Equals(Derived(known, route), Sample()));
}

TEST(RouteLearningTest, TransferGoesOnUntilItsContinuationIsKnown) {
  Known known{.learning = {Learning(1, kA, Item::LEARNING_FAILED, 0, 1),
                           Learning(2, kA, Item::LEARNING_TRANSFERRED, 0, 2)}};
  EXPECT_EQ(Derived(known).items(0).learning_state(), Item::LEARNING_FAILED);
  known.learning[1].next = Continuation::kUnknown;
  EXPECT_EQ(Derived(known).items(0).learning_state(), Item::LEARNING_TRANSFERRED);
  EXPECT_FALSE(Derived(known).needs_attention());
  known.learning[1].next = Continuation::kVoid;
  EXPECT_EQ(Derived(known).items(0).attention(0), Item::ATTENTION_LEARNING_WITHDRAWN);
}

TEST(RouteLearningTest, EndedLearningNeedsAttentionUntilSomebodyLearnsAgain) {
  Known known{.learning = {Learning(1, kA, Item::LEARNING_FAILED, 0, 1)}};
  EXPECT_EQ(Derived(known).items(0).attention(0), Item::ATTENTION_LEARNING_FAILED);
  known.learning[0].state = Item::LEARNING_WITHDRAWN;
  EXPECT_EQ(Derived(known).items(0).attention(0), Item::ATTENTION_LEARNING_WITHDRAWN);
  known.learning.push_back(Learning(2, kA, Item::LEARNING_APPLIED));
  EXPECT_FALSE(Derived(known).needs_attention());
  known = {.outcomes = {Outcome(1, kA, 0, true)}};
  EXPECT_EQ(Derived(known).items(0).attention(0), Item::ATTENTION_COMPLETION_VOIDED);
  known.learning.push_back(Learning(2, kA, Item::LEARNING_WAITING));
  EXPECT_FALSE(Derived(known).needs_attention());
}

TEST(RouteLearningTest, CompletionMarksItsItemOnceAndTheEarliestCounts) {
  v1::Route route = Sample();
  const Known known{.outcomes = {Outcome(4, kB), Outcome(2, kB), Outcome(3, kC)}};
  EXPECT_TRUE(MarkItems(known, route));
  EXPECT_EQ(route.items(0).state(), Item::STATE_PLANNED);
  EXPECT_EQ(route.items(1).state(), Item::STATE_DONE);
  EXPECT_EQ(route.items(1).completion(), "regions/86/completions/2");
  EXPECT_EQ(route.items(1).done_date().day(), 2);
  EXPECT_FALSE(MarkItems(known, route));
}

TEST(RouteLearningTest, TwoCompletionsOfOneProgrammeCloseTwoItemsOfIt) {
  v1::Route route = Sample();
  route.mutable_items(1)->set_programme(kA);
  EXPECT_TRUE(MarkItems({.outcomes = {Outcome(2, kA), Outcome(1, kA)}}, route));
  EXPECT_EQ(route.items(0).done_date().day(), 1);
  EXPECT_EQ(route.items(1).done_date().day(), 2);
  // The first is void: what the second closed moves up.
  EXPECT_TRUE(MarkItems({.outcomes = {Outcome(2, kA), Outcome(1, kA, 0, true)}}, route));
  EXPECT_EQ(route.items(0).done_date().day(), 2);
  EXPECT_EQ(route.items(1).state(), Item::STATE_PLANNED);
}

TEST(RouteLearningTest, VoidCompletionPutsItsItemBack) {
  v1::Route route = Sample();
  ASSERT_TRUE(MarkItems({.outcomes = {Outcome(1, kA)}}, route));
  EXPECT_TRUE(MarkItems({.outcomes = {Outcome(1, kA, 0, true)}}, route));
  EXPECT_TRUE(MessageDifferencer::Equals(route, Sample()));
  // Another one takes its place at once.
  ASSERT_TRUE(MarkItems({.outcomes = {Outcome(1, kA)}}, route));
  EXPECT_TRUE(MarkItems({.outcomes = {Outcome(1, kA, 0, true), Outcome(5, kA)}}, route));
  EXPECT_EQ(route.items(0).completion(), "regions/86/completions/5");
}

TEST(RouteLearningTest, WhatPeopleDidAndWhatNobodyToldOfStays) {
  v1::Route route = Sample();
  route.mutable_items(0)->set_state(Item::STATE_DROPPED);
  route.mutable_items(1)->set_state(Item::STATE_DONE);  // by hand
  EXPECT_FALSE(MarkItems({.outcomes = {Outcome(1, kA), Outcome(2, kB)}}, route));
  route.mutable_items(1)->set_completion("regions/86/completions/77");  // before the resync ended
  EXPECT_FALSE(MarkItems({.outcomes = {Outcome(2, kB)}}, route));
  EXPECT_EQ(route.items(1).completion(), "regions/86/completions/77");
}

TEST(RouteLearningTest, OtherLearningClosesTheItemOfItsNumberUnlessThatWantsAProgramme) {
  v1::Route route = Sample();
  route.mutable_items(0)->set_kind(v1::ROUTE_ITEM_KIND_PROGRAMME);
  route.mutable_items(1)->set_kind(v1::ROUTE_ITEM_KIND_INTERNSHIP);
  route.mutable_items(1)->clear_programme();
  EXPECT_FALSE(MarkItems({.outcomes = {Outcome(1, "", 1), Outcome(2, "")}}, route));
  EXPECT_TRUE(MarkItems({.outcomes = {Outcome(3, "", 2)}}, route));
  EXPECT_EQ(route.items(1).state(), Item::STATE_DONE);
}

TEST(RouteLearningTest, RouteThatIsNotFollowedIsNotMarked) {
  for (const auto state : {v1::Route::STATE_DRAFT, v1::Route::STATE_AGREED,
                           v1::Route::STATE_RETURNED, v1::Route::STATE_CLOSED}) {
    v1::Route route = Sample(state);
    EXPECT_FALSE(MarkItems({.outcomes = {Outcome(1, kA)}}, route)) << state;
  }
}

TEST(RouteLearningTest, ProgrammesOfPlannedItemsConcernALivingRoute) {
  v1::Route route = Sample();
  EXPECT_EQ(PlannedProgrammes(route), (std::vector<std::string>{kA, kB}));
  route.mutable_items(0)->set_state(Item::STATE_DONE);
  EXPECT_EQ(PlannedProgrammes(route), std::vector<std::string>{kB});
  route.set_state(v1::Route::STATE_COMPLETED);
  EXPECT_TRUE(PlannedProgrammes(route).empty());
}

}  // namespace
}  // namespace rsnms::diagnostics
