#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/pg/pool.h"
#include "libs/testing/database.h"

namespace rsnms::pg {
namespace {

TEST(Pool, QueryReturnsRows) {
  auto db = testing::Database::Create("pgtest");
  TxOptions options;
  options.scopes = "*";
  auto status = db->app().Run(options, [](Tx& tx) -> absl::Status {
    auto rows = tx.Query("SELECT $1::int + 1", 41);
    if (!rows.ok()) return rows.status();
    EXPECT_EQ((*rows)[0][0].as<int>(), 42);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace rsnms::pg
