// What the database keeps by itself, whoever writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/pg/migrate.h"
#include "libs/rpc/status.h"
#include "libs/testing/admin.h"
#include "libs/testing/cluster.h"
#include "libs/testing/database.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;

std::string Uuid(int number) { return absl::StrFormat("00000000-0000-4000-8000-%012d", number); }

// Two municipalities of region 86 with a school and two people each, region 61 with one of each.
// Numbers: bodies 1 and 2 (86), 3 (61); people 11, 12 work in body 1, 21, 22 in body 2, 31 in
// body 3.
constexpr char kSeed[] = R"sql(
INSERT INTO region SELECT c, c, 1, now(), now(), NULL, c, '', '' FROM unnest('{86,61}'::text[]) AS c;
INSERT INTO municipality SELECT r, m, 1, now(), now(), NULL, m, 'URBAN_OKRUG', m
  FROM (VALUES ('86', '71876000'), ('86', '71875000'), ('61', '60701000')) AS v (r, m);
INSERT INTO organisation
SELECT r, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, now(), now(), NULL, 'body ' || n, '', 'SCHOOL',
       m, '', '', '', NULL, NULL
  FROM (VALUES ('86', 1, '71876000'), ('86', 2, '71875000'), ('61', 3, '60701000')) AS v (r, n, m);
INSERT INTO person
SELECT r, ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 1, now(), now(), NULL, 'F', 'G', '', NULL, '', '',
       '', '', NULL, NULL
  FROM (VALUES ('86', 11), ('86', 12), ('86', 21), ('86', 22), ('61', 31)) AS v (r, n);
INSERT INTO employment
SELECT p.region_code, p.id, 1, now(), now(), NULL, p.id, o.id, o.municipality_id, 'PEDAGOGUE', 'teacher', '', '{}',
       '2024-09-01', NULL, true, NULL
  FROM person p JOIN organisation o ON right(o.id::text, 1) = substr(right(p.id::text, 2), 1, 1);
INSERT INTO support_record
SELECT region_code, person_id, 1, now(), now(), NULL, person_id, NULL, 'CONSULTING', NULL, '', '2024-09-01', NULL
  FROM employment;
)sql";

pg::TxOptions Scoped(const std::string& scopes) {
  pg::TxOptions options;
  options.scopes = scopes;
  return options;
}

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::Database::Create("registry");
    ASSERT_TRUE(app().Run(Scoped("*"), [](pg::Tx& tx) { return tx.Script(kSeed); }).ok());
  }
  pg::Pool& app() { return database_->app(); }

  template <class... T>
  absl::Status Do(const std::string& scopes, std::string_view sql, T... values) {
    return app().Run(Scoped(scopes), [&](pg::Tx& tx) { return tx.Query(sql, values...).status(); });
  }
  std::string Value(const std::string& scopes, std::string_view sql) {
    std::string value = "<none>";
    auto status = app().Run(Scoped(scopes), [&](pg::Tx& tx) {
      auto rows = tx.Query(sql);
      if (rows.ok() && !rows->empty()) value = (*rows)[0][0].c_str();
      return rows.status();
    });
    return status.ok() ? value : std::string(status.message());
  }
  absl::Status Link(int id, int child, int parent, const char* from, const char* until,
                    const std::string& scopes = "*") {
    std::optional<std::string> end;
    if (until != nullptr) end = until;
    return Do(scopes,
              "INSERT INTO organisation_link VALUES ('86', $1::uuid, 1, now(), now(), NULL, "
              "$2::uuid, $3::uuid, "
              "'ADMINISTRATIVE', $4::date, $5::date, '')",
              Uuid(id), Uuid(child), Uuid(parent), from, end);
  }
  // More bodies of region 86, from 100 on, without a municipality.
  void AddBodies(int count) {
    ASSERT_TRUE(Do("*",
                   "INSERT INTO organisation SELECT '86', ('00000000-0000-4000-8000-' || lpad((100 "
                   "+ i)::text, 12, "
                   "'0'))::uuid, 1, now(), now(), NULL, 'more', '', 'COLLEGE', NULL, '', '', '', "
                   "NULL, NULL "
                   "FROM generate_series(0, $1::int - 1) AS i",
                   count)
                    .ok());
  }

  std::unique_ptr<testing::Database> database_;
};

constexpr char kVisible[] = R"sql(
SELECT concat_ws(' ', (SELECT count(*) FROM region), (SELECT count(*) FROM municipality),
                 (SELECT count(*) FROM organisation), (SELECT count(*) FROM person), (SELECT count(*) FROM employment),
                 (SELECT count(*) FROM support_record))
)sql";

