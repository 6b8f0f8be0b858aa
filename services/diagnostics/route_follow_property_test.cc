// What learning makes of a route is what a naive reading says, whatever the batches.
#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follow_fixture.h"

namespace rsnms::diagnostics {
namespace {

using programs::v1::LearningRecord;

// What a history of learning says, read naively.
struct History {
  std::map<std::string, Enrolment> enrolments;  // gone ones are left out
  std::map<std::string, programs::v1::Completion> completions;
  std::map<std::string, LearningRecord> records;
  std::set<std::string> revoked;                 // completions
  std::map<int, bool> withdrawn;                 // by the programme's number
  std::map<std::string, feed::v1::Change> last;  // of each resource, for a resync
};

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
  // The less serves: finished, living by their rank (1 to 5), ended, transferred; −1: nothing.
  static int Group(const History& h, const Enrolment& e) {
    switch (e.state()) {
      case Enrolment::STATE_COMPLETED:
        return 0;
      case Enrolment::STATE_IN_PROGRESS:
        return 1;
      case Enrolment::STATE_ENROLLED:
        return 2;
      case Enrolment::STATE_DEFERRED:
        return 3;
      case Enrolment::STATE_APPLIED:
        return 4;
      case Enrolment::STATE_FAILED:
      case Enrolment::STATE_WITHDRAWN:
        return 6;
      case Enrolment::STATE_TRANSFERRED:
        if (e.transferred_to().empty()) return 7;
        if (!h.last.contains(e.transferred_to())) return 5;
        return Valid(h, e.transferred_to()) ? 7 : 6;
      default:
        return -1;
    }
  }
  static bool Living(int group) { return group >= 1 && group <= 5; }
  template <class Learning>
  static bool Means(const v1::Route& route, const Item& item, const Learning& l) {
    return l.route() == route.name() && l.person() == route.person() &&
           IsFor(route, item, l.programme(), l.route_item_id());
  }
  static const Enrolment* Serving(const History& h, const v1::Route& route, const Item& item) {
    const Enrolment* best = nullptr;
    for (const auto& [name, e] : h.enrolments) {
      const int group = Group(h, e);
      if (group < 0 || !Means(route, item, e)) continue;
      if (best == nullptr || group < Group(h, *best) ||
          (group == Group(h, *best) && e.state_time().seconds() >= best->state_time().seconds())) {
        best = &e;  // of equals the greater name
      }
    }
    return best;
  }
  // What closes the item: the earliest, by its day of May or June; an empty name: nothing does.
  struct Closing {
    std::string name;
    google::type::Date day;
    bool lost = false;
    void Add(const std::string& with, const google::type::Date& on) {
      if (!name.empty() && on.day() >= day.day()) return;
      name = with;
      day = on;
    }
  };
  static Closing ClosingOf(const History& h, const v1::Route& route, const Item& item) {
    Closing closing;
    for (const auto& [name, c] : h.completions) {
      if (!Means(route, item, c)) continue;
      if (!Valid(h, c.enrolment()) || h.revoked.contains(name)) {
        closing.lost = true;
      } else {
        closing.Add(c.name(), c.completion_date());
      }
    }
    for (const auto& [name, r] : h.records) {
      if (item.kind() == v1::ROUTE_ITEM_KIND_PROGRAMME || r.person() != route.person() ||
          r.route_item_id() != std::to_string(item.number())) {
        continue;
      }
      closing.lost |= r.state() == LearningRecord::STATE_VOID;
      if (r.state() == LearningRecord::STATE_ACCEPTED) closing.Add(name, r.completion_date());
    }
    return closing;
  }
  static Item Expected(const History& h, const v1::Route& route, Item item) {
    const Closing closing = ClosingOf(h, route, item);
    const bool lost = closing.lost;
    if (item.state() != Item::STATE_DROPPED) {
      item.set_state(closing.name.empty() ? Item::STATE_PLANNED : Item::STATE_DONE);
      item.clear_completion();
      item.clear_done_date();
      if (!closing.name.empty()) {
        item.set_completion(closing.name);
        *item.mutable_done_date() = closing.day;
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
      living = Living(Group(h, *serving));
    }
    if (item.state() != Item::STATE_PLANNED) return item;
    for (const auto& [name, e] : h.enrolments) {
      elsewhere |= Living(Group(h, e)) && Means(route, item, e) &&
                   e.programme() != item.programme() && !WithdrawnNow(h, e.programme());
    }
    if (WithdrawnNow(h, item.programme()) && !elsewhere) {
      item.add_attention(Item::ATTENTION_PROGRAMME_WITHDRAWN);
    }
    if (lost && !living) item.add_attention(Item::ATTENTION_COMPLETION_VOIDED);
    if (item.learning_state() == Item::LEARNING_FAILED)
      item.add_attention(Item::ATTENTION_LEARNING_FAILED);
    if (item.learning_state() == Item::LEARNING_WITHDRAWN ||
        (item.learning_state() == Item::LEARNING_TRANSFERRED && Group(h, *serving) == 6))
      item.add_attention(Item::ATTENTION_LEARNING_WITHDRAWN);
    return item;
  }
  // Approved; the last item is an internship.
  static v1::Route WithInternship(int person) {
    v1::Route route = BuiltRoute(person);
    v1::UpdateRouteRequest update;
    *update.mutable_route() = route;
    auto& item = *update.mutable_route()->add_items();
    item.set_kind(v1::ROUTE_ITEM_KIND_INTERNSHIP);
    item.set_title("Стажировка");
    item.set_hours(16);
    item.add_competency_codes(route.deficits(0).competency_code());
    update.mutable_update_mask()->add_paths("items");
    EXPECT_TRUE(Call("UpdateRoute", update, &route).ok());
    Do<v1::AgreeRouteRequest>("AgreeRoute", &route);
    Do<v1::ApproveRouteRequest>("ApproveRoute", &route);
    return route;
  }
  // The record goes on: reported, accepted, taken back; it stays there.
  static feed::v1::Change GoesOn(LearningRecord& record) {
    const auto state = record.state();
    record.set_state(state == LearningRecord::STATE_UNSPECIFIED ? LearningRecord::STATE_REPORTED
                     : state == LearningRecord::STATE_REPORTED  ? LearningRecord::STATE_ACCEPTED
                                                                : LearningRecord::STATE_VOID);
    return ChangeOf(kLearningRecordType, record.name(), record);
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
  v1::Route route = WithInternship(30000 + static_cast<int>(GetParam()));
  ASSERT_GE(route.items_size(), 4);
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
    const int id = pick(7), what = pick(13);
    if (what == 12) {
      LearningRecord& r = h.records[NameOf("learningRecords", base + id)];
      r.set_name(NameOf("learningRecords", base + id));
      r.set_route(route.name());
      r.set_person(id == 6 ? NameOf("persons", 1) : route.person());
      r.set_route_item_id(id == 5 ? "1" : std::to_string(route.items_size()));
      *r.mutable_completion_date() = DateOf(2024, 6, 1 + id);
      return GoesOn(r);
    }
    Enrolment e = Learns(base + id, route.name(), 1 + (id * 5 + GetParam()) % 4,
                         static_cast<Enrolment::State>(1 + pick(9)), 1 + pick(28));
    e.set_route_item_id(id % 3 == 0 ? "" : std::to_string(id % 4));
    e.set_person(id == 6 ? NameOf("persons", 1) : route.person());  // the last is somebody else's
    if (e.state() == Enrolment::STATE_TRANSFERRED && pick(3) > 0) {
      e.set_transferred_to(NameOf("enrolments", base + pick(7)));
    }
    if (what < 5) return h.enrolments[e.name()] = e, Said(e);
    if (what == 5) return h.enrolments.erase(e.name()), GoneOf(kEnrolmentType, e.name());
    if (what < 8) {
      auto change = Mastered(base + id, e, 1 + id);
      change.image().UnpackTo(&h.completions[change.resource()]);
      return change;
    }
    if (what >= 10) {
      programs::v1::Certificate c;
      c.set_name(NameOf("certificates", base + id));
      c.set_completion(NameOf("completions", base + id));
      c.set_state(static_cast<programs::v1::Certificate::State>(1 + pick(4)));
      h.revoked.erase(c.completion());
      if (c.state() == programs::v1::Certificate::STATE_REVOKED) h.revoked.insert(c.completion());
      return ChangeOf("programs.rsnms/Certificate", c.name(), c);
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
