#include "libs/testing/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"

namespace rsnms::testing {
namespace {

pg::TxOptions Everything() {
  pg::TxOptions options;
  options.scopes = "*";
  return options;
}

std::string Value(pg::Pool& pool, const std::string& sql) {
  auto rows = pool.Read(Everything(), sql, pg::Params());
  return rows.ok() ? (*rows)[0][0].c_str() : "<error>";
}

constexpr char kTestdata[] = "libs/pg/testdata/migrations";

TEST(Database, ClonesOfOneTemplateAreSeparate) {
  auto one = Database::Create("pgtest", kTestdata);
  auto two = Database::Create("pgtest", kTestdata);
  ASSERT_TRUE(
      one->app()
          .Run(Everything(),
               [](pg::Tx& tx) { return tx.Query("INSERT INTO item (id) VALUES (1)").status(); })
          .ok());
  EXPECT_EQ(Value(one->app(), "SELECT count(*) FROM item"), "1");
  EXPECT_EQ(Value(two->app(), "SELECT count(*) FROM item"), "0");
}

TEST(Database, PoolsStandInTheirRolesAndSchema) {
  auto db = Database::Create("pgtest", kTestdata);
  EXPECT_EQ(Value(db->app(), "SELECT current_user"), "pgtest_app");
  EXPECT_EQ(Value(db->owner(), "SELECT current_user"), "pgtest_owner");
  EXPECT_EQ(Value(db->app(), "SHOW search_path"), "pgtest");
  EXPECT_EQ(Value(db->app(), "SELECT has_schema_privilege('pgtest', 'CREATE')"), "f");
  EXPECT_EQ(Value(db->app(), "SELECT count(*) FROM journal"), "0") << "the platform is there";
}

TEST(Database, IsDroppedWithItsObject) {
  auto db = Database::Create("pgtest", kTestdata);
  const std::string name = Value(db->app(), "SELECT current_database()");
  db.reset();
  EXPECT_EQ(Admin(ClusterConninfo())
                .Value("SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"),
            "0");
}

}  // namespace
}  // namespace rsnms::testing
