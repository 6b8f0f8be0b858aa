// Who sees and who may write which rows: services/registry/RIGHTS.md, kept by the database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/testing/admin.h"
#include "libs/testing/database.h"
#include "services/registry/rights_table.h"

namespace rsnms::registry {
namespace {

std::string Uuid(int number) { return absl::StrFormat("00000000-0000-4000-8000-%012d", number); }

// Region 86: Surgut with schools 1 and 2, Urai with school 3, the institute 4 without a
// municipality. Person 11 works in school 1, did in school 2 until 400 days ago and in school 3
// until 100 days ago; person 21 works in school 2.
constexpr char kSeed[] = R"sql(
INSERT INTO region VALUES ('86', '86', 1, now(), now(), NULL, '86', '', '');
INSERT INTO municipality SELECT '86', m, 1, now(), now(), NULL, m, 'URBAN_OKRUG', m
  FROM (VALUES ('71876000'), ('71878000')) AS v (m);
INSERT INTO organisation
SELECT '86', id(n), 1, now(), now(), NULL, 'body ' || n, '', kind, m, '', '', '', NULL, NULL
  FROM (VALUES (1, 'SCHOOL', '71876000'), (2, 'SCHOOL', '71876000'), (3, 'SCHOOL', '71878000'),
               (4, 'INSTITUTE', NULL)) AS v (n, kind, m);
INSERT INTO person
SELECT '86', id(n), 1, now(), now(), NULL, 'F', 'G', '', NULL, '', '', '', '', NULL, NULL
  FROM unnest('{11,21}'::int[]) AS n;
INSERT INTO employment
SELECT '86', gen_random_uuid(), 1, now(), now(), NULL, id(p), id(o), m, 'PEDAGOGUE', 'teacher', '', '{}',
       CURRENT_DATE - 3000, CURRENT_DATE - ago, false, NULL
  FROM (VALUES (11, 1, '71876000', NULL::int), (11, 2, '71876000', 400), (11, 3, '71878000', 100),
               (21, 2, '71876000', NULL)) AS v (p, o, m, ago);
)sql";

// Scopes of the table's columns.
struct Scope {
  char letter;
  std::string setting;
};
std::vector<Scope> Scopes() {
  const std::string region = "regions/86";
  return {{'R', region},
          {'m', region + "/municipalities/71876000"},   // of the employer
          {'u', region + "/municipalities/71878000"},   // of a former employer, 100 days ago
          {'o', region + "/organisations/" + Uuid(1)},  // the employer, the entrant
          {'f', region + "/organisations/" + Uuid(2)},  // employer until 400 days ago
          {'i', region + "/organisations/" + Uuid(4)},  // the convenor
          {'p', region + "/persons/" + Uuid(11)},       // the person
          {'x', region + "/persons/" + Uuid(21)}};      // another person
}

class Rights : public ::testing::Test {
 protected:
  pg::TxOptions Scoped(const std::string& scopes) {
    pg::TxOptions options;
    options.scopes = scopes;
    return options;
  }
  void SetUp() override {
    database_ = testing::Database::Create("registry");
    const std::string seed = absl::StrReplaceAll(
        kSeed, {{"id(n)", IdSql("n")}, {"id(p)", IdSql("p")}, {"id(o)", IdSql("o")}});
    auto s = app().Run(Scoped("*"), [&](pg::Tx& tx) { return tx.Script(seed); });
    ASSERT_TRUE(s.ok()) << s;
    // References, triggers and checks are other tests' matter.
    testing::Admin(database_->superuser_conninfo()).Do(kPoliciesAlone);
  }
  static std::string IdSql(const char* n) {
    return absl::StrCat("('00000000-0000-4000-8000-' || lpad(", n, "::text, 12, '0'))::uuid");
  }
  static std::string WithIds(const std::string& text) {
    return absl::StrReplaceAll(text, {{"@11", Uuid(11)}, {"@1", Uuid(1)}});
  }
  pg::Pool& app() { return database_->app(); }

