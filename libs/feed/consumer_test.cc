// Consumers among writers, deaths, rivals and restored sources: every projection equals its source,
// no effect twice.
#include "libs/feed/consumer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/feed/cursor.h"
#include "libs/feed/test_source.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"

namespace rsnms::feed {
namespace {

using ::testing::IsEmpty;

std::unique_ptr<testing::Database> SourceDatabase() {
  return testing::Database::Create("feedsource", "libs/feed/testdata/source");
}
std::unique_ptr<testing::Database> ReplicaDatabase() {
  return testing::Database::Create("feedreplica", "libs/feed/testdata/replica");
}

std::unique_ptr<pg::Pool> PoolOf(const testing::Database& db, const std::string& name, int size) {
  pg::PoolOptions options;
  options.conninfo = db.app_conninfo();
  options.schema = db.schema();
  options.application_name = name;
  options.size = size;
  return pg::Pool::Create(options);
}

void KillOneOf(testing::Admin& admin, const std::string& application) {
  admin.Value(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
      "AND application_name = '" +
      application + "' ORDER BY random() LIMIT 1");
}

class ConsumerTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(source_.sealer().Flush(kLong).ok()); }

  void ExpectEqual(const std::string& projection) {
    EXPECT_EQ(ReplicaRows(replica_->app(), projection), SourceRows(db_->app())) << projection;
  }
  void CatchUp(Consumer& consumer) {
    ASSERT_TRUE(source_.sealer().Flush(kLong).ok());
    const auto status = consumer.CatchUp(kLong);
    ASSERT_TRUE(status.ok()) << status;
  }
  std::unique_ptr<Consumer> FollowIt(const std::string& projection) {
    return Follow(replica_->app(), source_.Client(), projection);
  }

  std::unique_ptr<testing::Database> db_ = SourceDatabase(), replica_ = ReplicaDatabase();
  Source source_{db_->app()};
};

TEST_F(ConsumerTest, SnapshotThenTailEqualTheSource) {
  for (int i = 0; i < 120; ++i) ASSERT_TRUE(source_.Rename(i, absl::StrCat("до ", i)).ok());
  auto consumer = FollowIt("a");
  CatchUp(*consumer);
  ExpectEqual("a");
  for (int i = 100; i < 140; ++i) ASSERT_TRUE(source_.Rename(i, absl::StrCat("после ", i)).ok());
  ASSERT_EQ(source_.Delete(7), absl::OkStatus());
  CatchUp(*consumer);
  ExpectEqual("a");
  EXPECT_THAT(WrongEffects(replica_->app()), IsEmpty());
  EXPECT_EQ(consumer->state().resyncs, 1);
  EXPECT_TRUE(consumer->state().connected);
}

TEST_F(ConsumerTest, RestartedConsumerGoesOnWithoutASnapshot) {
  ASSERT_TRUE(source_.Rename(1, "раз").ok());
  auto consumer = FollowIt("a");
  CatchUp(*consumer);
  consumer.reset();
  ASSERT_TRUE(source_.Rename(1, "два").ok());
  consumer = FollowIt("a");
  CatchUp(*consumer);
  ExpectEqual("a");
  EXPECT_EQ(consumer->state().resyncs, 0);
  EXPECT_EQ(consumer->state().applied, 1);
}

// One writer's life: renames and deletions with delays, some rolled back, some cut.
void WriteMany(Source& source, pg::Pool& pool, int writer, int changes) {
  std::mt19937 random(writer);
  for (int i = 0; i < changes; ++i) {
    const int n = random() % 40;
    const bool fail = random() % 6 == 0, remove = random() % 60 == 0;
    const auto early = absl::Microseconds(random() % 2000),
               late = absl::Microseconds(random() % 3000);
    pool.Run(Everything(),
             [&](pg::Tx& tx) -> absl::Status {
               if (auto id = tx.Query("SELECT pg_current_xact_id()"); !id.ok()) return id.status();
               absl::SleepFor(early);
               auto status = remove ? source.DeleteIn(tx, n)
                                    : source.RenameIn(tx, n, absl::StrCat("w", writer, "-", i));
               absl::SleepFor(late);
               return fail && status.ok() ? absl::InternalError("rolled back") : status;
             })
        .IgnoreError();
    source.sealer().Wake();
  }
}