TEST_F(Schema, EachScopeShowsItsOwnRowsOnly) {
  EXPECT_EQ(Value("*", kVisible), "2 3 3 5 5 5");
  EXPECT_EQ(Value("", kVisible), "0 0 0 0 0 0");
  EXPECT_EQ(Value("regions/86", kVisible), "1 2 2 4 4 4");
  EXPECT_EQ(Value("regions/8", kVisible), "0 0 0 0 0 0")
      << "a scope is a whole name, not a prefix of its text";
  EXPECT_EQ(Value("regions/86/municipalities/71876000", kVisible), "0 1 1 2 2 2");
  EXPECT_EQ(Value("regions/61/municipalities/71876000", kVisible), "0 0 0 0 0 0");
  EXPECT_EQ(Value("regions/86/organisations/" + Uuid(2), kVisible), "0 0 1 2 2 2");
  EXPECT_EQ(Value("regions/86/persons/" + Uuid(11), kVisible), "0 0 0 1 1 1");
}

TEST_F(Schema, FormerEmployerSeesThePersonForAYear) {
  const std::string scope = "regions/86/organisations/" + Uuid(1);
  const auto end = [&](const char* ended) {
    ASSERT_TRUE(
        Do("*",
           absl::StrCat("UPDATE employment SET end_date = ", ended, " WHERE person_id = $1::uuid"),
           Uuid(11))
            .ok());
  };
  end("CURRENT_DATE - 300");
  EXPECT_EQ(Value(scope, "SELECT count(*) FROM person"), "2");
  EXPECT_EQ(Value(scope, "SELECT count(*) FROM support_record"), "2");
  end("CURRENT_DATE - 400");
  EXPECT_EQ(Value(scope, "SELECT count(*) FROM person"), "1");
  EXPECT_EQ(Value(scope, "SELECT count(*) FROM support_record"), "1");
  end("NULL");
  ASSERT_TRUE(
      Do("*", "UPDATE employment SET delete_time = now() WHERE person_id = $1::uuid", Uuid(11))
          .ok());
  EXPECT_EQ(Value(scope, "SELECT count(*) FROM person"), "1");
}

TEST_F(Schema, NobodyWritesOutsideTheirScope) {
  EXPECT_FALSE(
      Do("regions/86", "UPDATE organisation SET region_code = '61', municipality_id = NULL").ok());
  ASSERT_TRUE(Do("regions/86", "UPDATE organisation SET short_name = 'x'").ok());
  EXPECT_EQ(Value("*", "SELECT count(*) FROM organisation WHERE short_name = 'x'"), "2");
  EXPECT_FALSE(Do("regions/86",
                  "INSERT INTO municipality VALUES ('61', '60704000', 1, now(), now(), NULL, '', "
                  "'', '60704000')")
                   .ok());
}

