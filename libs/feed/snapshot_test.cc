// Snapshots read while the source changes, and read anew: the projection ends equal to its source.
#include "libs/feed/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/feed/consumer.h"
#include "libs/feed/test_source.h"
#include "libs/testing/admin.h"

namespace rsnms::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int kRounds = 8;

class SnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(source_.sealer().Flush(kLong).ok()); }

  void CatchUp(Consumer& consumer) {
    ASSERT_TRUE(source_.sealer().Flush(kLong).ok());
    const auto status = consumer.CatchUp(kLong);
    ASSERT_TRUE(status.ok()) << status;
  }
  void ExpectEqual(const std::string& projection) {
    EXPECT_EQ(ReplicaRows(replica_->app(), projection), SourceRows(db_->app())) << projection;
  }
  std::vector<std::string> Names(const std::string& projection) {
    return Column(replica_->app(), absl::StrCat("SELECT name FROM replica WHERE projection = '",
                                                projection, "' ORDER BY 1"));
  }

  std::unique_ptr<testing::Database> db_ =
      testing::Database::Create("feedsource", "libs/feed/testdata/source");
  std::unique_ptr<testing::Database> replica_ =
      testing::Database::Create("feedreplica", "libs/feed/testdata/replica");
  // Seals a few rows a step: a position may stand anywhere among the rows of a moment.
  Source source_{db_->app(), {absl::Milliseconds(5), absl::Milliseconds(1), 3}};
};

// A session of the source's application that runs one statement after another.
std::unique_ptr<testing::Admin> Session(const testing::Database& db) {
  auto session = std::make_unique<testing::Admin>(db.app_conninfo());
  session->Do("SET search_path = feedsource");
  session->Do("SET rsnms.scopes = '*'");
  return session;
}

std::string DeleteSql(int n, int version) {
  return absl::StrCat("UPDATE organisation SET delete_time = now(), version = ", version,
                      " WHERE id = '", Uuid(n),
                      "'; INSERT INTO journal (region_code, resource_type, resource_id, kind, "
                      "version) VALUES ('86', 'registry.rsnms/Organisation', '",
                      Uuid(n), "', 3, ", version, ")");
}

