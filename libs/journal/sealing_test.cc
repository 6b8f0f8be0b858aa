// The sealer among many writers, rivals, deaths and restored databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "libs/journal/seal.h"
#include "libs/journal/sealer.h"
#include "libs/journal/test_journal.h"
#include "libs/journal/verify.h"
#include "libs/testing/cluster.h"

namespace rsnms::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kLong = absl::Seconds(30);
constexpr char kSealedIds[] =
    "SELECT j.resource_id FROM journal_seal s JOIN journal j USING (seq) ORDER BY s.position";
constexpr char kGaps[] =
    "SELECT count(*) - coalesce(max(position), 0) + coalesce(min(position), 1) - 1 FROM "
    "journal_seal";

// Reads sealed rows by position only, as a consumer does, from its own thread.
class Tail {
 public:
  explicit Tail(pg::Pool& pool) : pool_(pool), thread_([this] { Loop(); }) {}
  ~Tail() { Stop(); }
  std::vector<std::string> Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    Read();
    return seen_;
  }

 private:
  void Loop() {
    while (!stop_) {
      Read();
      absl::SleepFor(absl::Milliseconds(3));
    }
  }
  void Read() {
    std::vector<std::pair<int64_t, std::string>> rows;
    auto status = pool_.Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
      rows.clear();
      auto read = tx.Query(
          "SELECT s.position, j.resource_id FROM journal_seal s JOIN journal j USING (seq) "
          "WHERE s.position > $1 ORDER BY s.position",
          position_);
      if (!read.ok()) return read.status();
      for (const auto& row : *read) rows.emplace_back(row[0].as<int64_t>(), row[1].c_str());
      return absl::OkStatus();
    });
    if (!status.ok()) return;
    for (const auto& [position, id] : rows) {
      EXPECT_EQ(position, position_ + 1);
      position_ = position;
      seen_.push_back(id);
    }
  }

  pg::Pool& pool_;
  int64_t position_ = 0;
  std::vector<std::string> seen_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

std::unique_ptr<pg::Pool> PoolOf(const testing::Database& db, const std::string& name, int size) {
  pg::PoolOptions options;
  options.conninfo = db.app_conninfo();
  options.schema = db.schema();
  options.application_name = name;
  options.size = size;
  return pg::Pool::Create(options);
}

// One writer's life: changes with delays, some rolled back, some cut by the killer.
void WriteMany(pg::Pool& pool, int writer, int changes) {
  std::mt19937 random(writer);
  for (int i = 0; i < changes; ++i) {
    const bool fail = random() % 7 == 0;
    const auto early = absl::Microseconds(random() % 3000),
               late = absl::Microseconds(random() % 3000);
    pool.Run(Everything(),
             [&](pg::Tx& tx) -> absl::Status {
               if (auto id = tx.Query("SELECT pg_current_xact_id()"); !id.ok()) return id.status();
               absl::SleepFor(early);
               auto status = Append(tx, {},
                                    {EntryOf(absl::StrCat("w", writer, "-", i), 1),
                                     EntryOf(absl::StrCat("w", writer, "-", i, "b"), 1)});
               absl::SleepFor(late);
               return fail && status.ok() ? absl::AbortedError("rolled back") : status;
             })
        .IgnoreError();
  }
}