TEST_F(Schema, SnilsIsUniqueAmongTheLivingOfARegion) {
  constexpr char kSet[] = "UPDATE person SET snils_index = 'x' WHERE id = $1::uuid";
  ASSERT_TRUE(Do("*", kSet, Uuid(11)).ok());
  EXPECT_EQ(Do("*", kSet, Uuid(12)).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(Do("*", kSet, Uuid(31)).ok()) << "another region counts by itself";
  ASSERT_TRUE(Do("*", "UPDATE person SET delete_time = now() WHERE id = $1::uuid", Uuid(11)).ok());
  EXPECT_TRUE(Do("*", kSet, Uuid(12)).ok());
}

TEST_F(Schema, OneMainEmploymentOnAnyDate) {
  constexpr char kInsert[] =
      "INSERT INTO employment VALUES ('86', $1::uuid, 1, now(), now(), NULL, $2::uuid, $3::uuid, "
      "NULL, 'PEDAGOGUE', "
      "'teacher', '', '{}', $4::date, $5::date, $6::boolean, 1)";
  EXPECT_EQ(Do("*", kInsert, Uuid(900), Uuid(11), Uuid(2), "2023-01-01", "2024-09-01", true).code(),
            StatusCode::kFailedPrecondition)
      << "the last day of one is the first of the other";
  EXPECT_TRUE(
      Do("*", kInsert, Uuid(900), Uuid(11), Uuid(2), "2023-01-01", "2024-08-31", true).ok());
  EXPECT_TRUE(
      Do("*", kInsert, Uuid(901), Uuid(11), Uuid(2), "2024-09-01", std::nullopt, false).ok())
      << "part-time work beside it";
}

TEST_F(Schema, OneParentInAHierarchyOnAnyDate) {
  AddBodies(3);
  ASSERT_TRUE(Link(1, 100, 101, "2020-01-01", "2020-12-31").ok());
  EXPECT_EQ(Link(2, 100, 102, "2020-12-31", nullptr).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Link(2, 100, 102, "2021-01-01", nullptr).ok());
}

TEST_F(Schema, CycleIsRefusedOnAnyDate) {
  AddBodies(4);
  ASSERT_TRUE(Link(1, 100, 101, "2020-01-01", "2020-12-31").ok());
  ASSERT_TRUE(Link(2, 101, 102, "2020-06-01", nullptr).ok());
  EXPECT_EQ(Link(3, 102, 100, "2020-12-31", nullptr).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Link(3, 102, 100, "2021-01-01", nullptr).ok()) << "no day on which all three hold";
  EXPECT_EQ(
      Do("*", "UPDATE organisation_link SET valid_until_date = '2021-01-01' WHERE id = $1::uuid",
         Uuid(1))
          .code(),
      StatusCode::kFailedPrecondition)
      << "lengthening a link closes the cycle too";
  EXPECT_EQ(Link(4, 103, 103, "2020-01-01", nullptr).code(), StatusCode::kFailedPrecondition);
}

TEST_F(Schema, CycleThroughUnseenBodiesIsRefused) {
  ASSERT_TRUE(Link(1, 1, 2, "2020-01-01", nullptr).ok());
  const std::string body2 = "regions/86/organisations/" + Uuid(2);
  EXPECT_EQ(Value(body2, "SELECT count(*) FROM organisation_link"), "0");
  EXPECT_EQ(Link(2, 2, 1, "2020-01-01", nullptr, body2).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Value(body2, "SELECT current_setting('rsnms.scopes')"), body2);
}

// A ring of bodies, a writer for each link of it: any set of winners but the whole ring is acyclic.
TEST_F(Schema, RacingWritersNeverCloseACycle) {
  constexpr int kRing = 12;
  AddBodies(kRing);
  pg::PoolOptions options;
  options.conninfo = database_->app_conninfo();
  options.schema = "registry";
  options.size = kRing;
  options.acquire_timeout = absl::Seconds(20);
  auto pool = pg::Pool::Create(options);
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(Do("*", "DELETE FROM organisation_link").ok());
    std::atomic<int> won = 0, refused = 0, ready = 0;
    std::vector<std::thread> writers;
    for (int i = 0; i < kRing; ++i) {
      writers.emplace_back([&, i] {
        ++ready;
        while (ready < kRing) std::this_thread::yield();
        auto status = pool->Run(Scoped("*"), [&](pg::Tx& tx) {
          return tx
              .Query(
                  "INSERT INTO organisation_link VALUES ('86', gen_random_uuid(), 1, now(), now(), "
                  "NULL, $1::uuid, "
                  "$2::uuid, 'ADMINISTRATIVE', '2020-01-01', NULL, '')",
                  Uuid(100 + i), Uuid(100 + (i + 1) % kRing))
              .status();
        });
        status.ok() ? ++won : ++refused;
      });
    }
    for (auto& writer : writers) writer.join();
    EXPECT_EQ(won, kRing - 1);
    EXPECT_EQ(refused, 1);
  }
}

TEST_F(Schema, MigrationsWalkDownAndUpWithData) {
  const std::string name = Value("*", "SELECT current_database()");
  pg::MigrateOptions options;
  options.conninfo = testing::ConninfoFor(testing::ClusterConninfo(), name, "");
  options.schema = "registry";
  options.sets = {{"platform", "libs/journal/migrations"},
                  {"registry", "services/registry/migrations"}};
  for (int version = 24; version-- > 0;) {
    const absl::Status down = pg::MigrateDown(options, "registry", version);
    ASSERT_TRUE(down.ok()) << version << ": " << down;
    if (version > 0) {
      testing::Admin admin(options.conninfo);
      EXPECT_EQ(admin.Value("SELECT count(*) FROM registry.person"), "5") << version;
    }
  }
  const absl::Status up = pg::MigrateUp(options);
  ASSERT_TRUE(up.ok()) << up;
  EXPECT_EQ(Value("*", kVisible), "0 0 0 0 0 0");
}

}  // namespace
}  // namespace rsnms::registry
