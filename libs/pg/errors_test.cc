// Every failure of a statement becomes a precise status that says nothing it must not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "libs/pg/test_support.h"

namespace rsnms::pg {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;
using ::testing::Not;

class Errors : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { db_ = TestDatabase().release(); }
  static void TearDownTestSuite() { delete db_; }
  void SetUp() override { ASSERT_TRUE(Do(pool(), "DELETE FROM item").ok()); }
  static Pool& pool() { return db_->app(); }
  static void Expect(const absl::Status& status, StatusCode code, std::string_view reason) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(rpc::ReasonOf(status), reason);
  }
  static testing::Database* db_;
};
testing::Database* Errors::db_ = nullptr;

TEST_F(Errors, RepeatedUniqueValueIsAlreadyExists) {
  ASSERT_TRUE(Do(pool(), "INSERT INTO item (id, name) VALUES (1, 'a')").ok());
  auto status = Do(pool(), "INSERT INTO item (id, name) VALUES (2, 'a')");
  Expect(status, StatusCode::kAlreadyExists, "ALREADY_EXISTS");
  EXPECT_EQ(Metadata(status, "constraint"), "item_name_key");
}

TEST_F(Errors, MissingReferenceAndStillReferencedDiffer) {
  auto missing = Do(pool(), "INSERT INTO item (id, parent) VALUES (1, 99)");
  Expect(missing, StatusCode::kFailedPrecondition, "REFERENCE_NOT_FOUND");
  EXPECT_EQ(Metadata(missing, "constraint"), "item_parent_fkey");
  ASSERT_TRUE(Do(pool(), "INSERT INTO item (id, parent) VALUES (1, NULL), (2, 1)").ok());
  Expect(Do(pool(), "DELETE FROM item WHERE id = 1"), StatusCode::kFailedPrecondition,
         "STILL_REFERENCED");
}

