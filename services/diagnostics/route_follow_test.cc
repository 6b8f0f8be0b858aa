// Routes follow learning as the feed of `programs` tells it.
#include <thread>

#include "rsnms/programs/v1/learning_record.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follow_fixture.h"

namespace rsnms::diagnostics {
namespace {

TEST_F(RouteFollowTest, ItemFollowsItsEnrolmentAndATransferMovesTheLink) {
  const v1::Route route = Approved(20001);
  Enrolment e = Learns(101, route.name(), 2, Enrolment::STATE_APPLIED, 3);
  e.set_seat(programs::v1::ENROLMENT_SEAT_WAITING);
  Tell({Said(e)});
  EXPECT_EQ(ItemOf(Get(route.name()), 2).learning_state(), Item::LEARNING_WAITING);
  e.set_state(Enrolment::STATE_IN_PROGRESS);
  Tell({Said(e)});
  const v1::Route learning = Get(route.name());
  EXPECT_EQ(ItemOf(learning, 2).learning_state(), Item::LEARNING_IN_PROGRESS);
  EXPECT_EQ(ItemOf(learning, 2).enrolment(), e.name());
  EXPECT_EQ(ItemOf(learning, 2).learning_changed_date().day(), 3);
  EXPECT_EQ(learning.state(), v1::Route::STATE_APPROVED) << "learning alone sets no route out";
  Tell({Said(e)});
  EXPECT_EQ(Get(route.name()).etag(), learning.etag()) << "a replay writes nothing";
  e.set_state(Enrolment::STATE_TRANSFERRED);
  Tell({Said(e)});
  EXPECT_EQ(ItemOf(Get(route.name()), 2).learning_state(), Item::LEARNING_TRANSFERRED);
  const Enrolment next = Learns(102, route.name(), 2, Enrolment::STATE_IN_PROGRESS, 5);
  Tell({Said(next)});
  EXPECT_EQ(ItemOf(Get(route.name()), 2).enrolment(), next.name());
  EXPECT_EQ(ItemOf(Get(route.name()), 2).learning_state(), Item::LEARNING_IN_PROGRESS);
}

TEST_F(RouteFollowTest, VoidUndoesWhatACompletionMarkedAndTheRouteGoesOn) {
  const v1::Route route = Approved(20002);
  std::vector<Enrolment> learnt;
  std::vector<feed::v1::Change> changes;
  for (int p = 1; p <= 3; ++p) {
    learnt.push_back(Learns(110 + p, route.name(), p, Enrolment::STATE_COMPLETED));
    changes.push_back(Said(learnt.back()));
    changes.push_back(Mastered(110 + p, learnt.back(), 10 + p));
  }
  Tell(changes);
  v1::Route done = Get(route.name());
  EXPECT_EQ(done.state(), v1::Route::STATE_COMPLETED);
  EXPECT_EQ(done.complete_date().day(), 13);
  learnt[1].set_state(Enrolment::STATE_VOID);
  Tell({Said(learnt[1])});
  done = Get(route.name());
  EXPECT_EQ(done.state(), v1::Route::STATE_ACTIVE);
  EXPECT_FALSE(done.has_complete_date());
  EXPECT_FALSE(done.state_reason().empty());
  const Item& item = ItemOf(done, 2);
  EXPECT_EQ(item.state(), Item::STATE_PLANNED);
  EXPECT_EQ(item.completion() + item.enrolment(), "");
  EXPECT_FALSE(item.has_done_date());
  ASSERT_EQ(item.attention_size(), 1);
  EXPECT_EQ(item.attention(0), Item::ATTENTION_COMPLETION_VOIDED);
  EXPECT_TRUE(done.needs_attention());
  EXPECT_EQ(ItemOf(done, 1).state(), Item::STATE_DONE);
  const Enrolment again = Learns(119, route.name(), 2, Enrolment::STATE_COMPLETED);
  Tell({Said(again), Mastered(119, again, 25)});
  done = Get(route.name());
  EXPECT_EQ(done.state(), v1::Route::STATE_COMPLETED);
  EXPECT_EQ(done.complete_date().day(), 25);
  EXPECT_FALSE(done.needs_attention());
}

TEST_F(RouteFollowTest, WhatWasLearntBeforeApprovalCountsOnceItIsApproved) {
  v1::Route route = BuiltRoute(20003);
  const Enrolment e = Learns(121, route.name(), 1, Enrolment::STATE_COMPLETED);
  Tell({Said(e), Mastered(121, e, 9)});
  route = Get(route.name());
  EXPECT_EQ(ItemOf(route, 1).state(), Item::STATE_PLANNED);
  EXPECT_EQ(ItemOf(route, 1).learning_state(), Item::LEARNING_COMPLETED);
  Do<v1::AgreeRouteRequest>("AgreeRoute", &route);
  Do<v1::ApproveRouteRequest>("ApproveRoute", &route);
  EXPECT_EQ(route.state(), v1::Route::STATE_ACTIVE);
  EXPECT_EQ(ItemOf(route, 1).state(), Item::STATE_DONE);
  EXPECT_EQ(Count("SELECT count(*) FROM journal WHERE resource_id = '" +
                  std::string(IdOf(route.name())) + "' AND actor = 'system:programmes-projection'"),
            2);  // its learning, and what approval set free
}

TEST_F(RouteFollowTest, CallersWriteNoLearningAndAnEditKeepsIt) {
  v1::Route route = BuiltRoute(20004);
  Tell({Said(Learns(131, route.name(), 3, Enrolment::STATE_ENROLLED))});
  route = Get(route.name());
  v1::UpdateRouteRequest update;
  *update.mutable_route() = route;
  auto& items = *update.mutable_route()->mutable_items();
  for (auto& item : items) {
    item.clear_enrolment();
    item.set_learning_state(Item::LEARNING_COMPLETED);
  }
  const int gone = NumberOf(route, 3) == 1 ? 2 : 1;
  items.DeleteSubrange(gone - 1, 1);  // numbers move
  update.mutable_update_mask()->add_paths("items");
  const auto status = Call("UpdateRoute", update, &route);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(route.items_size(), 2);
  EXPECT_EQ(ItemOf(route, 3).learning_state(), Item::LEARNING_ENROLLED);
  EXPECT_EQ(ItemOf(route, 3).enrolment(), NameOf("enrolments", 131));
  for (const auto& item : route.items()) {
    EXPECT_EQ(item.enrolment().empty(), item.programme() != NameOf("programmes", 3));
  }
}

TEST_F(RouteFollowTest, RevisionsStayAsTheyWereAgreed) {
  const v1::Route route = Approved(20005);
  const auto revisions = [&] {
    v1::ListRouteRevisionsResponse response;
    EXPECT_TRUE(
        On<v1::ListRouteRevisionsRequest>("ListRouteRevisions", route.name(), &response).ok());
    return response.SerializeAsString();
  };
  const std::string before = revisions();
  Enrolment e = Learns(141, route.name(), 1, Enrolment::STATE_COMPLETED);
  Tell({Said(e), Mastered(141, e, 9)});
  e.set_state(Enrolment::STATE_VOID);
  Tell({Said(e)});
  EXPECT_EQ(ItemOf(Get(route.name()), 1).attention_size(), 1);
  EXPECT_EQ(revisions(), before);
}

TEST_F(RouteFollowTest, LearningOfAnotherRegionMovesNothing) {
  const v1::Route route = Approved(20006);
  Enrolment e = Learns(151, route.name(), 1, Enrolment::STATE_COMPLETED);
  e.set_name("regions/61" + e.name().substr(10));
  auto mastered = Mastered(151, e, 9);
  mastered.set_resource("regions/61" + mastered.resource().substr(10));
  Tell({Said(e), mastered});
  EXPECT_EQ(Get(route.name()).etag(), route.etag());
}

TEST_F(RouteFollowTest, AcceptedInternshipClosesItsItemAndNothingElseDoes) {
  v1::Route route = BuiltRoute(20011);
  v1::UpdateRouteRequest update;
  *update.mutable_route() = route;
  auto& item = *update.mutable_route()->add_items();
  item.set_kind(v1::ROUTE_ITEM_KIND_INTERNSHIP);
  item.set_title("Стажировка");
  item.set_hours(16);
  item.add_competency_codes(route.deficits(0).competency_code());
  update.mutable_update_mask()->add_paths("items");
  ASSERT_TRUE(Call("UpdateRoute", update, &route).ok());
  Do<v1::AgreeRouteRequest>("AgreeRoute", &route);
  Do<v1::ApproveRouteRequest>("ApproveRoute", &route);
  using programs::v1::LearningRecord;
  LearningRecord record;
  record.set_name(NameOf("learningRecords", 1));
  record.set_route(route.name());
  record.set_route_item_id(std::to_string(route.items_size()));
  record.set_kind(programs::v1::LEARNING_KIND_INTERNSHIP);
  *record.mutable_completion_date() = DateOf(2024, 6, 3);
  const auto said = [&](LearningRecord::State state) {
    record.set_state(state);
    Tell({ChangeOf(kLearningRecordType, record.name(), record)});
    return Get(route.name());
  };
  for (const auto state : {LearningRecord::STATE_IN_PROGRESS, LearningRecord::STATE_REPORTED,
                           LearningRecord::STATE_FAILED, LearningRecord::STATE_CANCELLED}) {
    EXPECT_EQ(said(state).etag(), route.etag()) << state;
  }
  const v1::Route now = said(LearningRecord::STATE_ACCEPTED);
  EXPECT_EQ(now.state(), v1::Route::STATE_ACTIVE);
  EXPECT_EQ(now.items().rbegin()->state(), Item::STATE_DONE);
  EXPECT_EQ(now.items().rbegin()->completion(), record.name());
  EXPECT_EQ(now.items().rbegin()->done_date().month(), 6);
  EXPECT_EQ(said(LearningRecord::STATE_ACCEPTED).etag(), now.etag());
  record.set_name(NameOf("learningRecords", 2));
  record.set_route_item_id("1");  // a programme is done by its completion
  EXPECT_EQ(said(LearningRecord::STATE_ACCEPTED).etag(), now.etag());
  record.set_name(NameOf("learningRecords", 1));
  record.set_route_item_id(std::to_string(route.items_size()));
  const v1::Route lost = said(LearningRecord::STATE_VOID);
  EXPECT_EQ(lost.state(), v1::Route::STATE_ACTIVE);
  const Item& open = *lost.items().rbegin();
  EXPECT_EQ(open.state(), Item::STATE_PLANNED);
  EXPECT_EQ(open.completion(), "");
  EXPECT_FALSE(open.has_done_date());
  ASSERT_EQ(open.attention_size(), 1);
  EXPECT_EQ(open.attention(0), Item::ATTENTION_COMPLETION_VOIDED);
  EXPECT_TRUE(lost.needs_attention());
  EXPECT_EQ(said(LearningRecord::STATE_VOID).etag(), lost.etag()) << "a replay writes nothing";
  record.set_name(NameOf("learningRecords", 3));
  const v1::Route again = said(LearningRecord::STATE_ACCEPTED);
  EXPECT_EQ(again.items().rbegin()->completion(), record.name()) << "learned once more";
  EXPECT_FALSE(again.needs_attention());
}

TEST_F(RouteFollowTest, ClosedRouteIsLeftAsItWas) {
  v1::Route route = Approved(20007);
  Do<v1::CloseRouteRequest>("CloseRoute", &route, "уволился");
  const Enrolment e = Learns(161, route.name(), 1, Enrolment::STATE_COMPLETED);
  Tell({Said(e), Mastered(161, e, 9)});
  EXPECT_EQ(Get(route.name()).etag(), route.etag());
}

TEST_F(RouteFollowTest, WithdrawnProgrammePutsItsRoutesOnTheTutorsListUntilItReturns) {
  Offer(40, 18, true, {"general-health"});
  const v1::Route route = Approved(20008), draft = BuiltRoute(20009);
  ASSERT_GT(NumberOf(route, 40), 0);
  const auto listed = [&] {
    v1::ListRoutesRequest list;
    list.set_parent("regions/86");
    list.set_filter("needs_attention = true");
    list.set_page_size(1000);
    v1::ListRoutesResponse response;
    const auto status = Call("ListRoutes", list, &response);
    EXPECT_TRUE(status.ok()) << status;
    int found = 0;
    for (const auto& r : response.routes()) {
      if (r.name() != route.name() && r.name() != draft.name()) continue;
      EXPECT_EQ(ItemOf(r, 40).attention(0), Item::ATTENTION_PROGRAMME_WITHDRAWN);
      ++found;
    }
    return found;
  };
  EXPECT_EQ(listed(), 0);
  Offer(40, 18, true, {"general-health"}, true);
  EXPECT_EQ(listed(), 2);
  EXPECT_EQ(ItemOf(Get(route.name()), 40).programme(), NameOf("programmes", 40))
      << "never swapped by itself";
  Offer(42, 18, true, {"general-health"});
  v1::SuggestReplacementsResponse suggested;
  auto status = On<v1::SuggestReplacementsRequest>("SuggestReplacements", route.name(), &suggested);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(suggested.replacements_size(), 1);
  EXPECT_EQ(suggested.replacements(0).programme(), NameOf("programmes", 42));
  EXPECT_EQ(suggested.grounds(0).number(), NumberOf(route, 40));
  // A resync says it again, in whatever order; nothing moves meanwhile.
  const std::string etag = Get(route.name()).etag();
  pg::TxOptions options;
  options.scopes = "*";
  ASSERT_TRUE(host_->database().app().Run(options, ForgetProgrammes).ok());
  Offer(1, 72, true, {"digital-distance", "digital-office", "digital-network"});
  EXPECT_EQ(listed(), 2);
  Offer(40, 18, true, {"general-health"}, true);
  EXPECT_EQ(Get(route.name()).etag(), etag);
  Offer(40, 18, true, {"general-health"});
  EXPECT_EQ(listed(), 0);
  Tell({GoneOf(kProgrammeType, NameOf("programmes", 40))});
  EXPECT_EQ(listed(), 2);
  // Whoever adds it to a route is told at once.
  v1::Route fresh = BuiltRoute(20010);
  v1::UpdateRouteRequest update;
  *update.mutable_route() = fresh;
  update.mutable_route()->mutable_items(0)->set_programme(NameOf("programmes", 40));
  update.mutable_update_mask()->add_paths("items");
  status = Call("UpdateRoute", update, &fresh);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(fresh.needs_attention());
}

// Writers of routes race a programme that comes and goes: whoever is last, the flag is right.
TEST_F(RouteFollowTest, WithdrawalRacingWritersOfRoutesMissesNone) {
  Offer(41, 20, true, {"nobody-lacks-it"});
  std::vector<v1::Route> routes;
  for (int i = 0; i < 6; ++i) routes.push_back(BuiltRoute(20020 + i));
  const auto set = [&](v1::Route route, int programme) {
    for (int attempt = 0; attempt < 50; ++attempt) {
      v1::UpdateRouteRequest update;
      *update.mutable_route() = route;
      update.mutable_route()->mutable_items(0)->set_programme(NameOf("programmes", programme));
      update.mutable_update_mask()->add_paths("items");
      v1::Route answer;
      if (Call("UpdateRoute", update, &answer).ok()) return;
      route = Get(route.name());
    }
    ADD_FAILURE() << "never written";
  };
  for (int round = 0; round < 4; ++round) {
    const bool withdrawn = round % 2 == 0;
    std::vector<std::thread> threads;
    for (const auto& route : routes) {
      threads.emplace_back([&, round] {
        set(Get(route.name()), 1);
        set(Get(route.name()), round == 3 ? 1 : 41);
      });
    }
    Offer(41, 20, true, {"nobody-lacks-it"}, withdrawn);
    for (auto& thread : threads) thread.join();
    for (const auto& route : routes) {
      const v1::Route now = Get(route.name());
      EXPECT_EQ(now.needs_attention(),
                withdrawn && now.items(0).programme() == NameOf("programmes", 41))
          << round;
    }
  }
}

}  // namespace
}  // namespace rsnms::diagnostics