TEST_F(ConsumerTest, ThreeConsumersKilledAtRandomEqualASourceUnderThirtyTwoWriters) {
  auto victims = PoolOf(*db_, "victims", 32);
  auto appliers = PoolOf(*replica_, "appliers", 6);
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (const std::string projection : {"a", "b", "c"}) {
    threads.emplace_back([&, projection] {
      std::mt19937 random(projection[0]);
      while (!done) {
        auto consumer = Follow(*appliers, source_.Client(), projection);
        // `c` runs in two replicas.
        auto twin = projection == "c" ? Follow(*appliers, source_.Client(), projection) : nullptr;
        absl::SleepFor(absl::Milliseconds(100 + random() % 600));
      }
    });
  }
  threads.emplace_back([&] {
    testing::Admin source_admin(db_->superuser_conninfo()),
        replica_admin(replica_->superuser_conninfo());
    while (!done) {
      KillOneOf(source_admin, "victims");
      KillOneOf(replica_admin, "appliers");
      absl::SleepFor(absl::Milliseconds(40));
    }
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < 32; ++w) {
    writers.emplace_back([&, w] { WriteMany(source_, *victims, w, 40); });
  }
  for (auto& writer : writers) writer.join();
  done = true;
  for (auto& thread : threads) thread.join();
  for (const std::string projection : {"a", "b", "c"}) {
    auto consumer = FollowIt(projection);
    CatchUp(*consumer);
    ExpectEqual(projection);
  }
  EXPECT_THAT(WrongEffects(replica_->app()), IsEmpty());
  EXPECT_GT(Column(db_->app(), "SELECT seq FROM journal").size(), 300u);
}

// Dumps the source and restores it into a cluster of its own.
std::unique_ptr<pg::Pool> Restore(const testing::Database& db, testing::Cluster& cluster) {
  cluster.Start();
  testing::Admin admin(cluster.conninfo());
  admin.Do("CREATE ROLE feedsource_owner LOGIN");
  admin.Do("CREATE ROLE feedsource_app LOGIN");
  admin.Do("CREATE DATABASE restored");
  const std::string target = testing::ConninfoFor(cluster.conninfo(), "restored", "");
  const std::string command =
      "PATH=/usr/lib/postgresql/15/bin:$PATH; pg_dump -Fc -n feedsource -d '" +
      db.superuser_conninfo() + "' | pg_restore -d '" + target + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  pg::PoolOptions options;
  options.conninfo = testing::ConninfoFor(cluster.conninfo(), "restored", "feedsource_app");
  options.schema = "feedsource";
  return pg::Pool::Create(options);
}

TEST_F(ConsumerTest, SourceRestoredIntoANewClusterIsResynced) {
  testing::Admin(db_->superuser_conninfo())
      .Do("DO $$ BEGIN FOR i IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END "
          "$$");
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(source_.Rename(i, "до копии").ok());
  auto consumer = FollowIt("a");
  CatchUp(*consumer);
  testing::Cluster cluster("feedrestore");
  auto restored = Restore(*db_, cluster);
  // Lost with the old cluster, though the consumer has it.
  for (int i = 25; i < 35; ++i) ASSERT_TRUE(source_.Rename(i, "после копии").ok());
  CatchUp(*consumer);
  consumer.reset();

  Source again(*restored);
  ASSERT_TRUE(again.sealer().Flush(kLong).ok());
  consumer = Follow(replica_->app(), again.Client(), "a");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(again.Rename(i, "новая жизнь").ok());
  ASSERT_TRUE(again.sealer().Flush(kLong).ok());
  auto status = consumer->CatchUp(kLong);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(consumer->state().resyncs, 1);
  EXPECT_EQ(ReplicaRows(replica_->app(), "a"), SourceRows(*restored));
  EXPECT_THAT(WrongEffects(replica_->app()), IsEmpty());
}

// The tail is lost and other changes take its positions, within one epoch: only the hash tells.
TEST_F(ConsumerTest, SourceThatWentBackIsFoundOutByItsHash) {
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(source_.Rename(i, "общее прошлое").ok());
  auto consumer = FollowIt("a");
  CatchUp(*consumer);
  ASSERT_TRUE(source_.Rename(1, "утрачено").ok());
  CatchUp(*consumer);
  consumer.reset();
  testing::Admin admin(db_->superuser_conninfo());
  admin.Do("SET search_path = feedsource");
  admin.Do("SET session_replication_role = replica");
  admin.Do("DELETE FROM journal_seal WHERE position = 5");
  admin.Do("DELETE FROM journal WHERE resource_id = '" + Uuid(1) + "' AND version = 2");
  admin.Do("UPDATE organisation SET version = 1, official_name = 'общее прошлое' WHERE id = '" +
           Uuid(1) + "'");
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(source_.Rename(2, absl::StrCat("другое ", i)).ok());
  ASSERT_TRUE(source_.sealer().Flush(kLong).ok());
  consumer = FollowIt("a");
  CatchUp(*consumer);
  EXPECT_EQ(consumer->state().resyncs, 1);
  ExpectEqual("a");
}

TEST_F(ConsumerTest, FailedApplyChangesNothingAndIsTriedAgain) {
  ASSERT_TRUE(source_.Rename(1, "x").ok());
  std::atomic<int> attempts = 0;
  ConsumerOptions options;
  options.name = "stubborn";
  options.source = "registry";
  options.selector.add_resource_types(kOrganisation);
  auto consumer = Consumer::Start(
      &replica_->app(), source_.Client(), options,
      [&](pg::Tx& tx, const std::vector<v1::Change>& changes) -> absl::Status {
        auto done =
            tx.Execute("INSERT INTO effect (projection, name, version) VALUES ('stubborn', $1, $2)",
                       changes[0].resource(), changes[0].version());
        if (!done.ok()) return done.status();
        return ++attempts < 3 ? absl::InternalError("not yet") : absl::OkStatus();
      },
      [](pg::Tx&) { return absl::OkStatus(); });
  CatchUp(*consumer);
  EXPECT_EQ(attempts, 3);
  EXPECT_EQ(Column(replica_->app(), "SELECT count(*) FROM effect")[0], "1");
}

// KeepNew against a reference: whatever batches arrive, in whatever order and however often, each
// resource's kept versions grow and end at the greatest.
TEST(Guard, KeepsEachVersionOnceAndOnlyForward) {
  auto replica = ReplicaDatabase();
  int64_t cursor_id = 0;
  int round = 0;
  const bool held =
      rc::check([&](const std::vector<std::vector<std::pair<uint8_t, uint8_t>>>& batches) {
        const std::string name = absl::StrCat("p", ++round);
        std::map<std::string, int64_t> expected, kept;
        for (const auto& batch : batches) {
          google::protobuf::RepeatedPtrField<v1::Change> changes;
          std::vector<std::pair<std::string, int64_t>> wanted, got;
          for (const auto& [which, version] : batch) {
            auto* change = changes.Add();
            change->set_resource_type(kOrganisation);
            change->set_resource(OrganisationName(which % 3));
            change->set_version(version % 6 + 1);
            if (change->version() <= expected[change->resource()]) continue;
            expected[change->resource()] = change->version();
            wanted.emplace_back(change->resource(), change->version());
          }
          auto status = replica->app().Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
            auto cursor = LockCursor(tx, "registry", name);
            if (!cursor.ok()) return cursor.status();
            cursor_id = cursor->id;
            auto fresh = KeepNew(tx, cursor->id, changes);
            if (!fresh.ok()) return fresh.status();
            got.clear();
            for (const auto& change : *fresh) got.emplace_back(change.resource(), change.version());
            return absl::OkStatus();
          });
          RC_ASSERT(status.ok());
          RC_ASSERT(got == wanted);
        }
      });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace rsnms::feed
