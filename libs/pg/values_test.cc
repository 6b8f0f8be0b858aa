// What goes into the database comes out the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "libs/pg/test_support.h"

namespace rsnms::pg {
namespace {

using ::testing::ElementsAreArray;

class Values : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { db_ = TestDatabase().release(); }
  static void TearDownTestSuite() { delete db_; }
  static Pool& pool() { return db_->app(); }
  static testing::Database* db_;
};
testing::Database* Values::db_ = nullptr;

std::string AllBytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

// Texts that break careless quoting.
std::vector<std::string> OddTexts() {
  std::vector<std::string> texts = {
      "",         "\\N",   "\\.",       "\\", "\\\\", "a\tb\nc\rd", "\b\f\v",
      "NULL",     "null",  "{a,\"b\"}", "\"", "'",    "a,b",        " lead",
      "Ёжик 𝄞 ﷽", "\\x41", "$1",        "%s", "--",   "{}",         "\xEF\xBB\xBF"};
  for (char c = 1; c < 127; ++c) texts.push_back(std::string("c") + c + "\\" + c);
  return texts;
}

TEST_F(Values, ByteaKeepsEveryByte) {
  ASSERT_TRUE(
      pool()
          .Run(Everything(),
               [](Tx& tx) -> absl::Status {
                 Params params = Params::Of(1);
                 params.AddBytes(AllBytes());
                 return tx.Query("INSERT INTO item (id, blob) VALUES ($1, $2)", params).status();
               })
          .ok());
  EXPECT_EQ(FromBytea(Value(pool(), "SELECT blob FROM item WHERE id = 1")), AllBytes());
}

TEST_F(Values, ArraysKeepOddTexts) {
  const auto texts = OddTexts();
  EXPECT_THAT(FromArray(Value(pool(), "SELECT $1::text[]", texts)), ElementsAreArray(texts));
  EXPECT_EQ(Value(pool(), "SELECT cardinality($1::text[])", texts), absl::StrCat(texts.size()));
  EXPECT_TRUE(FromArray(Value(pool(), "SELECT $1::text[]", std::vector<std::string>{})).empty());
  EXPECT_EQ(
      Value(pool(), "SELECT sum(n) FROM unnest($1::bigint[]) n", std::vector<int64_t>{1, -5, 40}),
      "36");
}

// Texts over the characters that arrays and COPY quote or escape.
rc::Gen<std::vector<std::string>> TrickyTexts() {
  return rc::gen::container<std::vector<std::string>>(
      rc::gen::container<std::string>(rc::gen::element('a', 'N', '"', '\'', '\\', '{', '}', ',',
                                                       ' ', '\n', '\r', '\t', '.', '\1')));
}

TEST_F(Values, AnyTextsSurviveArraysAndCopy) {
  EXPECT_TRUE(rc::check("texts come back as they went", [] {
    const auto texts = *TrickyTexts();
    RC_ASSERT(FromArray(Value(pool(), "SELECT $1::text[]", texts)) == texts);
    std::string copied;
    auto status = pool().Run(Everything(), [&](Tx& tx) -> absl::Status {
      auto made = tx.Script("CREATE TEMP TABLE any_text (n int, t text) ON COMMIT DROP");
      if (!made.ok()) return made;
      size_t i = 0;
      auto rows = tx.CopyIn("any_text", {"n", "t"}, [&](CopyRow& row) {
        if (i == texts.size()) return false;
        row = {absl::StrCat(i), texts[i]};
        ++i;
        return true;
      });
      if (!rows.ok()) return rows.status();
      auto all = tx.Query("SELECT coalesce(array_agg(t ORDER BY n), '{}') FROM any_text");
      if (!all.ok()) return all.status();
      copied = (*all)[0][0].c_str();
      return absl::OkStatus();
    });
    RC_ASSERT(status.ok());
    RC_ASSERT(FromArray(copied) == texts);
  }));
}

TEST_F(Values, NumbersAreExact) {
  EXPECT_EQ(Value(pool(), "SELECT $1::bigint", std::numeric_limits<int64_t>::min()),
            "-9223372036854775808");
  for (double number : {0.1, 1e-300, 1.0 / 3, -1e22}) {
    EXPECT_EQ(std::stod(Value(pool(), "SELECT $1::float8", number)), number);
  }
  EXPECT_EQ(Value(pool(), "SELECT $1::float8", std::nan("")), "NaN");
  EXPECT_EQ(Value(pool(), "SELECT $1::float8", std::numeric_limits<double>::infinity()),
            "Infinity");
  EXPECT_EQ(Value(pool(), "SELECT $1::boolean", true), "t");
  EXPECT_EQ(Value(pool(), "SELECT $1::text IS NULL", std::optional<std::string>()), "t");
}

TEST_F(Values, CopyKeepsOddTexts) {
  const auto texts = OddTexts();
  std::vector<std::string> back;
  auto status = pool().Run(Everything(), [&](Tx& tx) -> absl::Status {
    if (auto s = tx.Script("CREATE TEMP TABLE \"od\"\"d\" (n int, t text) ON COMMIT DROP");
        !s.ok()) {
      return s;
    }
    size_t i = 0;
    auto copied = tx.CopyIn("od\"d", {"n", "t"}, [&](CopyRow& row) {
      if (i > texts.size()) return false;
      row = {absl::StrCat(i), std::nullopt};
      if (i < texts.size()) row[1] = texts[i];
      ++i;
      return true;
    });
    if (!copied.ok()) return copied.status();
    EXPECT_EQ(*copied, static_cast<int64_t>(texts.size()) + 1);
    auto rows = tx.Query("SELECT t FROM \"od\"\"d\" ORDER BY n");
    if (!rows.ok()) return rows.status();
    EXPECT_TRUE((*rows)[texts.size()][0].is_null());
    for (size_t n = 0; n < texts.size(); ++n) back.push_back((*rows)[n][0].c_str());
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(back, ElementsAreArray(texts));
}

// COPYs `rows` rows into `item`, the source misbehaving as asked at the last one.
absl::Status CopyItems(Pool& pool, int rows, const std::string& last_name, bool last_throws) {
  return pool.Run(Everything(), [&](Tx& tx) -> absl::Status {
    int i = 0;
    return tx
        .CopyIn("item", {"id", "name"},
                [&](CopyRow& row) {
                  if (++i > rows) return false;
                  if (i == rows && last_throws) throw std::runtime_error("source");
                  row = {absl::StrCat(1000 + i), i == rows ? last_name : absl::StrCat("n", i)};
                  return true;
                })
        .status();
  });
}

TEST_F(Values, BrokenCopyLeavesNothingAndTheConnectionServes) {
  const std::string count = "SELECT count(*) FROM item WHERE id > 1000";
  EXPECT_EQ(rpc::ReasonOf(CopyItems(pool(), 50000, "n7", false)), "ALREADY_EXISTS");
  EXPECT_EQ(rpc::ReasonOf(CopyItems(pool(), 50000, std::string("a\0b", 3), false)),
            "NUL_CHARACTER");
  EXPECT_EQ(rpc::ReasonOf(CopyItems(pool(), 50000, "x", true)), "INTERNAL");
  EXPECT_EQ(Value(pool(), count), "0");
  EXPECT_TRUE(CopyItems(pool(), 100000, "x", false).ok());
  EXPECT_EQ(Value(pool(), count), "100000");
  EXPECT_EQ(pool().Stats().size, 1) << "no connection was given up";
}

TEST_F(Values, ManyDifferentStatementsFitTheBoundedCache) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 600; ++i) {
      ASSERT_EQ(Value(pool(), absl::StrCat("SELECT ", i, " + $1::int"), 1), absl::StrCat(i + 1));
    }
  }
  EXPECT_LT(std::stoi(Value(pool(), "SELECT count(*) FROM pg_prepared_statements")), 300);
}

TEST_F(Values, PlanMadeStaleByAMigrationIsMadeAnew) {
  auto narrow = PoolOf(db_->app_conninfo(), 1);
  EXPECT_EQ(Value(*narrow, "SELECT * FROM item WHERE id = -1"), "");
  ASSERT_TRUE(Do(db_->owner(), "ALTER TABLE item ADD COLUMN extra int").ok());
  EXPECT_EQ(Value(*narrow, "SELECT * FROM item WHERE id = -1"), "");
  ASSERT_TRUE(Do(db_->owner(), "ALTER TABLE item DROP COLUMN extra").ok());
  EXPECT_TRUE(Do(*narrow, "SELECT * FROM item WHERE id = -1").ok());
}

}  // namespace
}  // namespace rsnms::pg
