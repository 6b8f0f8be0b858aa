#include "services/diagnostics/route_rules.h"

#include <gtest/gtest.h>

#include <set>

#include "libs/rpc/status.h"

namespace rsnms::diagnostics {
namespace {

using resource::Change;

constexpr RouteAction kActions[] = {
    RouteAction::kAgree,    RouteAction::kApprove, RouteAction::kReturn,
    RouteAction::kActivate, RouteAction::kPause,   RouteAction::kResume,
    RouteAction::kComplete, RouteAction::kClose,   RouteAction::kReopen};

google::type::Date Day(int day) {
  google::type::Date date;
  date.set_year(2024);
  date.set_month(5);
  date.set_day(day);
  return date;
}

// Two programmes for two deficits; a third deficit stays open.
v1::Route Sample(v1::Route::State state) {
  v1::Route route;
  route.set_name("regions/86/routes/0190c1d2-0000-7000-8000-000000000001");
  for (const char* code : {"digital-distance", "methodical-lesson", "legal-standards"}) {
    auto& deficit = *route.add_deficits();
    deficit.set_competency_code(code);
    deficit.set_severity(v1::SEVERITY_SEVERE);
  }
  for (int i = 0; i < 2; ++i) {
    auto& item = *route.add_items();
    item.set_kind(v1::ROUTE_ITEM_KIND_PROGRAMME);
    item.set_programme(i == 0 ? "regions/86/programmes/a" : "regions/86/programmes/b");
    item.set_title("Программа");
    item.set_hours(36);
    item.add_competency_codes(route.deficits(i).competency_code());
    item.set_state(v1::RouteItem::STATE_PLANNED);
  }
  route.set_state(v1::Route::STATE_DRAFT);
  EXPECT_TRUE(CheckRoute(Change::kCreate, nullptr, &route).ok());
  route.set_state(state);
  return route;
}

v1::Route AllDone(v1::Route::State state) {
  v1::Route route = Sample(state);
  for (auto& item : *route.mutable_items()) item.set_state(v1::RouteItem::STATE_DONE);
  return route;
}

TEST(RouteRulesTest, ExactlyThePermittedTransitionsWork) {
  using R = v1::Route;
  using A = RouteAction;
  const std::set<std::tuple<int, RouteAction, int>> permitted = {
      {R::STATE_DRAFT, A::kAgree, R::STATE_AGREED},
      {R::STATE_DRAFT, A::kClose, R::STATE_CLOSED},
      {R::STATE_AGREED, A::kApprove, R::STATE_APPROVED},
      {R::STATE_AGREED, A::kReturn, R::STATE_RETURNED},
      {R::STATE_AGREED, A::kClose, R::STATE_CLOSED},
      {R::STATE_RETURNED, A::kAgree, R::STATE_AGREED},
      {R::STATE_RETURNED, A::kClose, R::STATE_CLOSED},
      {R::STATE_APPROVED, A::kActivate, R::STATE_ACTIVE},
      {R::STATE_APPROVED, A::kReturn, R::STATE_RETURNED},
      {R::STATE_APPROVED, A::kClose, R::STATE_CLOSED},
      {R::STATE_ACTIVE, A::kPause, R::STATE_PAUSED},
      {R::STATE_ACTIVE, A::kComplete, R::STATE_COMPLETED},
      {R::STATE_ACTIVE, A::kClose, R::STATE_CLOSED},
      {R::STATE_PAUSED, A::kResume, R::STATE_ACTIVE},
      {R::STATE_PAUSED, A::kComplete, R::STATE_COMPLETED},
      {R::STATE_PAUSED, A::kClose, R::STATE_CLOSED},
      {R::STATE_COMPLETED, A::kReopen, R::STATE_ACTIVE},
  };
  int forbidden = 0;
  for (int s = R::State_MIN; s <= R::State_MAX; ++s) {
    for (const auto action : kActions) {
      v1::Route route = AllDone(static_cast<R::State>(s));
      const auto status = Move(action, {"причина", Day(1)}, route);
      if (status.ok()) {
        EXPECT_TRUE(permitted.contains({s, action, route.state()})) << s;
      } else {
        ++forbidden;
        EXPECT_EQ(rpc::ReasonOf(status), "ROUTE_TRANSITION_FORBIDDEN") << s;
        EXPECT_EQ(route.state(), s);
      }
    }
  }
  EXPECT_EQ(forbidden, 9 * 9 - static_cast<int>(permitted.size()));
}

TEST(RouteRulesTest, StateNeverJumpsPastTheTable) {
  for (int from = v1::Route::State_MIN + 1; from <= v1::Route::State_MAX; ++from) {
    for (int to = v1::Route::State_MIN + 1; to <= v1::Route::State_MAX; ++to) {
      if (from == to) continue;
      const v1::Route before = Sample(static_cast<v1::Route::State>(from));
      v1::Route after = before;
      after.set_state(static_cast<v1::Route::State>(to));
      EXPECT_EQ(CheckRoute(Change::kUpdate, &before, &after).ok(),
                MayBecome(kRouteTransitions, before.state(), after.state()))
          << from << " -> " << to;
    }
  }
}

TEST(RouteRulesTest, ReturningPausingAndClosingNeedAReason) {
  for (const auto& [state, action] : {std::pair(v1::Route::STATE_AGREED, RouteAction::kReturn),
                                      std::pair(v1::Route::STATE_ACTIVE, RouteAction::kPause),
                                      std::pair(v1::Route::STATE_DRAFT, RouteAction::kClose)}) {
    v1::Route route = Sample(state);
    EXPECT_EQ(rpc::ReasonOf(Move(action, {"", Day(1)}, route)), "REASON_REQUIRED");
    ASSERT_TRUE(Move(action, {"отпуск", Day(1)}, route).ok());
    EXPECT_EQ(route.state_reason(), "отпуск");
  }
}

TEST(RouteRulesTest, EachAgreementMakesARevision) {
  v1::Route route = Sample(v1::Route::STATE_DRAFT);
  ASSERT_TRUE(Move(RouteAction::kAgree, {}, route).ok());
  EXPECT_EQ(route.agreed_revision(), 1);
  ASSERT_TRUE(Move(RouteAction::kReturn, {"часы", {}}, route).ok());
  ASSERT_TRUE(Move(RouteAction::kAgree, {}, route).ok());
  EXPECT_EQ(route.agreed_revision(), 2);
  EXPECT_EQ(route.state_reason(), "");
}

TEST(RouteRulesTest, EmptyRouteCannotBeAgreed) {
  v1::Route route = Sample(v1::Route::STATE_DRAFT);
  route.clear_items();
  EXPECT_EQ(rpc::ReasonOf(Move(RouteAction::kAgree, {}, route)), "ROUTE_EMPTY");
}

TEST(RouteRulesTest, RouteWithPlannedItemsIsNotComplete) {
  v1::Route route = Sample(v1::Route::STATE_ACTIVE);
  EXPECT_EQ(rpc::ReasonOf(Move(RouteAction::kComplete, {"", Day(1)}, route)), "ROUTE_NOT_FINISHED");
}

TEST(RouteRulesTest, HoursNumbersAndOpenDeficitsFollowFromTheItems) {
  const v1::Route before = Sample(v1::Route::STATE_DRAFT);
  EXPECT_EQ(before.total_hours(), 72);
  EXPECT_EQ(before.items(1).number(), 2);
  ASSERT_EQ(before.uncovered_size(), 1);
  EXPECT_EQ(before.uncovered(0).competency_code(), "legal-standards");
  v1::Route after = before;
  after.mutable_items()->RemoveLast();
  ASSERT_TRUE(CheckRoute(Change::kUpdate, &before, &after).ok());
  EXPECT_EQ(after.total_hours(), 36);
  ASSERT_EQ(after.uncovered_size(), 2);
  EXPECT_EQ(after.uncovered(0).competency_code(), "methodical-lesson");
}

TEST(RouteRulesTest, ItemWithoutADeficitOrHoursIsRefused) {
  const v1::Route before = Sample(v1::Route::STATE_DRAFT);
  const auto refused = [&](const std::function<void(v1::RouteItem&)>& spoil) {
    v1::Route after = before;
    spoil(*after.mutable_items(0));
    return rpc::ReasonOf(CheckRoute(Change::kUpdate, &before, &after)) == "ROUTE_ITEM_INVALID";
  };
  EXPECT_TRUE(refused([](auto& i) { i.clear_competency_codes(); }));
  EXPECT_TRUE(refused([](auto& i) { i.set_competency_codes(0, "digital-office"); }));
  EXPECT_TRUE(refused([](auto& i) { i.set_hours(0); }));
  EXPECT_TRUE(refused([](auto& i) { i.clear_title(); }));
  EXPECT_TRUE(refused([](auto& i) { i.clear_programme(); }));
  EXPECT_TRUE(refused([](auto& i) { i.set_state(v1::RouteItem::STATE_DONE); }));
}

TEST(RouteRulesTest, AgreedRouteChangesOnlyItsTutorAndDueDate) {
  for (const auto state : {v1::Route::STATE_AGREED, v1::Route::STATE_APPROVED,
                           v1::Route::STATE_ACTIVE, v1::Route::STATE_PAUSED}) {
    const v1::Route before = Sample(state);
    v1::Route after = before;
    after.set_tutor("regions/86/persons/0190c1d2-0000-7000-8000-000000000002");
    *after.mutable_due_date() = Day(9);
    EXPECT_TRUE(CheckRoute(Change::kUpdate, &before, &after).ok()) << state;
    after.mutable_items(0)->set_hours(10);
    EXPECT_EQ(rpc::ReasonOf(CheckRoute(Change::kUpdate, &before, &after)), "ROUTE_FROZEN");
  }
  for (const auto state : {v1::Route::STATE_COMPLETED, v1::Route::STATE_CLOSED}) {
    const v1::Route before = Sample(state);
    v1::Route after = before;
    after.set_tutor("regions/86/persons/0190c1d2-0000-7000-8000-000000000002");
    EXPECT_EQ(rpc::ReasonOf(CheckRoute(Change::kUpdate, &before, &after)), "ROUTE_FROZEN");
  }
}

TEST(RouteRulesTest, CompletedRouteTakesWhatLearningSaysAndNothingElse) {
  v1::Route before = AllDone(v1::Route::STATE_COMPLETED);
  v1::Route after = before;
  after.mutable_items(0)->set_learning_state(v1::RouteItem::LEARNING_COMPLETED);
  EXPECT_TRUE(CheckRoute(Change::kUpdate, &before, &after).ok());
  after.mutable_items(0)->set_state(v1::RouteItem::STATE_PLANNED);
  EXPECT_EQ(rpc::ReasonOf(CheckRoute(Change::kUpdate, &before, &after)), "ROUTE_FROZEN");
  after.set_state(v1::Route::STATE_ACTIVE);  // goes on
  EXPECT_TRUE(CheckRoute(Change::kUpdate, &before, &after).ok());
  before.set_state(v1::Route::STATE_CLOSED);
  after = before;
  after.mutable_items(0)->set_learning_state(v1::RouteItem::LEARNING_COMPLETED);
  EXPECT_EQ(rpc::ReasonOf(CheckRoute(Change::kUpdate, &before, &after)), "ROUTE_FROZEN");
}

TEST(RouteRulesTest, FinishDayIsTheLastItems) {
  v1::Route route = AllDone(v1::Route::STATE_ACTIVE);
  *route.mutable_items(0)->mutable_done_date() = Day(7);
  *route.mutable_items(1)->mutable_done_date() = Day(3);
  EXPECT_EQ(FinishDay(route).day(), 7);
}

TEST(RouteRulesTest, NobodyWritesACompletionIntoADraft) {
  const v1::Route before = Sample(v1::Route::STATE_DRAFT);
  v1::Route after = before;
  after.mutable_items(0)->set_completion("regions/86/completions/x");
  ASSERT_TRUE(CheckRoute(Change::kUpdate, &before, &after).ok());
  EXPECT_EQ(after.items(0).completion(), "");
}

TEST(RouteRulesTest, LastItemSetByHandCompletesTheRoute) {
  v1::Route route = Sample(v1::Route::STATE_ACTIVE);
  route.mutable_items(0)->set_kind(v1::ROUTE_ITEM_KIND_MENTORING);
  EXPECT_TRUE(SetItem(1, v1::RouteItem::STATE_DONE, Day(2), route).ok());
  EXPECT_EQ(rpc::ReasonOf(SetItem(2, v1::RouteItem::STATE_DONE, Day(2), route)),
            "ROUTE_ITEM_INVALID");  // a programme waits for its completion
  EXPECT_FALSE(SetItem(1, v1::RouteItem::STATE_DROPPED, Day(2), route).ok());
  EXPECT_FALSE(SetItem(2, v1::RouteItem::STATE_PLANNED, Day(2), route).ok());
  ASSERT_TRUE(SetItem(2, v1::RouteItem::STATE_DROPPED, Day(3), route).ok());
  EXPECT_EQ(route.state(), v1::Route::STATE_COMPLETED);
  EXPECT_EQ(route.complete_date().day(), 3);
}

}  // namespace
}  // namespace rsnms::diagnostics
