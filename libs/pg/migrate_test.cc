#include "libs/pg/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "libs/pg/test_support.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"

namespace rsnms::pg {
namespace {

using ::testing::HasSubstr;

// A copy of testdata/migrations that a test may change, and a database without any schema.
class Migrate : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::temp_directory_path() / absl::StrCat("rsnms-migrate-", getpid());
    std::filesystem::remove_all(directory_);
    std::filesystem::copy("libs/pg/testdata/migrations", directory_);
    database_ = absl::StrCat("migrate_", getpid());
    testing::Admin admin(testing::ClusterConninfo());
    admin.Do(absl::StrCat("DROP DATABASE IF EXISTS ", database_, " WITH (FORCE)"));
    admin.Do(absl::StrCat("CREATE DATABASE ", database_));
    options_.conninfo = Conninfo("");
    options_.schema = "migrated";
    options_.sets = {{"platform", "libs/journal/migrations"}, {"test", directory_}};
  }
  void TearDown() override {
    std::filesystem::remove_all(directory_);
    testing::Admin(testing::ClusterConninfo())
        .Do(absl::StrCat("DROP DATABASE ", database_, " WITH (FORCE)"));
  }
  std::string Conninfo(const std::string& user) const {
    return testing::ConninfoFor(testing::ClusterConninfo(), database_, user);
  }
  std::unique_ptr<Pool> App() const { return PoolOf(Conninfo("migrated_app"), 1, "migrated"); }
  std::string Super(const std::string& sql) const {
    return testing::Admin(Conninfo("")).Value(sql);
  }
  void Write(const std::string& name, const std::string& text, bool append = false) const {
    std::ofstream(directory_ / name, append ? std::ios::app : std::ios::trunc) << text;
  }

  std::filesystem::path directory_;
  std::string database_;
  MigrateOptions options_;
};

TEST_F(Migrate, WalksUpDownAndUpWithData) {
  ASSERT_TRUE(MigrateUp(options_).ok());
  ASSERT_TRUE(MigrateDown(options_, "test", 1).ok());
  auto app = App();
  ASSERT_TRUE(Do(*app, "INSERT INTO item (id, amount) VALUES (1, 10), (2, 20)").ok());
  ASSERT_TRUE(MigrateUp(options_).ok());
  EXPECT_EQ(Value(*app, "SELECT sum(doubled) FROM item"), "60");
  EXPECT_EQ(Value(*app, "SELECT count(*) FROM secret"), "2");
  ASSERT_TRUE(MigrateDown(options_, "test", 1).ok());
  EXPECT_EQ(Value(*app, "SELECT count(*) FROM item"), "2");
  EXPECT_EQ(Value(*app, "SELECT count(*) FROM secret"), "0");
  ASSERT_TRUE(MigrateDown(options_, "platform", 0).ok());
  EXPECT_EQ(Super("SELECT count(*) FROM pg_tables WHERE schemaname = 'migrated'"), "1")
      << "only schema_version is left";
  EXPECT_TRUE(MigrateUp(options_).ok());
  EXPECT_TRUE(MigrateUp(options_).ok()) << "nothing to do is no error";
}

TEST_F(Migrate, ApplicationRoleHasDataRightsOnly) {
  ASSERT_TRUE(MigrateUp(options_).ok());
  auto app = App();
  EXPECT_TRUE(Do(*app, "INSERT INTO item (id) VALUES (1)").ok());
  EXPECT_TRUE(Do(*app, "UPDATE item SET amount = 1").ok());
  EXPECT_TRUE(Do(*app, "DELETE FROM item").ok());
  for (const char* sql :
       {"CREATE TABLE mine (id int)", "DROP TABLE item", "TRUNCATE item",
        "ALTER TABLE secret DISABLE ROW LEVEL SECURITY", "DROP POLICY scope ON secret",
        "UPDATE schema_version SET version = 9", "SET ROLE migrated_owner"}) {
    EXPECT_FALSE(Do(*app, sql).ok()) << sql;
  }
  EXPECT_EQ(Super("SELECT bool_or(rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb) FROM "
                  "pg_roles WHERE rolname IN ('migrated_app', 'migrated_owner')"),
            "f");
  EXPECT_EQ(Super("SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = "
                  "'migrated'"),
            "migrated_owner");
}

TEST_F(Migrate, ChangedAppliedFileIsRefused) {
  ASSERT_TRUE(MigrateUp(options_).ok());
  Write("0001_item.up.sql", "-- one more remark\n", /*append=*/true);
  auto status = MigrateUp(options_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("test/1 was changed"));
  EXPECT_FALSE(MigrateDown(options_, "test", 0).ok());
}

TEST_F(Migrate, MalformedFamiliesAreRefused) {
  Write("0004_gap.up.sql", "SELECT 1;");
  Write("0004_gap.down.sql", "SELECT 1;");
  EXPECT_EQ(MigrateUp(options_).code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::rename(directory_ / "0004_gap.up.sql", directory_ / "0003_gap.up.sql");
  EXPECT_EQ(MigrateUp(options_).code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::rename(directory_ / "0004_gap.down.sql", directory_ / "0003_other.down.sql");
  EXPECT_EQ(MigrateUp(options_).code(), absl::StatusCode::kInvalidArgument);
  std::filesystem::rename(directory_ / "0003_other.down.sql", directory_ / "0003_gap.down.sql");
  EXPECT_TRUE(MigrateUp(options_).ok());
  options_.schema = "bad; name";
  EXPECT_EQ(MigrateUp(options_).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(Migrate, FailedMigrationLeavesNoTrace) {
  Write("0003_half.up.sql", "CREATE TABLE half (id int); SELECT 1 / 0;");
  Write("0003_half.down.sql", "DROP TABLE half;");
  auto status = MigrateUp(options_);
  EXPECT_THAT(std::string(status.message()), HasSubstr("test/3_half"));
  EXPECT_EQ(Super("SELECT to_regclass('migrated.half') IS NULL"), "t");
  EXPECT_EQ((*AppliedVersions(options_.conninfo, "migrated"))["test"], 2);
}

TEST_F(Migrate, VersionMayBeTheHeadOrOneBeforeIt) {
  auto check = [&] { return CheckVersion(Conninfo("migrated_app"), "migrated", options_.sets); };
  ASSERT_TRUE(MigrateUp(options_).ok());
  EXPECT_TRUE(check().ok()) << check();
  Write("0003_third.up.sql", "SELECT 3;");
  Write("0003_third.down.sql", "SELECT 3;");
  EXPECT_TRUE(check().ok()) << check();
  Write("0004_fourth.up.sql", "SELECT 4;");
  Write("0004_fourth.down.sql", "SELECT 4;");
  EXPECT_EQ(check().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(MigrateUp(options_).ok());
  EXPECT_TRUE(check().ok());
  ASSERT_TRUE(MigrateDown(options_, "test", 0).ok());
  EXPECT_EQ(check().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(Migrate, MigratorsAtTheSameTimeDoNotCollide) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      auto status = MigrateUp(options_);
      EXPECT_TRUE(status.ok()) << status;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ((*AppliedVersions(options_.conninfo, "migrated"))["test"], 2);
}

}  // namespace
}  // namespace rsnms::pg
