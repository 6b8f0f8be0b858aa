// What learning makes of a route is what a naive reading says, whatever the batches.
#include <algorithm>
#include <map>
#include <random>

#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follow_fixture.h"

namespace rsnms::diagnostics {
namespace {

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
  // In kBestFirst; its size: neither finished nor living.
  static size_t Rank(const Enrolment& e) {
    Item::Learning state = Item::LEARNING_UNSPECIFIED;
    Item::Learning_Parse("LEARNING_" + Enrolment::State_Name(e.state()).substr(6), &state);
    return std::find(std::begin(kBestFirst), std::end(kBestFirst), state) - kBestFirst;
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
    }
    if (item.state() != Item::STATE_PLANNED) return item;
    for (const auto& [name, e] : h.enrolments) {
      elsewhere |= e.state() != Enrolment::STATE_COMPLETED && Rank(e) < std::size(kBestFirst) &&
                   e.route() == route.name() && e.programme() != item.programme() &&
                   !WithdrawnNow(h, e.programme()) &&
                   IsFor(route, item, e.programme(), e.route_item_id());
    }
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
  bool was_finished = false;
  int64_t was_written = 0;
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
    // It goes on only when it must, and then says why; a finished one is written once at most.
    EXPECT_TRUE(!finished || now.state_reason().empty()) << when;
    EXPECT_FALSE(was_finished && !finished && now.state_reason().empty()) << when;
    const int64_t written = Count("SELECT count(*) FROM journal WHERE resource_id = '" +
                                  std::string(IdOf(route.name())) + "'");
    EXPECT_TRUE(!was_finished || !finished || written <= was_written + 1) << when;
    was_finished = finished;
    was_written = written;
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
  was_finished = false;  // more than one batch
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
