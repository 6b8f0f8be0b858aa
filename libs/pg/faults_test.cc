// What a pool does when its server freezes, dies, restarts or leaves a commit open. Each suite has
// a cluster of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/pg/cutting_proxy.h"
#include "libs/pg/test_support.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"

namespace rsnms::pg {
namespace {

using absl::StatusCode;
using testing::Admin;
using testing::Cluster;

class Faults : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = new Cluster("faults", /*durable=*/true);
    Admin(cluster_->conninfo()).Do(R"sql(
      CREATE TABLE note (id bigint PRIMARY KEY);
      CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_sleep(1.5); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.id >= 1000) EXECUTE FUNCTION slow();)sql");
  }
  static void TearDownTestSuite() {
    delete cluster_;
    cluster_ = nullptr;
  }
  void SetUp() override {
    cluster_->Start();
    Admin(cluster_->conninfo()).Do("DELETE FROM note");
    pool_ = PoolOf(cluster_->conninfo(), 4, "public");
  }
  std::string Count(int64_t id) {
    return Admin(cluster_->conninfo())
        .Value(absl::StrCat("SELECT count(*) FROM note WHERE id=", id));
  }
  // Signals the backend that runs COMMIT, when it does.
  static void MeetCommit(const std::string& what) {
    Admin admin(cluster_->conninfo());
    for (int i = 0; i < 1000; ++i) {
      const std::string pid = admin.Value(
          "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query = 'COMMIT' AND "
          "wait_event IN ('PgSleep', 'SyncRep')");
      if (!pid.empty()) {
        admin.Do(absl::StrCat("SELECT ", what, "(", pid, ")"));
        return;
      }
      absl::SleepFor(absl::Milliseconds(5));
    }
    ADD_FAILURE() << "no COMMIT was met";
  }
  static int BackendPid(Tx& tx) {
    auto rows = tx.Query("SELECT pg_backend_pid()");
    return rows.ok() ? (*rows)[0][0].as<int>() : 0;
  }

  static Cluster* cluster_;
  std::unique_ptr<Pool> pool_;
};
Cluster* Faults::cluster_ = nullptr;

void ExpectInDoubt(const absl::Status& status, Pool& pool) {
  EXPECT_EQ(status.code(), StatusCode::kUnknown) << status;
  EXPECT_EQ(rpc::ReasonOf(status), "COMMIT_IN_DOUBT");
  EXPECT_EQ(pool.Stats().commits_in_doubt, 1);
  EXPECT_EQ(pool.Stats().retries, 0) << "a commit in doubt must not be repeated";
}

TEST_F(Faults, ServiceStartsWhileItsDatabaseIsAway) {
  auto pool = PoolOf("host=/nonexistent port=1 user=nobody dbname=none");
  auto status = pool->Ping(absl::Seconds(1));
  EXPECT_EQ(rpc::ReasonOf(status), "DATABASE_UNAVAILABLE");
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_EQ(rpc::ReasonOf(Do(*pool, "SELECT 1")), "DATABASE_UNAVAILABLE");
}

TEST_F(Faults, StaleConnectionsAreReplacedUnnoticed) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { Do(*pool_, "SELECT pg_sleep(0.1)").IgnoreError(); });
  for (auto& thread : threads) thread.join();
  ASSERT_EQ(pool_->Stats().size, 4);
  Admin(cluster_->conninfo())
      .Do("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = "
          "'rsnms'");
  EXPECT_TRUE(Do(*pool_, "INSERT INTO note VALUES (1)").ok());
  EXPECT_EQ(Count(1), "1");
  EXPECT_EQ(pool_->Stats().size, 1);
}

TEST_F(Faults, ServerMayBeStoppedAndStartedAgain) {
  ASSERT_TRUE(pool_->Ping(absl::Seconds(1)).ok());
  absl::Status cut;
  std::thread caller([&] { cut = Do(*pool_, "SELECT pg_sleep(20)"); });
  absl::SleepFor(absl::Milliseconds(200));
  cluster_->Stop();
  caller.join();
  EXPECT_EQ(cut.code(), StatusCode::kUnavailable) << cut;
  EXPECT_EQ(rpc::ReasonOf(Do(*pool_, "SELECT 1")), "DATABASE_UNAVAILABLE");
  cluster_->Start();
  EXPECT_TRUE(Do(*pool_, "INSERT INTO note VALUES (2)").ok());
}

TEST_F(Faults, ClusterStartsAgainOverACrash) {
  kill(cluster_->postmaster_pid(), SIGKILL);
  absl::SleepFor(absl::Milliseconds(200));
  cluster_->Start();
  EXPECT_TRUE(Do(*pool_, "INSERT INTO note VALUES (3)").ok());
}

