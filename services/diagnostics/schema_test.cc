// What the database keeps by itself, whoever writes.
#include <gtest/gtest.h>

#include <string>

#include "libs/pg/migrate.h"
#include "libs/testing/database.h"

namespace rsnms::diagnostics {
namespace {

// Two educators of region 86 in different municipalities (people 11 and 21, bodies 1 and 2), one of
// region 61 (31, 3); each with a session, a result, a route and its revision.
constexpr char kSeed[] = R"sql(
INSERT INTO competency (region_code, id, title, kind, version, create_time, update_time)
  SELECT r, 'digital', 't', 'DIGITAL', 1, now(), now() FROM unnest('{86,61}'::text[]) AS r;
INSERT INTO instrument (region_code, id, title, family, edition, kind, audience, state, version, create_time, update_time)
  SELECT r, 'q-1', 't', 'q', 1, 'TEST', 'UNSPECIFIED', 'PUBLISHED', 1, now(), now() FROM unnest('{86,61}'::text[]) AS r;
INSERT INTO campaign (region_code, id, title, stage, state, conducting_organisation_id, start_date, end_date,
                      instruments_ids, version, create_time, update_time)
  SELECT r, '00000000-0000-4000-8000-000000000900', 't', 'INITIAL', 'OPEN', '00000000-0000-4000-8000-000000000001',
         '2024-03-01', '2024-03-31', '{q-1}', 1, now(), now() FROM unnest('{86,61}'::text[]) AS r;
CREATE TEMPORARY TABLE educator (r text, p uuid, o uuid, m text) ON COMMIT DROP;
INSERT INTO educator VALUES
  ('86', '00000000-0000-4000-8000-000000000011', '00000000-0000-4000-8000-000000000001', '71876000'),
  ('86', '00000000-0000-4000-8000-000000000021', '00000000-0000-4000-8000-000000000002', '71875000'),
  ('61', '00000000-0000-4000-8000-000000000031', '00000000-0000-4000-8000-000000000003', '60701000');
INSERT INTO session (region_code, id, campaign_id, instrument_id, person_id, organisation_id, municipality_id, category,
                     state, submit_date, version, create_time, update_time)
  SELECT r, p, '00000000-0000-4000-8000-000000000900', 'q-1', p, o, m, 'PEDAGOGUE', 'SUBMITTED', '2024-03-05', 1, now(),
         now() FROM educator;
INSERT INTO result (region_code, id, session_id, campaign_id, instrument_id, person_id, organisation_id, municipality_id,
                    category, submit_date, heaviest_severity, version, create_time, update_time)
  SELECT r, p, p, '00000000-0000-4000-8000-000000000900', 'q-1', p, o, m, 'PEDAGOGUE', '2024-03-05', 'SEVERE', 1, now(),
         now() FROM educator;
INSERT INTO route (region_code, id, person_id, organisation_id, municipality_id, category, result_id, campaign_id, state,
                   version, create_time, update_time)
  SELECT r, p, p, o, m, 'PEDAGOGUE', p, '00000000-0000-4000-8000-000000000900', 'DRAFT', 1, now(), now() FROM educator;
INSERT INTO route_revision (region_code, route_id, revision, person_id, organisation_id, municipality_id, total_hours)
  SELECT r, p, 1, p, o, m, 36 FROM educator;
INSERT INTO programme_offer SELECT r, p, 't', 36, true, true, true, '{digital}' FROM educator;
)sql";

pg::TxOptions Scoped(const std::string& scopes) {
  pg::TxOptions options;
  options.scopes = scopes;
  return options;
}

class DiagnosticsSchema : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = testing::Database::Create("diagnostics");
    const auto seeded =
        database_->app().Run(Scoped("*"), [](pg::Tx& tx) { return tx.Script(kSeed); });
    ASSERT_TRUE(seeded.ok()) << seeded;
  }
  absl::Status Do(const std::string& scopes, const std::string& sql) {
    return database_->app().Run(Scoped(scopes), [&](pg::Tx& tx) { return tx.Query(sql).status(); });
  }
  int Count(const std::string& scopes, const std::string& table) {
    int count = -1;
    EXPECT_TRUE(database_->app()
                    .Run(Scoped(scopes),
                         [&](pg::Tx& tx) {
                           auto rows = tx.Query("SELECT count(*) FROM " + table);
                           if (rows.ok()) count = (*rows)[0][0].as<int>();
                           return rows.status();
                         })
                    .ok());
    return count;
  }
  int Changed(const std::string& scopes, const std::string& sql) {
    int64_t count = -1;
    EXPECT_TRUE(database_->app()
                    .Run(Scoped(scopes),
                         [&](pg::Tx& tx) {
                           auto rows = tx.Execute(sql);
                           if (rows.ok()) count = *rows;
                           return rows.status();
                         })
                    .ok());
    return static_cast<int>(count);
  }
  std::unique_ptr<testing::Database> database_;
};