void KillOneOf(testing::Admin& admin, const std::string& application) {
  admin.Value(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = (SELECT "
      "datname FROM pg_stat_activity WHERE pid = pg_backend_pid()) AND application_name = '" +
      application + "' ORDER BY random() LIMIT 1");
}

TEST(Sealing, ThirtyTwoWritersWithRollbacksAndKilledConnectionsLoseNothing) {
  auto db = testing::Database::Create("journaltest");
  auto writers_pool = PoolOf(*db, "victims", 32);
  auto first = Sealer::Start(&db->app()), second = Sealer::Start(&db->app());
  Tail tail(db->app());
  std::vector<std::thread> writers;
  for (int w = 0; w < 32; ++w) {
    writers.emplace_back([&, w] { WriteMany(*writers_pool, w, 25); });
  }
  std::atomic<bool> done = false;
  std::thread killer([&] {
    testing::Admin admin(db->superuser_conninfo());
    while (!done) {
      KillOneOf(admin, "victims");
      absl::SleepFor(absl::Milliseconds(20));
    }
  });
  for (auto& writer : writers) writer.join();
  done = true;
  killer.join();
  ASSERT_TRUE(first->Flush(kLong).ok());
  const auto seen = tail.Stop();
  const auto committed = Column(db->app(), "SELECT resource_id FROM journal ORDER BY xid, seq");
  EXPECT_GT(committed.size(), 500u);
  EXPECT_EQ(std::multiset<std::string>(seen.begin(), seen.end()),
            std::multiset<std::string>(committed.begin(), committed.end()));
  EXPECT_EQ(seen, committed);
  auto found = Verify(db->app(), Everything(), 0, 0);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found->broken_positions, IsEmpty());
}

TEST(Sealing, RivalTakesOverWhenTheLeadersBackendIsKilled) {
  auto db = testing::Database::Create("journaltest");
  auto one = PoolOf(*db, "one", 1), two = PoolOf(*db, "two", 1);
  SealerOptions options;
  options.batch = 7;
  auto first = Sealer::Start(one.get(), options), second = Sealer::Start(two.get(), options);
  testing::Admin admin(db->superuser_conninfo());
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(Write(db->app(), absl::StrCat("r", i)).ok());
    if (i % 10 == 0) KillOneOf(admin, i % 20 == 0 ? "one-sealer" : "two-sealer");
    if (i == 150) first.reset();  // one replica goes for good
  }
  ASSERT_TRUE(second->Flush(kLong).ok());
  EXPECT_EQ(Column(db->app(), kSealedIds).size(), 300u);
  EXPECT_THAT(Column(db->app(), kGaps), ElementsAre("0"));
  EXPECT_EQ(second->state().position, 300);
}

TEST(Sealing, HungLeaderDoesNotSealPastItsRival) {
  auto db = testing::Database::Create("journaltest");
  ASSERT_TRUE(Write(db->app(), "a").ok());
  auto sealer = Sealer::Start(&db->app());
  ASSERT_TRUE(sealer->Flush(kLong).ok());
  auto hung = Session(*db);  // holds the sealer's lock and does nothing
  hung->Do("BEGIN");
  hung->Value("SELECT pg_advisory_xact_lock(8600001, hashtext(current_schema()))");
  ASSERT_TRUE(Write(db->app(), "b").ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(sealer->Flush(absl::Milliseconds(300))));
  hung->Do("ROLLBACK");
  ASSERT_TRUE(sealer->Flush(kLong).ok());
  EXPECT_THAT(Column(db->app(), kSealedIds), ElementsAre("a", "b"));
}

// Dumps the database into a cluster of its own, whose transaction ids begin anew.
std::unique_ptr<pg::Pool> Restore(const testing::Database& db, testing::Cluster& cluster) {
  cluster.Start();
  testing::Admin admin(cluster.conninfo());
  admin.Do("CREATE ROLE journaltest_owner LOGIN");
  admin.Do("CREATE ROLE journaltest_app LOGIN");
  admin.Do("CREATE DATABASE restored OWNER journaltest_owner");
  const std::string target = testing::ConninfoFor(cluster.conninfo(), "restored", "");
  const std::string command =
      "PATH=/usr/lib/postgresql/15/bin:$PATH; pg_dump -Fc -n journaltest -d '" +
      db.superuser_conninfo() + "' | pg_restore -d '" + target + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  pg::PoolOptions options;
  options.conninfo = testing::ConninfoFor(cluster.conninfo(), "restored", "journaltest_app");
  options.schema = "journaltest";
  return pg::Pool::Create(options);
}