TEST_F(Faults, FrozenBackendIsMetByTheWatchdog) {
  int pid = 0;
  const absl::Time begin = absl::Now();
  auto status = pool_->Run(Within(absl::Milliseconds(300)), [&](Tx& tx) -> absl::Status {
    pid = BackendPid(tx);
    kill(pid, SIGSTOP);
    return tx.Query("SELECT 1").status();
  });
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded) << status;
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_EQ(pool_->Stats().watchdog_kills, 1);
  EXPECT_TRUE(Do(*pool_, "SELECT 1").ok()) << "another connection serves";
  kill(pid, SIGCONT);
}

TEST_F(Faults, FrozenServerKeepsNobodyLongerThanAsked) {
  ASSERT_TRUE(pool_->Ping(absl::Seconds(1)).ok());
  Admin admin(cluster_->conninfo());
  const int backend = std::stoi(
      admin.Value("SELECT pid FROM pg_stat_activity WHERE application_name = 'rsnms' LIMIT 1"));
  const int postmaster = cluster_->postmaster_pid();
  kill(postmaster, SIGSTOP);
  kill(backend, SIGSTOP);
  absl::Time begin = absl::Now();
  EXPECT_EQ(pool_->Ping(absl::Milliseconds(200)).code(), StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  begin = absl::Now();
  auto status = Do(*pool_, "SELECT 1");  // connects to a postmaster that does not answer
  EXPECT_EQ(rpc::ReasonOf(status), "DATABASE_UNAVAILABLE");
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  kill(backend, SIGCONT);
  kill(postmaster, SIGCONT);
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_TRUE(pool_->Ping(absl::Seconds(5)).ok());
}

TEST_F(Faults, BackendFrozenInCommitLeavesItInDoubt) {
  std::atomic<int> pid = 0;
  std::thread freezer([&] {
    while (pid == 0) absl::SleepFor(absl::Milliseconds(1));
    absl::SleepFor(absl::Milliseconds(500));
    kill(pid, SIGSTOP);
  });
  auto status = pool_->Run(Within(absl::Seconds(1)), [&](Tx& tx) -> absl::Status {
    auto rows = tx.Query("INSERT INTO note VALUES (1001)");
    pid = BackendPid(tx);
    return rows.status();
  });
  freezer.join();
  ExpectInDoubt(status, *pool_);
  EXPECT_EQ(pool_->Stats().watchdog_kills, 1);
  kill(pid, SIGCONT);
  Admin(cluster_->conninfo())
      .Do(absl::StrCat("SELECT pg_terminate_backend(", pid.load(), ", 5000)"));
}

TEST_F(Faults, BackendTerminatedInCommitLeavesItInDoubt) {
  std::thread killer([] { MeetCommit("pg_terminate_backend"); });
  auto status = Do(*pool_, "INSERT INTO note VALUES (1002)");
  killer.join();
  ExpectInDoubt(status, *pool_);
}

TEST_F(Faults, CommitRefusedByTheServerIsNotInDoubt) {
  std::thread canceller([] { MeetCommit("pg_cancel_backend"); });
  auto status = Do(*pool_, "INSERT INTO note VALUES (1003)");
  canceller.join();
  EXPECT_EQ(status.code(), StatusCode::kCancelled) << status;
  EXPECT_EQ(Count(1003), "0");
}

TEST_F(Faults, WireCutAfterCommitIsInDoubtAndTheRowIsThere) {
  CuttingProxy proxy(cluster_->port());
  auto pool =
      PoolOf(absl::StrCat("host=127.0.0.1 user=postgres dbname=postgres port=", proxy.port()), 1,
             "public");
  ASSERT_TRUE(pool->Ping(absl::Seconds(5)).ok());
  proxy.Arm();
  ExpectInDoubt(Do(*pool, "INSERT INTO note VALUES (5)"), *pool);
  EXPECT_EQ(Count(5), "1") << "this is why a caller must ask again with the same request_id";
}

TEST_F(Faults, CancelledWaitForTheStandbyIsInDoubt) {
  Admin admin(cluster_->conninfo());
  auto standby = [&](const std::string& name) {
    admin.Do(absl::StrCat("ALTER SYSTEM SET synchronous_standby_names = '", name, "'"));
    admin.Do("SELECT pg_reload_conf()");
    while (admin.Value("SHOW synchronous_standby_names") != name) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    // Commits wait for a standby once the checkpointer too has read the setting, which it does
    // before it checkpoints. The first one gives the postmaster time to tell it.
    for (int i = 0; i < 2; ++i) admin.Do("CHECKPOINT");
  };
  standby("nobody");
  std::thread canceller([] { MeetCommit("pg_cancel_backend"); });
  auto status = Do(*pool_, "INSERT INTO note VALUES (6)");
  canceller.join();
  standby("");
  ExpectInDoubt(status, *pool_);
  EXPECT_EQ(Count(6), "1") << "the server had said COMMIT";
}

}  // namespace
}  // namespace rsnms::pg
