// Retention of the journal: what leaves, what never does, and that the chain still proves itself
// while it goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "libs/journal/sealer.h"
#include "libs/journal/test_journal.h"
#include "libs/journal/verify.h"

namespace rsnms::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kLong = absl::Seconds(20);
constexpr absl::Duration kMonth = kLeastKept;
constexpr char kKeptIds[] = "SELECT resource_id FROM journal ORDER BY seq";

class PruningTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(sealer_->Flush(kLong).ok()); }

  // Rows `prefix1`, `prefix2` … written so many days ago, sealed.
  void SealRows(const std::string& prefix, int rows, int days) {
    auto status = db_->owner().Run(Everything(), [&](pg::Tx& tx) {
      return tx
          .Execute(
              "INSERT INTO journal (change_time, region_code, resource_type, resource_id, kind, "
              "version) SELECT clock_timestamp() - make_interval(days => $3::integer), '86', "
              "'registry.rsnms/Organisation', $1 || n, 2, n FROM generate_series(1, $2::integer) n",
              prefix, rows, days)
          .status();
    });
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(sealer_->Flush(kLong).ok());
  }
  absl::StatusOr<int64_t> PruneSome(int batch = 1000, absl::Duration kept = kMonth) {
    int64_t removed = -1;
    auto status = db_->app().Run(Everything(), [&](pg::Tx& tx) -> absl::Status {
      auto done = Prune(tx, kept, batch);
      if (done.ok()) removed = *done;
      return done.status();
    });
    if (!status.ok()) return status;
    return removed;
  }
  Verification Verified(pg::Pool& pool) {
    auto found = Verify(pool, Everything(), 0, 0);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(Verification{});
  }
  Verification Verified() { return Verified(db_->app()); }

  std::unique_ptr<testing::Database> db_ = testing::Database::Create("journaltest");
  std::unique_ptr<Sealer> sealer_ = Sealer::Start(&db_->app());
};

TEST_F(PruningTest, OldRowsLeaveAndTheChainStaysVerifiable) {
  SealRows("old", 4, 40);
  SealRows("new", 6, 3);
  EXPECT_EQ(PruneSome().value_or(-1), 4);
  EXPECT_THAT(Column(db_->app(), kKeptIds),
              ElementsAre("new1", "new2", "new3", "new4", "new5", "new6"));
  EXPECT_EQ(Verified().checked_rows, 6);
  EXPECT_THAT(Verified().broken_positions, IsEmpty());
  EXPECT_EQ(PruneSome().value_or(-1), 0);
  Intruder(*db_)->Do("UPDATE journal SET version = 77 WHERE resource_id = 'new1'");
  EXPECT_THAT(Verified().broken_positions, ElementsAre(5));
}

TEST_F(PruningTest, BatchesAreSmallAndEndAtTheFirstYoungRow) {
  SealRows("old", 5, 40);
  SealRows("young", 1, 3);
  SealRows("late", 2, 40);  // a long transaction's: its neighbours before it are young
  EXPECT_EQ(PruneSome(2).value_or(-1), 2);
  EXPECT_THAT(Verified().broken_positions, IsEmpty());
  int64_t removed = 2;
  for (int64_t step = 1; step > 0; removed += step) {
    auto done = PruneSome(3);
    ASSERT_TRUE(done.ok()) << done.status();
    EXPECT_LE(*done, 3);
    step = *done;
  }
  EXPECT_EQ(removed, 5);
  EXPECT_THAT(Column(db_->app(), kKeptIds), ElementsAre("young1", "late1", "late2"));
}

TEST_F(PruningTest, NewestRowStaysAndPositionsGoOn) {
  SealRows("old", 10, 40);
  EXPECT_EQ(PruneSome().value_or(-1), 9);
  EXPECT_THAT(Column(db_->app(), kKeptIds), ElementsAre("old10"));
  SealRows("new", 1, 0);
  EXPECT_EQ(sealer_->state().position, 11);
  EXPECT_THAT(Verified().broken_positions, IsEmpty());
}

// An anchor at position 1 could not be told from a first row that somebody removed.
TEST_F(PruningTest, FirstRowNeverLeavesAlone) {
  SealRows("old", 2, 40);
  EXPECT_EQ(PruneSome().value_or(-1), 0);
  EXPECT_EQ(Verified().checked_rows, 2);
}

TEST_F(PruningTest, DatabaseRefusesToForgetWhatIsRecent) {
  SealRows("old", 4, 20);
  EXPECT_TRUE(absl::IsPermissionDenied(PruneSome(100, absl::Hours(24 * 10)).status()));
  EXPECT_THAT(Column(db_->app(), kKeptIds), ElementsAre("old1", "old2", "old3", "old4"));
}

// Seals and rows leave together or not at all, whatever scope the caller works under.
TEST_F(PruningTest, NarrowScopeDoesNotTearRowsFromTheirSeals) {
  SealRows("old", 4, 40);
  SealRows("new", 2, 0);
  auto narrow = Everything();
  narrow.scopes = "regions/61";
  auto status =
      db_->app().Run(narrow, [&](pg::Tx& tx) { return Prune(tx, kMonth, 1000).status(); });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(Column(db_->app(), kKeptIds), ElementsAre("new1", "new2"));
  EXPECT_THAT(Verified().broken_positions, IsEmpty());
}

// Does something after each transaction of the pool it stands before.
class Meanwhile : public pg::Pool {
 public:
  Meanwhile(pg::Pool& pool, std::function<void()> action)
      : pool_(pool), action_(std::move(action)) {}
  absl::Status Run(const pg::TxOptions& options,
                   const std::function<absl::Status(pg::Tx&)>& body) override {
    auto status = pool_.Run(options, body);
    action_();
    return status;
  }
  absl::StatusOr<pqxx::result> Read(const pg::TxOptions& options, std::string_view sql,
                                    const pg::Params& params) override {
    return pool_.Read(options, sql, params);
  }
  absl::Status Ping(absl::Duration timeout) override { return pool_.Ping(timeout); }
  pg::PoolStats Stats() const override { return pool_.Stats(); }
  const pg::PoolOptions& options() const override { return pool_.options(); }

 private:
  pg::Pool& pool_;
  const std::function<void()> action_;
};

TEST_F(PruningTest, VerificationIsNotAlarmedByRetentionThatOvertakesIt) {
  SealRows("old", 9000, 40);
  SealRows("new", 1000, 3);
  for (const int batch : {700, 3500, 9000}) {
    Meanwhile pool(db_->app(), [&] { ASSERT_TRUE(PruneSome(batch).ok()); });
    const auto found = Verified(pool);
    EXPECT_THAT(found.broken_positions, IsEmpty()) << batch;
    EXPECT_EQ(found.chain_hash.size(), 32u);
  }
  EXPECT_EQ(Verified().checked_rows, 1000);
}

TEST_F(PruningTest, VerificationStillFindsDamageBehindWhatRetentionRemoves) {
  SealRows("old", 9000, 40);
  SealRows("new", 1000, 3);
  Intruder(*db_)->Do("UPDATE journal SET version = 77777 WHERE resource_id = 'new500'");
  Meanwhile pool(db_->app(), [&] { ASSERT_TRUE(PruneSome(3500).ok()); });
  EXPECT_THAT(Verified(pool).broken_positions, ElementsAre(9500));
}

}  // namespace
}  // namespace rsnms::journal
