// Routes follow learning as the feed of `programs` tells it, whatever the batches.
#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_rules.h"
#include "services/diagnostics/service_test_support.h"

namespace rsnms::diagnostics {
namespace {

using Item = v1::RouteItem;
using programs::v1::Enrolment;

class RouteFollowTest : public ServiceTest {
 protected:
  static void SetUpTestSuite() {
    ServiceTest::SetUpTestSuite();
    Offer(1, 72, true, {"digital-distance", "digital-office", "digital-network"});
    Offer(2, 36, true, {"methodical-lesson", "methodical-inclusion"});
    Offer(3, 16, false, {"communication-parents"});
  }
  static v1::Route Get(const std::string& name) {
    v1::Route route;
    EXPECT_TRUE(On<v1::GetRouteRequest>("GetRoute", name, &route).ok());
    return route;
  }
  template <class Request>
  static void Do(const std::string& method, v1::Route* route, const std::string& reason = "") {
    Request request;
    request.set_name(route->name());
    if constexpr (requires { request.set_reason(reason); }) request.set_reason(reason);
    const auto status = Call(method, request, route);
    ASSERT_TRUE(status.ok()) << status;
  }
  // Built, agreed and approved; three items by programmes 1 to 3.
  static v1::Route Approved(int person) {
    v1::Route route = BuiltRoute(person);
    Do<v1::AgreeRouteRequest>("AgreeRoute", &route);
    Do<v1::ApproveRouteRequest>("ApproveRoute", &route);
    return route;
  }
  // Number of the item by that programme.
  static int NumberOf(const v1::Route& route, int programme) {
    for (const auto& item : route.items()) {
      if (item.programme() == NameOf("programmes", programme)) return item.number();
    }
    return 0;
  }
  static const Item& ItemOf(const v1::Route& route, int programme) {
    return route.items(NumberOf(route, programme) - 1);
  }
  static Enrolment Learns(int id, const std::string& route, int programme, Enrolment::State state,
                          int day = 1) {
    Enrolment e;
    e.set_name(NameOf("enrolments", id));
    e.set_route(route);
    e.set_programme(NameOf("programmes", programme));
    e.set_state(state);
    e.mutable_state_time()->set_seconds(1716200000 + day);
    *e.mutable_state_date() = DateOf(2024, 5, day);
    return e;
  }
  static feed::v1::Change Said(const Enrolment& e) { return ChangeOf(kEnrolmentType, e.name(), e); }
  static feed::v1::Change Mastered(int id, const Enrolment& e, int day) {
    programs::v1::Completion c;
    c.set_name(NameOf("completions", id));
    c.set_enrolment(e.name());
    c.set_route(e.route());
    c.set_route_item_id(e.route_item_id());
    c.set_programme(e.programme());
    *c.mutable_completion_date() = DateOf(2024, 5, day);
    return ChangeOf(kCompletionType, c.name(), c);
  }
};

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

// What a history of learning says, read naively.
struct History {
  std::map<std::string, Enrolment> enrolments;  // gone ones are left out
  std::map<std::string, programs::v1::Completion> completions;
  std::map<int, bool> withdrawn;                 // by the programme's number
  std::map<std::string, feed::v1::Change> last;  // of each resource, for a resync
};

constexpr Item::Learning kBestFirst[] = {Item::LEARNING_COMPLETED, Item::LEARNING_IN_PROGRESS,
                                         Item::LEARNING_ENROLLED, Item::LEARNING_DEFERRED,
                                         Item::LEARNING_APPLIED};

class RandomLearning : public RouteFollowTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  static bool IsFor(const v1::Route& route, const Item& item, const std::string& programme,
                    const std::string& number) {
    for (const auto& other : route.items()) {
      if (other.programme() == programme) return other.number() == item.number();
    }
    return std::to_string(item.number()) == number;
  }
  static bool Valid(const History& h, const std::string& enrolment) {
    const auto e = h.enrolments.find(enrolment);
    return e != h.enrolments.end() && e->second.state() != Enrolment::STATE_VOID;
  }
  // The enrolment that serves: finished, living by their rank, ended, transferred; then the latest.
  static const Enrolment* Serving(const History& h, const v1::Route& route, const Item& item) {
    std::vector<std::vector<int>> groups = {
        {Enrolment::STATE_COMPLETED},  {Enrolment::STATE_IN_PROGRESS},
        {Enrolment::STATE_ENROLLED},   {Enrolment::STATE_DEFERRED},
        {Enrolment::STATE_APPLIED},    {Enrolment::STATE_FAILED, Enrolment::STATE_WITHDRAWN},
        {Enrolment::STATE_TRANSFERRED}};
    for (const auto& group : groups) {
      const Enrolment* latest = nullptr;
      for (const auto& [name, e] : h.enrolments) {
        if (std::count(group.begin(), group.end(), e.state()) == 0 || e.route() != route.name() ||
            !IsFor(route, item, e.programme(), e.route_item_id())) {
          continue;
        }
        if (latest == nullptr || e.state_time().seconds() >= latest->state_time().seconds()) {
          latest = &e;  // of equals the greater name
        }
      }
      if (latest != nullptr) return latest;
    }
    return nullptr;
  }
  static Item Expected(const History& h, const v1::Route& route, Item item) {
    bool lost = false;
    const programs::v1::Completion* first = nullptr;
    for (const auto& [name, c] : h.completions) {
      if (c.route() != route.name() || !IsFor(route, item, c.programme(), c.route_item_id()))
        continue;
      if (!Valid(h, c.enrolment())) {
        lost = true;
      } else if (first == nullptr || c.completion_date().day() < first->completion_date().day()) {
        first = &c;
      }
    }
    if (item.state() != Item::STATE_DROPPED) {
      item.set_state(first == nullptr ? Item::STATE_PLANNED : Item::STATE_DONE);
      item.clear_completion();
      item.clear_done_date();
      if (first != nullptr) {
        item.set_completion(first->name());
        *item.mutable_done_date() = first->completion_date();
      }
    }
    const Enrolment* serving = Serving(h, route, item);
    item.clear_enrolment();
    item.clear_learning_state();
    item.clear_learning_changed_date();
    item.clear_attention();
    bool living = false, elsewhere = false;
    if (serving != nullptr) {
      item.set_enrolment(serving->name());
      Item::Learning state = Item::LEARNING_UNSPECIFIED;
      Item::Learning_Parse("LEARNING_" + Enrolment::State_Name(serving->state()).substr(6), &state);
      item.set_learning_state(state);
      *item.mutable_learning_changed_date() = serving->state_date();
      living = state != Item::LEARNING_COMPLETED &&
               std::count(std::begin(kBestFirst), std::end(kBestFirst), state) > 0;
      elsewhere = living && serving->programme() != item.programme() &&
                  !WithdrawnNow(h, serving->programme());
    }
    if (item.state() != Item::STATE_PLANNED) return item;
    if (WithdrawnNow(h, item.programme()) && !elsewhere) {
      item.add_attention(Item::ATTENTION_PROGRAMME_WITHDRAWN);
    }
    if (lost && !living) item.add_attention(Item::ATTENTION_COMPLETION_VOIDED);
    if (item.learning_state() == Item::LEARNING_FAILED)
      item.add_attention(Item::ATTENTION_LEARNING_FAILED);
    if (item.learning_state() == Item::LEARNING_WITHDRAWN)
      item.add_attention(Item::ATTENTION_LEARNING_WITHDRAWN);
    return item;
  }
  static bool WithdrawnNow(const History& h, const std::string& programme) {
    for (const auto& [number, is] : h.withdrawn) {
      if (is && NameOf("programmes", number) == programme) return true;
    }
    return false;
  }
};

TEST_P(RandomLearning, RouteIsWhatANaiveReadingSaysWhateverTheBatches) {
  std::mt19937 random(GetParam());
  const auto pick = [&](int below) { return static_cast<int>(random() % below); };
  const int base = 1000 + static_cast<int>(GetParam()) * 100;
  for (int p = 1; p <= 3; ++p) {
    Offer(p, p == 1 ? 72 : 36, true,
          p == 1   ? std::vector<std::string>{"digital-distance", "digital-office"}
          : p == 2 ? std::vector<std::string>{"methodical-lesson", "methodical-inclusion"}
                   : std::vector<std::string>{"communication-parents"});
  }
  v1::Route route = Approved(30000 + static_cast<int>(GetParam()));
  ASSERT_GE(route.items_size(), 3);
  Do<v1::ActivateRouteRequest>("ActivateRoute", &route);
  if (GetParam() % 2 == 0) {
    v1::SetRouteItemRequest drop;
    drop.set_name(route.name());
    drop.set_number(NumberOf(route, 3));
    drop.set_state(Item::STATE_DROPPED);
    ASSERT_TRUE(Call("SetRouteItem", drop, &route).ok());
  }
  const v1::Route begun = route;
  History h;
  const auto step = [&]() -> feed::v1::Change {
    const int id = pick(7), what = pick(10);
    Enrolment e = Learns(base + id, route.name(), 1 + (id * 5 + GetParam()) % 4,
                         static_cast<Enrolment::State>(1 + pick(9)), 1 + pick(28));
    e.set_route_item_id(id % 3 == 0 ? "" : std::to_string(id % 4));
    if (what < 5) return h.enrolments[e.name()] = e, Said(e);
    if (what == 5) return h.enrolments.erase(e.name()), GoneOf(kEnrolmentType, e.name());
    if (what < 8) {
      auto change = Mastered(base + id, e, 1 + id);
      change.image().UnpackTo(&h.completions[change.resource()]);
      return change;
    }
    const int p = 1 + pick(4);
    h.withdrawn[p] = pick(2) == 0;
    programs::v1::Programme programme;
    programme.set_name(NameOf("programmes", p));
    programme.set_duration_hours(36);
    programme.set_withdrawn(h.withdrawn[p]);
    return ChangeOf(kProgrammeType, programme.name(), programme);
  };
  // Completions come of enrolments that were told of, and what is gone had been there.
  const auto told = [&](const feed::v1::Change& change) {
    if (change.kind() == feed::v1::CHANGE_KIND_DELETED) return h.last.contains(change.resource());
    programs::v1::Completion c;
    if (!change.image().UnpackTo(&c)) return true;
    return h.last.contains(c.enrolment());
  };
  const auto check = [&](const std::string& when) {
    const v1::Route now = Get(route.name());
    bool attention = false, finished = true;
    for (int i = 0; i < begun.items_size(); ++i) {
      const Item expected = Expected(h, begun, begun.items(i));
      EXPECT_EQ(now.items(i).ShortDebugString(), expected.ShortDebugString()) << when;
      attention |= expected.attention_size() > 0;
      finished &= expected.state() != Item::STATE_PLANNED;
    }
    EXPECT_EQ(now.needs_attention(), attention) << when;
    EXPECT_EQ(now.state(), finished ? v1::Route::STATE_COMPLETED : v1::Route::STATE_ACTIVE) << when;
  };
  std::vector<feed::v1::Change> batch;
  for (int i = 0; i < 120; ++i) {
    const History before = h;
    auto change = step();
    if (!told(change)) {
      h = before;
      continue;
    }
    h.last[change.resource()] = change;
    batch.push_back(change);
    if (pick(4) != 0) continue;
    Tell(batch);
    if (pick(3) == 0) Tell(batch);  // at least once
    check("step " + std::to_string(i));
    if (HasFailure()) return;
    batch.clear();
  }
  Tell(batch);
  check("at the end");
  // A resync: everything anew, in any order and any batches.
  pg::TxOptions options;
  options.scopes = "*";
  ASSERT_TRUE(host_->database().app().Run(options, ForgetProgrammes).ok());
  std::vector<feed::v1::Change> snapshot;
  for (const auto& [name, change] : h.last) snapshot.push_back(change);
  std::shuffle(snapshot.begin(), snapshot.end(), random);
  for (size_t at = 0; at < snapshot.size();) {
    const size_t end = std::min(snapshot.size(), at + 1 + pick(5));
    Tell({snapshot.begin() + at, snapshot.begin() + end});
    at = end;
  }
  check("after a resync");
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomLearning, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace rsnms::diagnostics
