#include "libs/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "libs/journal/sealer.h"
#include "libs/journal/test_journal.h"
#include "libs/journal/verify.h"

namespace rsnms::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kLong = absl::Seconds(20);
constexpr char kSealedIds[] =
    "SELECT j.resource_id FROM journal_seal s JOIN journal j USING (seq) ORDER BY s.position";
constexpr char kPositions[] = "SELECT position FROM journal_seal ORDER BY position";

class JournalTest : public ::testing::Test {
 protected:
  // The first epoch has begun: it waits for open transactions.
  void SetUp() override { ASSERT_TRUE(sealer_->Flush(kLong).ok()); }

  void SealSomeRows(int rows) {
    for (int i = 1; i <= rows; ++i) ASSERT_TRUE(Write(db_->app(), absl::StrCat("r", i)).ok());
    ASSERT_TRUE(sealer_->Flush(kLong).ok());
  }
  Verification Verified() {
    auto found = Verify(db_->app(), Everything(), 0, 0);
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(Verification{});
  }

  std::unique_ptr<testing::Database> db_ = testing::Database::Create("journaltest");
  std::unique_ptr<Sealer> sealer_ = Sealer::Start(&db_->app());
};

TEST_F(JournalTest, AppendKeepsEveryField) {
  const std::vector<Entry> entries = {EntryOf("a", 3), EntryOf("b", 4, "61")};
  auto status = db_->app().Run(Everything(), [&](pg::Tx& tx) {
    return Append(tx, {"subject", "request", "trace", "because"}, entries);
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(
      Column(db_->app(),
             "SELECT concat_ws('|', region_code, resource_type, resource_id, kind, version, "
             "changed_fields::text, encode(image, 'hex'), actor, request_id, trace_id, "
             "reason) FROM journal ORDER BY seq"),
      ElementsAre("86|registry.rsnms/Organisation|a|2|3|{official_name,kind}|0a00ff20696d616765|"
                  "subject|request|trace|because",
                  "61|registry.rsnms/Organisation|b|2|4|{official_name,kind}|0a00ff20696d616765|"
                  "subject|request|trace|because"));
}

TEST_F(JournalTest, PositionsAreContiguousFromOne) {
  SealSomeRows(5);
  EXPECT_THAT(Column(db_->app(), kPositions), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(Column(db_->app(), kSealedIds), ElementsAre("r1", "r2", "r3", "r4", "r5"));
  EXPECT_EQ(sealer_->state().position, 5);
}

TEST_F(JournalTest, ApplicationCannotRewriteTheJournal) {
  SealSomeRows(1);
  for (const char* sql :
       {"UPDATE journal SET version = 9", "DELETE FROM journal",
        "UPDATE journal_seal SET hash = ''", "DELETE FROM journal_epoch",
        "INSERT INTO journal (xid, region_code, resource_type, resource_id, kind, "
        "version) VALUES ('5', '86', 't', 'i', 1, 1)"}) {
    auto status = db_->app().Run(
        Everything(), [&](pg::Tx& tx) { return tx.Execute(std::string_view(sql)).status(); });
    EXPECT_FALSE(status.ok()) << sql;
  }
  auto owner = db_->owner().Run(Everything(), [&](pg::Tx& tx) {
    return tx.Execute("UPDATE journal SET version = 9").status();
  });
  EXPECT_FALSE(owner.ok());
}

TEST_F(JournalTest, JournalShowsWholeRegionsOnly) {
  auto status = db_->app().Run(Everything(), [&](pg::Tx& tx) {
    return Append(tx, {}, {EntryOf("a", 1, "86"), EntryOf("b", 1, "61")});
  });
  ASSERT_TRUE(status.ok());
  auto visible = [&](const std::string& scopes) {
    auto options = Everything();
    options.scopes = scopes;
    int64_t count = -1;
    auto read = db_->app().Run(options, [&](pg::Tx& tx) -> absl::Status {
      auto rows = tx.Query("SELECT count(*) FROM journal");
      if (rows.ok()) count = (*rows)[0][0].as<int64_t>();
      return rows.status();
    });
    EXPECT_TRUE(read.ok()) << read;
    return count;
  };
  EXPECT_EQ(visible("*"), 2);
  EXPECT_EQ(visible("regions/86"), 1);
  EXPECT_EQ(visible("regions/86/organisations/a"), 0);
  EXPECT_EQ(visible(""), 0);
}

// The classic mistake beside ours, step by step: the row with the smaller seq commits last.
TEST_F(JournalTest, NaiveCursorLosesTheRowOursDelivers) {
  auto slow = Session(*db_), fast = Session(*db_);
  slow->Do("BEGIN");
  slow->Do(InsertSql("slow"));
  fast->Do(InsertSql("fast"));

  EXPECT_THAT(Column(db_->app(), "SELECT resource_id FROM journal WHERE seq > 0 ORDER BY seq"),
              ElementsAre("fast"));  // the naive reader's cursor is 2 now
  EXPECT_TRUE(absl::IsDeadlineExceeded(sealer_->Flush(absl::Milliseconds(300))));
  EXPECT_THAT(Column(db_->app(), kSealedIds), IsEmpty());

  slow->Do("COMMIT");
  EXPECT_THAT(Column(db_->app(), "SELECT resource_id FROM journal WHERE seq > 2 ORDER BY seq"),
              IsEmpty());  // `slow` is lost to it for ever
  ASSERT_TRUE(sealer_->Flush(kLong).ok());
  EXPECT_THAT(Column(db_->app(), kSealedIds), ElementsAre("slow", "fast"));
}

// A transaction that took its id early and wrote late: its rows carry the larger seq.
TEST_F(JournalTest, EarlyTransactionWithLateRowIsDelivered) {
  auto early = Session(*db_), late = Session(*db_);
  early->Do("BEGIN");
  early->Value("SELECT pg_current_xact_id()");
  late->Do(InsertSql("late"));
  early->Do(InsertSql("early"));
  early->Do("COMMIT");
  ASSERT_TRUE(sealer_->Flush(kLong).ok());
  EXPECT_THAT(Column(db_->app(), kSealedIds), ElementsAre("early", "late"));
}

TEST_F(JournalTest, IdleTransactionHoldsTheHorizonAndShowsAsLag) {
  SealSomeRows(1);
  auto idle = Session(*db_);
  idle->Do("BEGIN");
  idle->Do(InsertSql("idle"));
  ASSERT_TRUE(Write(db_->app(), "waiting").ok());
  EXPECT_TRUE(absl::IsDeadlineExceeded(sealer_->Flush(absl::Milliseconds(500))));
  EXPECT_GE(sealer_->state().lag, absl::Milliseconds(300));
  idle->Do("COMMIT");
  ASSERT_TRUE(sealer_->Flush(kLong).ok());
  EXPECT_THAT(Column(db_->app(), kSealedIds), ElementsAre("r1", "idle", "waiting"));
  EXPECT_EQ(sealer_->state().lag, absl::ZeroDuration());
}

TEST_F(JournalTest, ListenersHearOfPositionsUntilForgotten) {
  absl::Mutex mutex;
  int64_t heard = 0;
  const int listener = sealer_->OnSealed([&](int64_t position) {
    absl::MutexLock lock(&mutex);
    heard = position;
  });
  SealSomeRows(3);
  {
    absl::MutexLock lock(&mutex);
    auto all = [&] { return heard == 3; };
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&all), kLong));
  }
  sealer_->Forget(listener);
  SealSomeRows(1);
  EXPECT_EQ(heard, 3);
}