// The deletion is sealed and the older change is not: a running transaction lies between their
// transaction ids. The snapshot begins there; then the older change comes.
TEST_F(SnapshotTest, ChangeSealedAfterTheDeletionDoesNotReviveTheResource) {
  ASSERT_TRUE(source_.Rename(1, "раз").ok());
  ASSERT_TRUE(source_.sealer().Flush(kLong).ok());
  auto deleting = Session(*db_), between = Session(*db_);
  deleting->Do("BEGIN");
  deleting->Value("SELECT pg_current_xact_id()");
  between->Do("BEGIN");
  between->Value("SELECT pg_current_xact_id()");
  ASSERT_TRUE(source_.Rename(1, "два").ok());
  deleting->Do(DeleteSql(1, 3));
  deleting->Do("COMMIT");
  const auto sealed = [&] {
    return Column(db_->app(),
                  "SELECT j.version FROM journal_seal s JOIN journal j USING (seq) "
                  "ORDER BY position");
  };
  for (const auto end = absl::Now() + kLong; sealed().size() < 2 && absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  ASSERT_THAT(sealed(), ElementsAre("1", "3"));
  auto consumer = Follow(replica_->app(), source_.Client(), "a");
  for (const auto end = absl::Now() + kLong; !consumer->state().connected && absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  between->Do("COMMIT");
  CatchUp(*consumer);
  ASSERT_THAT(sealed(), ElementsAre("1", "3", "2"));
  ExpectEqual("a");
}

// Writers whose transactions overlap in every way: an id taken early, the rows written late.
void WriteAtRandom(Source& source, pg::Pool& pool, int seed, const std::atomic<bool>& done) {
  std::mt19937 random(seed);
  for (int i = 0; !done; ++i) {
    const auto early = absl::Microseconds(random() % 4000),
               late = absl::Microseconds(random() % 4000);
    const int touched = 1 + random() % 3;
    pool.Run(Everything(),
             [&](pg::Tx& tx) -> absl::Status {
               if (auto id = tx.Query("SELECT pg_current_xact_id()"); !id.ok()) return id.status();
               absl::SleepFor(early);
               std::vector<int> numbers;
               for (int t = 0; t < touched; ++t) numbers.push_back(random() % 12);
               std::sort(numbers.begin(), numbers.end());
               for (const int n : numbers) {
                 auto status = random() % 3 == 0
                                   ? source.DeleteIn(tx, n)
                                   : source.RenameIn(tx, n, absl::StrCat(seed, "-", i));
                 if (!status.ok()) return status;
               }
               absl::SleepFor(late);
               return random() % 7 == 0 ? absl::InternalError("rolled back") : absl::OkStatus();
             })
        .IgnoreError();
    source.sealer().Wake();
  }
}

TEST_F(SnapshotTest, SnapshotsOfTinyPagesAmongWritersEndEqualToTheSource) {
  // Brings the deleted back, so that there is always something to delete.
  testing::Admin admin(db_->superuser_conninfo());
  const auto revive = [&] {
    admin.Do(
        "WITH gone AS (SELECT id FROM feedsource.organisation WHERE delete_time IS NOT NULL FOR "
        "UPDATE SKIP LOCKED), back AS (UPDATE feedsource.organisation SET delete_time = NULL, "
        "version = version + 1 WHERE id IN (SELECT id FROM gone) RETURNING region_code, id, "
        "version, official_name) INSERT INTO feedsource.journal (region_code, resource_type, "
        "resource_id, kind, version, image) SELECT region_code, 'registry.rsnms/Organisation', "
        "id, 4, version, decode('12' || lpad(to_hex(octet_length(official_name)), 2, '0') || "
        "encode(convert_to(official_name, 'UTF8'), 'hex'), 'hex') FROM back");
  };
  for (int seed = 1; seed <= kRounds; ++seed) {
    const std::string projection = absl::StrCat("p", seed);
    std::mt19937 random(seed);
    const int batch = 1 + random() % 4;
    std::atomic<bool> done = false;
    std::vector<std::thread> writers;
    for (int w = 0; w < 6; ++w) {
      writers.emplace_back([&, s = random()] { WriteAtRandom(source_, db_->app(), s, done); });
    }
    for (int lives = 1 + random() % 4; lives > 0; --lives) {
      auto consumer = Follow(replica_->app(), source_.Client(), projection, batch);
      for (int i = random() % 12; i >= 0; --i) {
        absl::SleepFor(absl::Milliseconds(10));
        revive();
      }
    }
    done = true;
    for (auto& writer : writers) writer.join();
    auto consumer = Follow(replica_->app(), source_.Client(), projection, batch);
    CatchUp(*consumer);
    ASSERT_EQ(ReplicaRows(replica_->app(), projection), SourceRows(db_->app())) << "seed " << seed;
  }
  EXPECT_THAT(WrongEffects(replica_->app()), IsEmpty());
}

// Rows that left the source without a change (it was restored without them) leave the projection.
TEST_F(SnapshotTest, ResyncDropsWhatTheSourceNoLongerHas) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(source_.Rename(i, "x").ok());
  auto consumer = Follow(replica_->app(), source_.Client(), "a", 3);
  CatchUp(*consumer);
  ExpectEqual("a");
  consumer.reset();
  testing::Admin admin(db_->superuser_conninfo());
  admin.Do("DELETE FROM feedsource.organisation WHERE id::text < '" + Uuid(7) + "'");
  testing::Admin(replica_->superuser_conninfo())
      .Do("UPDATE feedreplica.feed_cursor SET hash = sha256('another past')");
  consumer = Follow(replica_->app(), source_.Client(), "a", 3);
  CatchUp(*consumer);
  EXPECT_EQ(consumer->state().resyncs, 1);
  ExpectEqual("a");
  EXPECT_EQ(Names("a").size(), 13u);
}

TEST_F(SnapshotTest, WidenedSelectorBringsTheOldRowsAndANarrowedOneDropsThem) {
  ASSERT_TRUE(source_.Rename(1, "югра", "86").ok());
  ASSERT_TRUE(source_.Rename(2, "дон", "61").ok());
  const std::string yugra = OrganisationName(1, "86"), don = OrganisationName(2, "61");
  auto consumer = Follow(replica_->app(), source_.Client(), "a", 50, {"86"});
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(yugra));
  consumer.reset();
  consumer = Follow(replica_->app(), source_.Client(), "a", 50, {"61", "86"});
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(don, yugra));
  EXPECT_EQ(consumer->state().resyncs, 1);
  consumer.reset();
  consumer = Follow(replica_->app(), source_.Client(), "a", 50, {"61"});
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(don));
  consumer.reset();
  consumer = Follow(replica_->app(), source_.Client(), "a", 50, {"61"});
  CatchUp(*consumer);
  EXPECT_EQ(consumer->state().resyncs, 0) << "nothing has changed";
}

TEST_F(SnapshotTest, ChangedScopeOfTheTokenIsFollowed) {
  ASSERT_TRUE(source_.Rename(1, "югра", "86").ok());
  ASSERT_TRUE(source_.Rename(2, "дон", "61").ok());
  const std::string yugra = OrganisationName(1, "86"), don = OrganisationName(2, "61");
  auto consumer = Follow(replica_->app(), source_.Client("regions/86"), "a");
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(yugra));
  consumer = Follow(replica_->app(), source_.Client("regions/86,regions/61"), "a");
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(don, yugra));
  consumer = Follow(replica_->app(), source_.Client("regions/61"), "a");
  CatchUp(*consumer);
  EXPECT_THAT(Names("a"), ElementsAre(don));
}

// A cursor of a release that did not keep its selection: nobody knows what it passed over.
TEST_F(SnapshotTest, CursorWithoutASelectionIsResyncedOnce) {
  ASSERT_TRUE(source_.Rename(1, "x").ok());
  auto consumer = Follow(replica_->app(), source_.Client(), "a");
  CatchUp(*consumer);
  consumer.reset();
  testing::Admin(replica_->superuser_conninfo())
      .Do("UPDATE feedreplica.feed_cursor SET selection = ''");
  consumer = Follow(replica_->app(), source_.Client(), "a");
  for (const auto end = absl::Now() + kLong; consumer->state().resyncs < 1 && absl::Now() < end;) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  ASSERT_TRUE(source_.Rename(2, "y").ok());
  CatchUp(*consumer);
  EXPECT_EQ(consumer->state().resyncs, 1);
  ExpectEqual("a");
}

}  // namespace
}  // namespace rsnms::feed
