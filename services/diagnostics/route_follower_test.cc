// What the feed tells is written without touching routes; the follower moves them afterwards.
#include "services/diagnostics/route_follower.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/programmes_projection.h"
#include "services/diagnostics/route_follow_fixture.h"

namespace rsnms::diagnostics {
namespace {

class RouteFollowerTest : public RouteFollowTest {
 protected:
  void SetUp() override {  // a test may take them away
    Offer(1, 72, true, {"digital-distance", "digital-office", "digital-network"});
    Offer(2, 36, true, {"methodical-lesson", "methodical-inclusion"});
    Offer(3, 16, false, {"communication-parents"});
  }
  static pg::TxOptions Within(absl::Duration limit) {
    pg::TxOptions options;
    options.scopes = "*";
    options.deadline = absl::Now() + limit;
    options.max_attempts = 1;
    return options;
  }
  static pg::Pool& pool() { return host_->database().app(); }
  static feed::v1::Change Programme(int number, bool withdrawn) {
    programs::v1::Programme programme;
    programme.set_name(NameOf("programmes", number));
    programme.set_title("Программа");
    programme.set_duration_hours(18);
    programme.set_withdrawn(withdrawn);
    return ChangeOf(kProgrammeType, programme.name(), programme);
  }
  // As Tell, and the routes marked are not followed yet.
  static absl::Status Write(const std::vector<feed::v1::Change>& changes) {
    return pool().Run(Within(absl::Seconds(5)),
                      [&](pg::Tx& tx) { return ApplyProgrammeChanges(tx, changes); });
  }
  static int64_t Marks() { return Count("SELECT count(*) FROM route_to_follow"); }
  static void SetProgramme(v1::Route route, int programme) {
    v1::UpdateRouteRequest update;
    *update.mutable_route() = route;
    update.mutable_route()->mutable_items(0)->set_programme(NameOf("programmes", programme));
    update.mutable_update_mask()->add_paths("items");
    const auto status = Call("UpdateRoute", update, &route);
    EXPECT_TRUE(status.ok()) << status;
  }
};

TEST_F(RouteFollowerTest, FeedIsWrittenWhileSomebodyHoldsTheRoutesAndTheyMoveAfterwards) {
  const v1::Route route = Approved(21001);
  const Enrolment e = Learns(501, route.name(), 2, Enrolment::STATE_COMPLETED);
  const auto held = pool().Run(Within(absl::Seconds(30)), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = tx.Query("SELECT FROM route FOR UPDATE"); !s.ok()) return s.status();
    return Write({Programme(1, true), Said(e), Mastered(501, e, 9)});
  });
  ASSERT_TRUE(held.ok()) << held;
  EXPECT_EQ(Get(route.name()).etag(), route.etag()) << "the feed moves nothing";
  EXPECT_GT(Marks(), 0);
  FollowRoutes();
  const v1::Route now = Get(route.name());
  EXPECT_EQ(ItemOf(now, 2).state(), Item::STATE_DONE);
  EXPECT_TRUE(now.needs_attention());
  EXPECT_EQ(Marks(), 0);
}

// The programme was never on offer, or the offers were forgotten by a resync: nothing but its own
// row tells the writer to wait.
TEST_F(RouteFollowerTest, WriterOfARouteWaitsForWhatIsBeingToldOfItsProgramme) {
  const v1::Route route = BuiltRoute(21002);
  int other = 600;
  for (const bool withdrawn : {true, false, true}) {
    if (!withdrawn) {
      Tell({Programme(++other, true)});
      ASSERT_TRUE(pool().Run(Within(absl::Seconds(5)), ForgetProgrammes).ok());
    } else {
      ++other;
    }
    std::thread writer;
    std::atomic<bool> written = false;
    const auto told = pool().Run(Within(absl::Seconds(20)), [&](pg::Tx& tx) {
      auto status = ApplyProgrammeChanges(tx, {Programme(other, withdrawn)});
      writer = std::thread([&] {
        SetProgramme(Get(route.name()), other);
        written = true;
      });
      for (int i = 0; i < 100 && !written; ++i) absl::SleepFor(absl::Milliseconds(10));
      return status;
    });
    writer.join();
    ASSERT_TRUE(told.ok()) << told;
    FollowRoutes();
    EXPECT_EQ(Get(route.name()).needs_attention(), withdrawn);
    SetProgramme(Get(route.name()), 1);
  }
}

