// Waiting, retrying, scopes, deadlines and cancellation.
#include "libs/pg/pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "libs/pg/test_support.h"

namespace rsnms::pg {
namespace {

using absl::StatusCode;

class PoolTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { db_ = TestDatabase().release(); }
  static void TearDownTestSuite() { delete db_; }
  void SetUp() override {
    pool_ = PoolOf(db_->app_conninfo());
    ASSERT_TRUE(Do(*pool_, "DELETE FROM item").ok());
    ASSERT_TRUE(Do(*pool_, "INSERT INTO item (id, amount) VALUES (1, 0), (2, 0)").ok());
  }
  static testing::Database* db_;
  std::unique_ptr<Pool> pool_;
};
testing::Database* PoolTest::db_ = nullptr;

// Two threads meet after their first statement, so that the first attempts collide for certain.
struct Meeting {
  absl::Barrier* barrier = new absl::Barrier(2);
  void Once(int attempt) {
    if (attempt == 1 && barrier->Block()) delete barrier;
  }
};

TEST_F(PoolTest, RowThatADemandAnswersFailsTheTransactionAsAForeignKey) {
  const auto run = [&](int64_t id, bool query_after) {
    return pool_->Run(Everything(), [&](Tx& tx) -> absl::Status {
      if (auto s = tx.Query("UPDATE item SET amount = 7 WHERE id = 1").status(); !s.ok()) return s;
      auto s = tx.DeferDemand("SELECT 'item_alive' FROM item WHERE id = $1", Params::Of(id));
      if (!s.ok() || !query_after) return s;
      return tx.Query("UPDATE item SET amount = 8 WHERE id = 1").status();
    });
  };
  for (const bool query_after : {true, false}) {
    const auto status = run(2, query_after);
    EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND") << query_after;
    EXPECT_EQ(Metadata(status, "constraint"), "item_alive");
    EXPECT_EQ(Value(*pool_, "SELECT amount FROM item WHERE id = 1"), "0") << query_after;
  }
  EXPECT_TRUE(run(3, true).ok());
  EXPECT_EQ(Value(*pool_, "SELECT amount FROM item WHERE id = 1"), "8");
}

TEST_F(PoolTest, SwallowedDemandDoesNotCommit) {
  const auto status = pool_->Run(Everything(), [&](Tx& tx) -> absl::Status {
    (void)tx.DeferDemand("SELECT 'item_alive'", Params());
    (void)tx.Query("UPDATE item SET amount = 8 WHERE id = 1");
    return absl::OkStatus();
  });
  EXPECT_EQ(rpc::ReasonOf(status), "REFERENCE_NOT_FOUND");
  EXPECT_EQ(Value(*pool_, "SELECT amount FROM item WHERE id = 1"), "0");
}

TEST_F(PoolTest, SavepointHealsADemand) {
  const auto status = pool_->Run(Everything(), [&](Tx& tx) -> absl::Status {
    auto s = tx.Savepoint([&]() -> absl::Status {
      (void)tx.DeferDemand("SELECT 'item_alive'", Params());
      return tx.Query("UPDATE item SET amount = 8 WHERE id = 1").status();
    });
    EXPECT_EQ(rpc::ReasonOf(s), "REFERENCE_NOT_FOUND");
    return tx.Query("UPDATE item SET amount = 9 WHERE id = 2").status();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Value(*pool_, "SELECT string_agg(amount::text, ' ' ORDER BY id) FROM item"), "0 9");
}

TEST_F(PoolTest, UnscopedShowsTheRegionAndRestoresTheScope) {
  ASSERT_TRUE(Do(*pool_, "INSERT INTO secret (region_code, id) VALUES ('86', 77)").ok());
  TxOptions narrow;
  narrow.scopes = "regions/86/persons/x,regions/61";
  const auto count = [](Tx& tx) {
    auto rows = tx.Query("SELECT count(*) FROM secret WHERE id = 77");
    return rows.ok() ? std::string((*rows)[0][0].c_str()) : rows.status().ToString();
  };
  const auto status = pool_->Run(narrow, [&](Tx& tx) -> absl::Status {
    EXPECT_EQ(count(tx), "0");
    auto s = tx.Unscoped("86", [&] {
      EXPECT_EQ(count(tx), "1");
      return absl::OkStatus();
    });
    EXPECT_EQ(count(tx), "0");
    s = tx.Unscoped("86", [] { return absl::NotFoundError("no"); });
    EXPECT_TRUE(absl::IsNotFound(s));
    EXPECT_EQ(count(tx), "0") << "restored after a failure too";
    s = tx.Savepoint(
        [&] { return tx.Unscoped("86", [&] { return tx.Query("SELECT 1 / 0").status(); }); });
    EXPECT_FALSE(s.ok());
    EXPECT_EQ(count(tx), "0") << "and after one that a savepoint heals";
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(Do(*pool_, "DELETE FROM secret WHERE id = 77").ok());
}

TEST_F(PoolTest, SerializationFailureIsRunAgain) {
  Meeting meeting;
  auto increment = [&] {
    TxOptions options = Everything();
    options.isolation = Isolation::kSerializable;
    int attempt = 0;
    auto status = pool_->Run(options, [&](Tx& tx) -> absl::Status {
      ++attempt;
      auto rows = tx.Query("SELECT amount FROM item WHERE id = 1");
      if (!rows.ok()) return rows.status();
      meeting.Once(attempt);
      return tx.Query("UPDATE item SET amount = $1 WHERE id = 1", (*rows)[0][0].as<int64_t>() + 1)
          .status();
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  std::thread one(increment), two(increment);
  one.join();
  two.join();
  EXPECT_EQ(Value(*pool_, "SELECT amount FROM item WHERE id = 1"), "2");
  EXPECT_GE(pool_->Stats().retries, 1);
}

TEST_F(PoolTest, DeadlockIsRunAgain) {
  Meeting meeting;
  auto update = [&](int first, int second) {
    int attempt = 0;
    auto status = pool_->Run(Everything(), [&](Tx& tx) -> absl::Status {
      ++attempt;
      constexpr char kSql[] = "UPDATE item SET amount = amount + 1 WHERE id = $1";
      if (auto done = tx.Execute(kSql, first); !done.ok()) return done.status();
      meeting.Once(attempt);
      return tx.Execute(kSql, second).status();
    });
    EXPECT_TRUE(status.ok()) << status;
  };
  std::thread one(update, 1, 2), two(update, 2, 1);
  one.join();
  two.join();
  EXPECT_EQ(Value(*pool_, "SELECT sum(amount) FROM item"), "4");
  EXPECT_GE(pool_->Stats().retries, 1);
}

TEST_F(PoolTest, AttemptsAreBoundedAndSwallowedCollisionsStillCount) {
  int attempts = 0;
  auto status = pool_->Run(Everything(), [&](Tx& tx) -> absl::Status {
    ++attempts;
    auto inner = tx.Savepoint([&] { return tx.Query("SELECT raise_state('40001')").status(); });
    return absl::OkStatus();  // a savepoint does not heal a serialization failure
  });
  EXPECT_EQ(status.code(), StatusCode::kAborted);
  EXPECT_EQ(rpc::ReasonOf(status), "CONCURRENT_UPDATE");
  EXPECT_EQ(attempts, 5);
}

TEST_F(PoolTest, ScopeEndsWithItsTransaction) {
  auto pool = PoolOf(db_->app_conninfo(), 1);
  ASSERT_TRUE(Do(*pool, "INSERT INTO secret VALUES ('86', 1), ('86', 2), ('61', 3)").ok());
  auto seen = [&](const std::string& scopes, bool by_read) -> std::string {
    TxOptions options;
    options.scopes = scopes;
    std::string count;
    constexpr char kSql[] = "SELECT count(*) FROM secret";
    if (by_read) return (*pool->Read(options, kSql, Params()))[0][0].c_str();
    EXPECT_TRUE(pool->Run(options,
                          [&](Tx& tx) -> absl::Status {
                            auto rows = tx.Query(kSql);
                            if (!rows.ok()) return rows.status();
                            count = (*rows)[0][0].c_str();
                            return absl::OkStatus();
                          })
                    .ok());
    return count;
  };
  for (bool by_read : {false, true}) {
    EXPECT_EQ(seen("regions/86", by_read), "2");
    EXPECT_EQ(seen("", by_read), "0");
    EXPECT_EQ(seen("regions/61,regions/86", by_read), "3");
    EXPECT_EQ(seen("regions/8", by_read), "0");
    EXPECT_EQ(seen("*", by_read), "3");
    EXPECT_EQ(seen("", !by_read), "0");
  }
  TxOptions foreign;
  foreign.scopes = "regions/61";
  auto status = pool->Run(
      foreign, [](Tx& tx) { return tx.Query("INSERT INTO secret VALUES ('86', 9)").status(); });
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
}

// Holds every connection of `pool` until notified.
std::vector<std::thread> Occupy(Pool& pool, int count, absl::Notification& release) {
  auto taken = std::make_shared<std::atomic<int>>(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, taken] {
      EXPECT_TRUE(pool.Run(Everything(),
                           [&](Tx& tx) -> absl::Status {
                             auto rows = tx.Query("SELECT 1");
                             ++*taken;
                             release.WaitForNotification();
                             return rows.status();
                           })
                      .ok());
    });
  }
  while (*taken < count) absl::SleepFor(absl::Milliseconds(1));
  return threads;
}

TEST_F(PoolTest, ExhaustedPoolAnswersOverloadedInTime) {
  absl::Notification release;
  auto threads = Occupy(*pool_, 4, release);
  const absl::Time begin = absl::Now();
  auto status = Do(*pool_, "SELECT 1");
  const absl::Duration waited = absl::Now() - begin;
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(rpc::ReasonOf(status), "OVERLOADED");
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_GE(waited, absl::Milliseconds(390));
  EXPECT_LT(waited, absl::Seconds(5));
  auto late = pool_->Run(Within(absl::Milliseconds(50)), [](Tx&) { return absl::OkStatus(); });
  EXPECT_EQ(rpc::ReasonOf(late), "DEADLINE_EXCEEDED");
  TxOptions gone = Everything();
  gone.cancelled = [] { return true; };
  EXPECT_EQ(rpc::ReasonOf(pool_->Run(gone, [](Tx&) { return absl::OkStatus(); })), "CANCELLED");
  EXPECT_EQ(pool_->Stats().size, 4);
  EXPECT_EQ(pool_->Stats().waiting, 0);
  std::thread waiter([&] { EXPECT_TRUE(Do(*pool_, "SELECT 1").ok()); });
  while (pool_->Stats().waiting == 0) absl::SleepFor(absl::Milliseconds(1));
  release.Notify();
  waiter.join();
  for (auto& thread : threads) thread.join();
}

TEST_F(PoolTest, DeadlineBecomesStatementTimeout) {
  auto setting = pool_->Run(Within(absl::Seconds(7)), [](Tx& tx) -> absl::Status {
    auto rows = tx.Query("SELECT setting::int FROM pg_settings WHERE name = 'statement_timeout'");
    if (!rows.ok()) return rows.status();
    EXPECT_GT((*rows)[0][0].as<int>(), 5000);
    EXPECT_LE((*rows)[0][0].as<int>(), 7000);
    return absl::OkStatus();
  });
  EXPECT_TRUE(setting.ok()) << setting;
  EXPECT_EQ(Value(*pool_, "SHOW statement_timeout"), "0");
  const absl::Time begin = absl::Now();
  auto status = pool_->Run(Within(absl::Milliseconds(200)),
                           [](Tx& tx) { return tx.Query("SELECT pg_sleep(20)").status(); });
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(pool_->Stats().watchdog_kills, 0);
}

TEST_F(PoolTest, DeadlineCoversAllStatementsTogether) {
  const absl::Time begin = absl::Now();
  auto status = pool_->Run(Within(absl::Milliseconds(300)), [](Tx& tx) -> absl::Status {
    for (int i = 0; i < 100; ++i) {
      if (auto rows = tx.Query("SELECT pg_sleep(0.05)"); !rows.ok()) return rows.status();
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
}

TEST_F(PoolTest, CancellationStopsTheQueryAndSparesTheConnection) {
  std::atomic<bool> cancelled = false;
  TxOptions options = Everything();
  options.cancelled = [&] { return cancelled.load(); };
  std::thread canceller([&] {
    absl::SleepFor(absl::Milliseconds(200));
    cancelled = true;
  });
  const absl::Time begin = absl::Now();
  auto status = pool_->Run(options, [](Tx& tx) {
    return tx.Query("SELECT pg_sleep(20) /* to be cancelled */").status();
  });
  canceller.join();
  EXPECT_EQ(rpc::ReasonOf(status), "CANCELLED") << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(Value(*pool_,
                  "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
                  "'%pg_sleep(20)%' AND pid <> pg_backend_pid()"),
            "0");
  EXPECT_EQ(pool_->Stats().size, 1) << "the connection goes on serving";
}

TEST_F(PoolTest, CommitIsNeverCancelled) {
  std::atomic<bool> cancelled = false;
  TxOptions options = Everything();
  options.cancelled = [&] { return cancelled.load(); };
  std::thread canceller;
  auto status = pool_->Run(options, [&](Tx& tx) -> absl::Status {
    auto rows = tx.Query("INSERT INTO item (id, amount) VALUES (7, 777)");
    canceller = std::thread([&] {
      absl::SleepFor(absl::Milliseconds(300));  // COMMIT takes a second
      cancelled = true;
    });
    return rows.status();
  });
  canceller.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Value(*pool_, "SELECT count(*) FROM item WHERE id = 7"), "1");
}

TEST_F(PoolTest, IdleTransactionIsEndedByTheServer) {
  PoolOptions options = pool_->options();
  options.idle_in_transaction_timeout = absl::Milliseconds(100);
  auto pool = Pool::Create(options);
  auto status = pool->Run(Everything(), [](Tx& tx) -> absl::Status {
    if (auto rows = tx.Query("SELECT 1"); !rows.ok()) return rows.status();
    absl::SleepFor(absl::Milliseconds(400));
    return tx.Query("SELECT 1").status();
  });
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_TRUE(Do(*pool, "SELECT 1").ok());
}

TEST_F(PoolTest, ReadOnlyTransactionsSeeTheirPredecessorsCommits) {
  auto pool = PoolOf(db_->app_conninfo(), 1);
  TxOptions read_only = Everything();
  read_only.read_only = true;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(Do(*pool, "UPDATE item SET amount = $1 WHERE id = 1", i).ok());
    auto status = pool->Run(read_only, [&](Tx& tx) -> absl::Status {
      auto rows = tx.Query("SELECT amount FROM item WHERE id = 1");
      if (!rows.ok()) return rows.status();
      EXPECT_EQ((*rows)[0][0].as<int>(), i);
      return i % 2 == 0 ? absl::OkStatus() : absl::NotFoundError("none");
    });
    EXPECT_EQ(status.ok(), i % 2 == 0);
  }
}

TEST_F(PoolTest, DestructionWaitsForRunningTransactions) {
  absl::Notification begun;
  std::thread caller([&, pool = pool_.get()] {
    EXPECT_TRUE(pool->Run(Everything(),
                          [&](Tx& tx) -> absl::Status {
                            begun.Notify();
                            absl::SleepFor(absl::Milliseconds(100));
                            return tx.Query("UPDATE item SET amount = 5 WHERE id = 1").status();
                          })
                    .ok());
  });
  begun.WaitForNotification();
  pool_.reset();
  EXPECT_EQ(Value(db_->app(), "SELECT amount FROM item WHERE id = 1"), "5");
  caller.join();
}

TEST_F(PoolTest, ManyThreadsShareFewConnections) {
  PoolOptions options = pool_->options();
  options.acquire_timeout = absl::Seconds(30);
  auto pool = Pool::Create(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(Do(*pool, "UPDATE item SET amount = amount + 1 WHERE id = 1").ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Value(*pool, "SELECT amount FROM item WHERE id = 1"), "800");
  EXPECT_LE(pool->Stats().size, 4);
}

}  // namespace
}  // namespace rsnms::pg