TEST_F(DiagnosticsSchema, PersonalRowsShowOnlyInsideTheScope) {
  const std::vector<std::pair<std::string, int>> scopes = {
      {"*", 3},
      {"", 0},
      {"regions/86", 2},
      {"regions/61", 1},
      {"regions/86/municipalities/71876000", 1},
      {"regions/86/organisations/00000000-0000-4000-8000-000000000002", 1},
      {"regions/86/persons/00000000-0000-4000-8000-000000000011", 1},
      {"regions/61/persons/00000000-0000-4000-8000-000000000011", 0},
      {"regions/61/municipalities/71876000", 0},
  };
  for (const auto& [scope, rows] : scopes) {
    for (const char* table : {"session", "result", "route", "route_revision"}) {
      EXPECT_EQ(Count(scope, table), rows) << scope << " " << table;
    }
  }
}

TEST_F(DiagnosticsSchema, ReferenceDataIsReadInsideTheRegionAndWrittenByTheRegion) {
  const std::string educator = "regions/86/persons/00000000-0000-4000-8000-000000000011";
  for (const char* table : {"competency", "instrument", "campaign"}) {
    EXPECT_EQ(Count(educator, table), 1) << table;
    EXPECT_EQ(Count("regions/860", table), 0) << table;
    EXPECT_EQ(Count("", table), 0) << table;
    EXPECT_EQ(Changed(educator, std::string("UPDATE ") + table + " SET title = 'x'"), 0) << table;
    EXPECT_EQ(Changed("regions/86", std::string("UPDATE ") + table + " SET title = 'x'"), 1);
  }
  EXPECT_EQ(Count(educator, "programme_offer"), 2);
  EXPECT_EQ(Changed(educator, "DELETE FROM programme_offer"), 0);
}

TEST_F(DiagnosticsSchema, FrozenRevisionIsNeitherChangedNorRemoved) {
  EXPECT_FALSE(Do("*", "UPDATE route_revision SET total_hours = 1").ok());
  EXPECT_FALSE(Do("*", "DELETE FROM route_revision").ok());
  EXPECT_EQ(Count("*", "route_revision"), 3);
}

TEST_F(DiagnosticsSchema, CompetencyStaysBelowItsParent) {
  const auto insert = [&](const std::string& id, const std::string& parent) {
    return Do("*",
              "INSERT INTO competency (region_code, id, title, parent_competency_id, kind, "
              "version, create_time, "
              "update_time) VALUES ('86', '" +
                  id + "', 't', '" + parent + "', 'DIGITAL', 1, now(), now())");
  };
  EXPECT_TRUE(insert("digital-office", "digital").ok());
  EXPECT_FALSE(insert("office", "digital").ok());
  EXPECT_FALSE(insert("legal-x", "legal").ok());  // no such parent
}

TEST_F(DiagnosticsSchema, OnePersonIsDiagnosedOnceByAnInstrumentInACampaign) {
  EXPECT_FALSE(Do("*",
                  "INSERT INTO session (region_code, id, campaign_id, instrument_id, person_id, "
                  "organisation_id, category, "
                  "state, version, create_time, update_time) SELECT region_code, "
                  "gen_random_uuid(), campaign_id, "
                  "instrument_id, person_id, organisation_id, category, 'IN_PROGRESS', 1, now(), "
                  "now() FROM session")
                   .ok());
}

TEST(DiagnosticsMigrations, WalkDownAndUpWithDataInTheTables) {
  auto database = testing::Database::Create("diagnostics");
  ASSERT_TRUE(database->app().Run(Scoped("*"), [](pg::Tx& tx) { return tx.Script(kSeed); }).ok());
  pg::MigrateOptions options;
  options.conninfo = database->superuser_conninfo();
  options.schema = "diagnostics";
  options.sets = {{"platform", "libs/journal/migrations"},
                  {"diagnostics", "services/diagnostics/migrations"}};
  ASSERT_TRUE(pg::MigrateDown(options, "diagnostics", 0).ok());
  const auto up = pg::MigrateUp(options);
  ASSERT_TRUE(up.ok()) << up;
  EXPECT_TRUE(database->app().Run(Scoped("*"), [](pg::Tx& tx) { return tx.Script(kSeed); }).ok());
  EXPECT_TRUE(pg::CheckVersion(database->app_conninfo(), "diagnostics", options.sets).ok());
}

}  // namespace
}  // namespace rsnms::diagnostics