TEST_F(Errors, ChecksExclusionsAndNullsAreConstraintViolated) {
  auto check = Do(pool(), "INSERT INTO item (id, amount) VALUES (1, -1)");
  Expect(check, StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED");
  EXPECT_EQ(Metadata(check, "constraint"), "item_amount_not_negative");
  ASSERT_TRUE(Do(pool(), "INSERT INTO item (id, slot) VALUES (1, '[1,5)')").ok());
  auto overlap = Do(pool(), "INSERT INTO item (id, slot) VALUES (2, '[4,9)')");
  Expect(overlap, StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED");
  EXPECT_EQ(Metadata(overlap, "constraint"), "item_slot_free");
  auto null = Do(pool(), "INSERT INTO item (id, amount) VALUES (3, NULL)");
  Expect(null, StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED");
  EXPECT_EQ(Metadata(null, "column"), "amount");
}

TEST_F(Errors, EverySqlstateHasItsStatus) {
  const struct {
    const char* sqlstate;
    StatusCode code;
    const char* reason;
  } kTable[] = {
      {"P0001", StatusCode::kFailedPrecondition, "CONSTRAINT_VIOLATED"},
      {"40001", StatusCode::kAborted, "CONCURRENT_UPDATE"},
      {"40P01", StatusCode::kAborted, "CONCURRENT_UPDATE"},
      {"55P03", StatusCode::kAborted, "CONCURRENT_UPDATE"},
      {"40003", StatusCode::kUnknown, "COMMIT_IN_DOUBT"},
      {"57014", StatusCode::kCancelled, "CANCELLED"},
      {"53100", StatusCode::kResourceExhausted, "OVERLOADED"},
      {"53200", StatusCode::kResourceExhausted, "OVERLOADED"},
      {"53300", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"08006", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"57P01", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"57P03", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"25006", StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
      {"42501", StatusCode::kPermissionDenied, "PERMISSION_DENIED"},
      {"22P02", StatusCode::kInvalidArgument, "INVALID_FORMAT"},
      {"22003", StatusCode::kInvalidArgument, "INVALID_FORMAT"},
      {"22012", StatusCode::kInternal, "INTERNAL"},
      {"XX000", StatusCode::kInternal, "INTERNAL"},
      {"42703", StatusCode::kInternal, "INTERNAL"},
  };
  for (const auto& row : kTable) {
    SCOPED_TRACE(row.sqlstate);
    auto status = Do(pool(), "SELECT raise_state($1)", row.sqlstate);
    Expect(status, row.code, row.reason);
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret-value")));
    if (row.code == StatusCode::kResourceExhausted || row.code == StatusCode::kUnavailable) {
      EXPECT_TRUE(HasRetryInfo(status));
    }
  }
}

TEST_F(Errors, SqlTextAndValuesStayInside) {
  for (auto status : {Do(pool(), "SELECT nothing FROM nowhere WHERE 'hush' = $1", "hush"),
                      Do(pool(), "SELECT $1::uuid", "hush"), Do(pool(), "SELEC 'hush'")}) {
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(rpc::ToProto(status).DebugString(), Not(HasSubstr("hush")));
    EXPECT_THAT(rpc::ToProto(status).DebugString(), Not(HasSubstr("SELEC")));
  }
}

TEST_F(Errors, NulInTextIsRefused) {
  const std::string nul("a\0b", 3);
  Expect(Do(pool(), "SELECT $1::text", nul), StatusCode::kInvalidArgument, "NUL_CHARACTER");
  Expect(Do(pool(), "SELECT $1::text[]", std::vector<std::string>{"x", nul}),
         StatusCode::kInvalidArgument, "NUL_CHARACTER");
  Expect(pool().Read(Everything(), "SELECT $1::text", Params::Of(nul)).status(),
         StatusCode::kInvalidArgument, "NUL_CHARACTER");
}

TEST_F(Errors, BodysOwnStatusRollsBackAndIsReturned) {
  auto status = pool().Run(Everything(), [](Tx& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (1)").ok());
    return absl::NotFoundError("mine");
  });
  EXPECT_EQ(status, absl::NotFoundError("mine"));
  EXPECT_EQ(Value(pool(), "SELECT count(*) FROM item"), "0");
}

TEST_F(Errors, SwallowedFailureDoesNotCommit) {
  auto status = pool().Run(Everything(), [](Tx& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (1)").ok());
    EXPECT_FALSE(tx.Execute("INSERT INTO item (id) VALUES (1)").ok());
    EXPECT_EQ(tx.Query("SELECT 1").status().code(), StatusCode::kAlreadyExists);
    return absl::OkStatus();
  });
  Expect(status, StatusCode::kAlreadyExists, "ALREADY_EXISTS");
  EXPECT_EQ(Value(pool(), "SELECT count(*) FROM item"), "0");
}

TEST_F(Errors, ExceptionInTheBodyIsInternalAndRollsBack) {
  auto status = pool().Run(Everything(), [](Tx& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (1)").ok());
    auto rows = tx.Query("SELECT 'words'");
    return (*rows)[0][0].as<int>() == 0 ? absl::OkStatus() : absl::OkStatus();
  });
  Expect(status, StatusCode::kInternal, "INTERNAL");
  EXPECT_EQ(Value(pool(), "SELECT count(*) FROM item"), "0");
}

TEST_F(Errors, SavepointUndoesOnlyItsOwnStatements) {
  auto status = pool().Run(Everything(), [](Tx& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (1)").ok());
    auto inner = tx.Savepoint([&]() -> absl::Status {
      EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (2)").ok());
      return tx.Savepoint([&] { return tx.Query("INSERT INTO item (id) VALUES (1)").status(); });
    });
    EXPECT_EQ(inner.code(), StatusCode::kAlreadyExists);
    EXPECT_TRUE(
        tx.Savepoint([&] { return tx.Query("INSERT INTO item (id) VALUES (3)").status(); }).ok());
    return tx.Savepoint([] { return absl::OkStatus(); });
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Value(pool(), "SELECT string_agg(id::text, ',' ORDER BY id) FROM item"), "1,3");
}

TEST_F(Errors, DeferredStatementGoesWithTheCommitAndCanStopIt) {
  EXPECT_TRUE(pool()
                  .Run(Everything(),
                       [](Tx& tx) -> absl::Status {
                         return tx.Defer("INSERT INTO item (id) VALUES ($1)", Params::Of(1));
                       })
                  .ok());
  auto status = pool().Run(Everything(), [](Tx& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO item (id) VALUES (2)").ok());
    return tx.Defer("INSERT INTO item (id) VALUES ($1)", Params::Of(1));
  });
  Expect(status, StatusCode::kAlreadyExists, "ALREADY_EXISTS");
  EXPECT_EQ(Value(pool(), "SELECT string_agg(id::text, ',' ORDER BY id) FROM item"), "1");
}

TEST_F(Errors, MoreParametersThanTheProtocolCountsIsInternal) {
  Params params;
  for (int i = 0; i < 70000; ++i) params.Add(i);
  Expect(pool().Read(Everything(), "SELECT $1::int", params).status(), StatusCode::kInternal,
         "INTERNAL");
  EXPECT_EQ(Value(pool(), "SELECT 1"), "1");
}

TEST_F(Errors, ReadOnlyTransactionsCannotWrite) {
  constexpr char kSql[] = "INSERT INTO item (id) VALUES (1) RETURNING id";
  TxOptions options = Everything();
  options.read_only = true;
  Expect(pool().Run(options, [&](Tx& tx) { return tx.Query(kSql).status(); }),
         StatusCode::kInternal, "INTERNAL");
  Expect(pool().Read(Everything(), kSql, Params()).status(), StatusCode::kInternal, "INTERNAL");
  EXPECT_EQ(Value(pool(), "SELECT count(*) FROM item"), "0");
}

}  // namespace
}  // namespace rsnms::pg