TEST(Sealing, RestoreIntoANewClusterBeginsANewEpochAndLosesNothing) {
  auto db = testing::Database::Create("journaltest");
  testing::Admin(db->superuser_conninfo())
      .Do("DO $$ BEGIN FOR i IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END "
          "$$");
  std::string epoch;
  {
    auto sealer = Sealer::Start(&db->app());
    ASSERT_TRUE(Write(db->app(), "sealed").ok());
    ASSERT_TRUE(sealer->Flush(kLong).ok());
    epoch = sealer->state().epoch;
  }
  ASSERT_TRUE(Write(db->app(), "committed, not sealed").ok());

  testing::Cluster cluster("restore");
  auto restored = Restore(*db, cluster);
  // Written before any sealer looked: its transaction id is far below the restored ones.
  ASSERT_TRUE(Write(*restored, "before the epoch").ok());
  auto sealer = Sealer::Start(restored.get());
  ASSERT_TRUE(sealer->Flush(kLong).ok());
  EXPECT_NE(sealer->state().epoch, epoch);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Write(*restored, absl::StrCat("new", i)).ok());
  ASSERT_TRUE(sealer->Flush(kLong).ok());
  EXPECT_THAT(
      Column(*restored, kSealedIds),
      ElementsAre("sealed", "before the epoch", "committed, not sealed", "new0", "new1", "new2"));
  EXPECT_THAT(Column(*restored, kGaps), ElementsAre("0"));
  auto found = Verify(*restored, Everything(), 0, 0);
  ASSERT_TRUE(found.ok());
  EXPECT_THAT(found->broken_positions, IsEmpty());
}

// Whatever the interleaving of sessions' steps, each committed row is sealed once, in (xid, seq)
// order, and what was sealed earlier never changes.
TEST(Sealing, AnyInterleavingSealsTheCommittedRowsInOrder) {
  auto db = testing::Database::Create("journaltest");
  {
    auto sealer = Sealer::Start(&db->app());
    ASSERT_TRUE(sealer->Flush(kLong).ok());
  }
  constexpr int kSessions = 4;
  std::vector<std::unique_ptr<testing::Admin>> sessions;
  for (int i = 0; i < kSessions; ++i) sessions.push_back(Session(*db));
  int rows = 0;
  Walk walk;
  auto seal = [&] {
    Step step;
    auto status = db->app().Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
      auto tried = SealStep(tx, walk, 3);
      if (tried.ok()) step = *tried;
      return tried.status();
    });
    RC_ASSERT(status.ok());
    walk = step.walk;
    return step.more;
  };
  const bool held = rc::check([&](const std::vector<std::pair<uint8_t, uint8_t>>& script) {
    std::vector<bool> open(kSessions, false);
    auto before = Column(db->app(), kSealedIds);
    for (const auto& [who, what] : script) {
      const int s = who % kSessions;
      if (what % 5 == 0) {
        seal();
        const auto now = Column(db->app(), kSealedIds);
        RC_ASSERT(now.size() >= before.size());
        RC_ASSERT(std::equal(before.begin(), before.end(), now.begin()));
        before = now;
      } else if (!open[s]) {
        sessions[s]->Do("BEGIN");
        open[s] = true;
      } else if (what % 5 <= 2) {
        sessions[s]->Do(InsertSql(absl::StrCat(++rows)));
      } else {
        sessions[s]->Do(what % 5 == 3 ? "COMMIT" : "ROLLBACK");
        open[s] = false;
      }
    }
    for (int s = 0; s < kSessions; ++s) {
      if (open[s]) sessions[s]->Do("COMMIT");
    }
    const auto committed = Column(db->app(), "SELECT resource_id FROM journal ORDER BY xid, seq");
    // The horizon is the cluster's: transactions of other tests' databases may hold it for a while.
    const absl::Time deadline = absl::Now() + kLong;
    do {
      while (seal()) {
      }
    } while (Column(db->app(), kSealedIds).size() < committed.size() && absl::Now() < deadline);
    RC_ASSERT(Column(db->app(), kSealedIds) == committed);
  });
  EXPECT_TRUE(held);
  EXPECT_THAT(Column(db->app(), kGaps), ElementsAre("0"));
}

}  // namespace
}  // namespace rsnms::journal