  // What is not named and may not be null gets an empty value of its type.
  std::string InsertOf(const Right& right) {
    std::map<std::string, std::string> values = {{"region_code", "'86'"},
                                                 {"id", absl::StrCat("'", Uuid(900), "'")},
                                                 {"version", "1"},
                                                 {"create_time", "now()"},
                                                 {"update_time", "now()"}};
    const std::vector<std::string> parts = absl::StrSplit(right.row, ", ", absl::SkipEmpty());
    for (const std::string& part : parts) {
      const std::vector<std::string> pair = absl::StrSplit(part, " => ");
      values[pair[0]] = WithIds(pair[1]);
    }
    std::string names, row;
    auto s = app().Run(Scoped("*"), [&](pg::Tx& tx) -> absl::Status {
      names.clear(), row.clear();
      auto columns = tx.Query(kSqlColumns, right.table);
      if (!columns.ok()) return columns.status();
      for (const auto& column : *columns) {
        const std::string name = column[0].c_str();
        const auto given = values.find(name);
        if (given == values.end() && column[1].c_str()[0] == 't') continue;
        std::string value = given == values.end() ? column[2].c_str() : given->second;
        int number = 0;
        if (name.ends_with("_id") && absl::SimpleAtoi(value, &number)) {
          value = absl::StrCat("'", Uuid(number), "'");
        }
        absl::StrAppend(&names, names.empty() ? "" : ", ", name);
        absl::StrAppend(&row, row.empty() ? "" : ", ", value);
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(s.ok()) << s;
    return absl::StrCat("INSERT INTO ", right.table, " (", names, ") VALUES (", row, ")");
  }
  // Runs statements and takes them back; the count of rows of the last, or -1 when refused.
  int Try(const std::string& scopes, const std::vector<std::string>& sql) {
    int count = 0;
    auto s = app().Run(Scoped(scopes), [&](pg::Tx& tx) -> absl::Status {
      for (const auto& statement : sql) {
        auto rows = tx.Query(statement);
        if (!rows.ok()) return rows.status();
        count = static_cast<int>(rows->columns() > 0 ? rows->size() : rows->affected_rows());
      }
      return absl::CancelledError("taken back");
    });
    if (absl::IsCancelled(s)) return count;
    EXPECT_TRUE(absl::IsPermissionDenied(s)) << sql.back() << "\n" << s;
    return -1;
  }
  template <class May>
  static std::string Letters(May may) {
    std::string letters;
    for (const auto& scope : Scopes()) {
      if (may(scope.setting)) letters += scope.letter;
    }
    return letters;
  }

  static constexpr char kPoliciesAlone[] = R"sql(
DO $$
DECLARE
  rule record;
BEGIN
  FOR rule IN SELECT oid::regclass AS name FROM pg_class
               WHERE relkind = 'r' AND relnamespace = 'registry'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', rule.name);
  END LOOP;
  FOR rule IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
               WHERE contype = 'c' AND connamespace = 'registry'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.name, rule.conname);
  END LOOP;
END
$$
)sql";
  static constexpr char kSqlColumns[] = R"sql(
SELECT a.attname, NOT a.attnotnull OR a.atthasdef,
       CASE WHEN a.atttypid IN ('text'::regtype, 'bytea'::regtype) THEN ''''''
            WHEN a.atttypid = 'uuid'::regtype THEN 'gen_random_uuid()'
            WHEN a.atttypid = 'date'::regtype THEN 'CURRENT_DATE'
            WHEN a.atttypid = 'boolean'::regtype THEN 'false'
            WHEN a.atttypid = 'jsonb'::regtype THEN '''[]'''
            WHEN a.atttypid = 'text[]'::regtype THEN '''{}'''
            ELSE '0' END
  FROM pg_attribute a
 WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 ORDER BY a.attnum
)sql";

  std::unique_ptr<testing::Database> database_;
};

TEST_F(Rights, SeenRecordedAndChangedByTheScopesOfTheTable) {
  for (const Right& right : kRights) {
    SCOPED_TRACE(absl::StrCat(right.table, ": ", right.what));
    const std::string insert = InsertOf(right);
    EXPECT_EQ(Letters([&](const std::string& scope) { return Try(scope, {insert}) == 1; }),
              right.records)
        << "records";
    auto stored = app().Run(Scoped("*"),
                            [&](pg::Tx& tx) -> absl::Status { return tx.Query(insert).status(); });
    ASSERT_TRUE(stored.ok()) << insert << "\n" << stored;
    const std::string where = absl::StrCat(" WHERE id = '", Uuid(900), "'");
    EXPECT_EQ(Letters([&](const std::string& scope) {
                return Try(scope, {absl::StrCat("SELECT id FROM ", right.table, where)}) == 1;
              }),
              right.sees)
        << "sees";
    EXPECT_EQ(Letters([&](const std::string& scope) {
                return Try(scope, {absl::StrCat("UPDATE ", right.table,
                                                " SET version = version + 1", where)}) == 1;
              }),
              right.changes)
        << "changes";
    EXPECT_EQ(Try("regions/61", {absl::StrCat("SELECT id FROM ", right.table, where)}), 0);
    auto gone = app().Run(Scoped("*"), [&](pg::Tx& tx) -> absl::Status {
      return tx.Query(absl::StrCat("DELETE FROM ", right.table, where)).status();
    });
    ASSERT_TRUE(gone.ok()) << gone;
  }
}

// 152-ФЗ, article 5: who employs a person changes the card, who did reads it for a year more.
TEST_F(Rights, FormerEmployerReadsForAYearAndWritesNoMore) {
  const std::string where = absl::StrCat(" WHERE id = '", Uuid(11), "'");
  EXPECT_EQ(Letters([&](const std::string& scope) {
              return Try(scope, {"SELECT id FROM person" + where}) == 1;
            }),
            "Rmuop");
  EXPECT_EQ(Letters([&](const std::string& scope) {
              return Try(scope, {"UPDATE person SET phone = '1'" + where}) == 1;
            }),
            "Rmo");
}

// What the list does not name has no rights anybody decided on.
TEST_F(Rights, EveryTableUnderPoliciesIsInTheTable) {
  std::vector<std::string> missing;
  auto s = app().Run(Scoped("*"), [&](pg::Tx& tx) -> absl::Status {
    auto rows = tx.Query(
        "SELECT c.relname FROM pg_class c WHERE c.relrowsecurity AND c.relkind = 'r' "
        "AND c.relnamespace = 'registry'::regnamespace AND EXISTS (SELECT FROM pg_attribute a "
        "WHERE a.attrelid = c.oid AND a.attname = 'update_time') AND c.relname <> 'region' "
        "ORDER BY 1");
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      const std::string table = row[0].c_str();
      const bool named = std::any_of(std::begin(kRights), std::end(kRights),
                                     [&](const Right& right) { return table == right.table; });
      if (!named) missing.push_back(table);
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(s.ok()) << s;
  EXPECT_THAT(missing, ::testing::IsEmpty());
}

}  // namespace
}  // namespace rsnms::registry