// The chain as chain.h specifies it, computed apart from it.
TEST_F(JournalTest, HashIsSha256OverTheCanonicalRow) {
  SealSomeRows(2);
  auto number = [](const std::string& column) {
    return "lpad(to_hex((" + column + ")::bigint), 16, '0')";
  };
  auto text = [](const std::string& column) {
    return "lpad(to_hex(octet_length(" + column + ")), 8, '0') || encode(" + column + ", 'hex')";
  };
  auto utf8 = [&](const std::string& column) { return text("convert_to(" + column + ", 'UTF8')"); };
  const std::string sql =
      "SELECT encode(coalesce(lag(s.hash) OVER (ORDER BY s.position), ''), 'hex') || " +
      number("s.position") + " || " + number("j.seq") + " || " + number("j.xid::text") + " || " +
      number("extract(epoch FROM j.change_time) * 1000000") + " || " + number("j.kind") + " || " +
      number("j.version") + " || " + utf8("j.region_code") + " || " + utf8("j.resource_type") +
      " || " + utf8("j.resource_id") + " || " + utf8("j.changed_fields::text") + " || " +
      text("j.image") + " || " + utf8("j.actor") + " || " + utf8("j.request_id") + " || " +
      utf8("j.trace_id") + " || " + utf8("j.reason") +
      " FROM journal_seal s JOIN journal j USING (seq) ORDER BY s.position";
  std::vector<std::string> expected;
  for (const auto& hex : Column(db_->app(), sql)) {
    const std::string bytes = absl::HexStringToBytes(hex);
    unsigned char hash[32];
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), hash);
    expected.push_back(absl::BytesToHexString({reinterpret_cast<char*>(hash), sizeof(hash)}));
  }
  EXPECT_EQ(Column(db_->app(), "SELECT encode(hash, 'hex') FROM journal_seal ORDER BY position"),
            expected);
}

TEST_F(JournalTest, VerificationOfAnUntouchedJournalFindsNothing) {
  SealSomeRows(10);
  const auto found = Verified();
  EXPECT_EQ(found.checked_rows, 10);
  EXPECT_THAT(found.broken_positions, IsEmpty());
  EXPECT_EQ(found.chain_hash.size(), 32u);
}

TEST_F(JournalTest, VerificationFindsTheEditedRow) {
  SealSomeRows(6);
  Intruder(*db_)->Do("UPDATE journal SET actor = 'somebody else' WHERE resource_id = 'r4'");
  EXPECT_THAT(Verified().broken_positions, ElementsAre(4));
}

TEST_F(JournalTest, VerificationFindsTheDeletedRow) {
  SealSomeRows(6);
  Intruder(*db_)->Do("DELETE FROM journal WHERE resource_id IN ('r1', 'r3', 'r6')");
  EXPECT_THAT(Verified().broken_positions, ElementsAre(1, 3, 6));
}

TEST_F(JournalTest, VerificationFindsTheRowDeletedWithItsSeal) {
  SealSomeRows(6);
  auto intruder = Intruder(*db_);
  intruder->Do("DELETE FROM journal WHERE resource_id = 'r3'");
  intruder->Do("DELETE FROM journal_seal WHERE position = 3");
  EXPECT_THAT(Verified().broken_positions, ElementsAre(3, 4));
}

TEST_F(JournalTest, VerificationFindsReorderedRows) {
  SealSomeRows(6);
  auto intruder = Intruder(*db_);
  intruder->Do("UPDATE journal_seal SET position = 0 WHERE position = 2");
  intruder->Do("UPDATE journal_seal SET position = 2 WHERE position = 5");
  intruder->Do("UPDATE journal_seal SET position = 5 WHERE position = 0");
  EXPECT_THAT(Verified().broken_positions, ElementsAre(2, 3, 5, 6));
}

}  // namespace
}  // namespace rsnms::journal