TEST_F(RouteFollowerTest, ThreadFollowsWhatIsMarkedBeforeItBeginsAndLater) {
  const v1::Route first = Approved(21003), second = Approved(21004);
  const Enrolment a = Learns(511, first.name(), 1, Enrolment::STATE_COMPLETED);
  const Enrolment b = Learns(512, second.name(), 1, Enrolment::STATE_COMPLETED);
  const auto done = [&](const v1::Route& route) {
    for (int i = 0; i < 200; ++i) {
      if (ItemOf(Get(route.name()), 1).state() == Item::STATE_DONE) return true;
      absl::SleepFor(absl::Milliseconds(50));
    }
    return false;
  };
  ASSERT_TRUE(Write({Said(a), Mastered(511, a, 9)}).ok());
  RouteFollower one(host_->host().engine()), another(host_->host().engine());
  EXPECT_TRUE(done(first));
  one.Wake();
  ASSERT_TRUE(Write({Said(b), Mastered(512, b, 9)}).ok());
  EXPECT_TRUE(done(second));
  for (int i = 0; i < 100 && Marks() > 0; ++i) absl::SleepFor(absl::Milliseconds(50));
  EXPECT_EQ(Marks(), 0);
}

TEST_F(RouteFollowerTest, MarkLeftWhileItsRouteIsFollowedIsNotLost) {
  const v1::Route route = Approved(21005);
  ASSERT_TRUE(Write({Said(Learns(521, route.name(), 1, Enrolment::STATE_ENROLLED))}).ok());
  const auto taken = pool().Run(Within(absl::Seconds(20)), [&](pg::Tx& tx) -> absl::Status {
    if (auto s = tx.Query("DELETE FROM route_to_follow"); !s.ok()) return s.status();
    return Write({Said(Learns(521, route.name(), 1, Enrolment::STATE_IN_PROGRESS))});
  });
  ASSERT_TRUE(taken.ok()) << taken;
  EXPECT_EQ(Marks(), 1);
  FollowRoutes();
  EXPECT_EQ(ItemOf(Get(route.name()), 1).learning_state(), Item::LEARNING_IN_PROGRESS);
}

TEST_F(RouteFollowerTest, RouteThatCannotBeWrittenIsPutOffAndTheOthersGoOn) {
  const v1::Route broken = Approved(21006), sound = Approved(21007);
  const auto set = [&](const std::string& deficits) {
    return pool().Run(Within(absl::Seconds(5)), [&](pg::Tx& tx) {
      return tx
          .Query("UPDATE route SET deficits = $1::jsonb WHERE id = $2::uuid", deficits,
                 IdOf(broken.name()))
          .status();
    });
  };
  ASSERT_TRUE(set("[]").ok());
  std::vector<feed::v1::Change> changes;
  for (const auto* route : {&broken, &sound}) {
    const int id = 530 + static_cast<int>(changes.size());
    const Enrolment e = Learns(id, route->name(), 1, Enrolment::STATE_COMPLETED);
    changes.push_back(Said(e));
    changes.push_back(Mastered(id, e, 9));
  }
  Tell(changes);
  EXPECT_EQ(ItemOf(Get(sound.name()), 1).state(), Item::STATE_DONE);
  EXPECT_EQ(ItemOf(Get(broken.name()), 1).state(), Item::STATE_PLANNED);
  EXPECT_EQ(Count("SELECT count(*) FROM route_to_follow WHERE not_before > now()"), 1);
  ASSERT_TRUE(pool()
                  .Run(Within(absl::Seconds(5)),
                       [](pg::Tx& tx) { return tx.Query("DELETE FROM route_to_follow").status(); })
                  .ok());
}

// A finished route that hears of an earlier document stays finished.
TEST_F(RouteFollowerTest, EarlierDocumentOfAFinishedRouteReopensNothing) {
  const v1::Route route = Approved(21008);
  std::vector<feed::v1::Change> changes;
  Enrolment last;
  for (int p = 1; p <= 3; ++p) {
    last = Learns(540 + p, route.name(), p, Enrolment::STATE_COMPLETED);
    changes.push_back(Said(last));
    changes.push_back(Mastered(540 + p, last, 10 + p));
  }
  Tell(changes);
  ASSERT_EQ(Get(route.name()).state(), v1::Route::STATE_COMPLETED);
  const auto written = [&] {
    return Count("SELECT count(*) FROM journal WHERE resource_id = '" +
                 std::string(IdOf(route.name())) + "'");
  };
  const int64_t before = written();
  Enrolment earlier = Learns(549, route.name(), 3, Enrolment::STATE_COMPLETED);
  Tell({Said(earlier), Mastered(549, earlier, 2)});
  v1::Route now = Get(route.name());
  EXPECT_EQ(now.state(), v1::Route::STATE_COMPLETED);
  EXPECT_EQ(ItemOf(now, 3).completion(), NameOf("completions", 549));
  EXPECT_EQ(now.complete_date().day(), 12) << "the last item's day";
  EXPECT_EQ(written(), before + 1);
  earlier.set_state(Enrolment::STATE_VOID);
  Tell({Said(earlier)});
  now = Get(route.name());
  EXPECT_EQ(now.state(), v1::Route::STATE_COMPLETED) << "the other document still stands";
  EXPECT_EQ(now.complete_date().day(), 13);
  last.set_state(Enrolment::STATE_VOID);
  Tell({Said(last)});
  EXPECT_EQ(Get(route.name()).state(), v1::Route::STATE_ACTIVE);
}

}  // namespace
}  // namespace rsnms::diagnostics
