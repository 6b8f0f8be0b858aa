// The projection against a naive reading of the rules, on random histories.
#include "services/monitoring/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "libs/pg/migrate.h"
#include "libs/testing/database.h"
#include "services/monitoring/fact_store.h"
#include "services/monitoring/test_world.h"

namespace rsnms::monitoring {
namespace {

using feed::v1::Change;

constexpr char kSqlPutPeriod[] = R"(
INSERT INTO period (region_code, id, year, start_date, cut_off_date, version, create_time,
                    update_time)
VALUES ($1, $2::text, $2::text::integer, make_date($2::text::integer, 1, 1), $3::text::date, 1, now(), now())
ON CONFLICT (region_code, id) DO UPDATE SET cut_off_date = EXCLUDED.cut_off_date)";

// The cube as facts without subjects: (kind, municipality, organisation, mask) -> count.
using Counts = std::map<std::tuple<int, std::string, std::string, FactMask>, int64_t>;

pg::TxOptions As(const std::string& scopes) {
  pg::TxOptions options;
  options.scopes = scopes;
  return options;
}

class ProjectionTest : public ::testing::Test {
 protected:
  absl::Status Run(const std::function<absl::Status(pg::Tx&)>& body) {
    return db_->app().Run(As("*"), body);
  }
  void Open(const std::string& region, int year, const std::string& cut_off) {
    ASSERT_TRUE(Run([&](pg::Tx& tx) -> absl::Status {
                  auto put = tx.Execute(kSqlPutPeriod, region, std::to_string(year), cut_off);
                  if (!put.ok()) return put.status();
                  return RebuildFacts(tx, region, year);
                }).ok());
  }
  void Apply(const std::vector<Change>& changes) {
    const auto status = Run([&](pg::Tx& tx) { return ApplyChanges(tx, changes); });
    ASSERT_TRUE(status.ok()) << status;
  }
  Expected Stored(const std::string& region, int year) {
    Expected stored;
    EXPECT_TRUE(Run([&](pg::Tx& tx) -> absl::Status {
                  auto rows = tx.Query(
                      "SELECT subject_kind, subject_id::text, municipality_id, organisation_id, "
                      "mask FROM subject_fact WHERE region_code = $1 AND year = $2",
                      region, year);
                  if (!rows.ok()) return rows.status();
                  for (const auto& row : *rows) {
                    stored[{row[0].as<int>(), row[1].c_str()}] = {row[2].c_str(), row[3].c_str(),
                                                                  row[4].as<int64_t>()};
                  }
                  return absl::OkStatus();
                }).ok());
    return stored;
  }
  Counts Cube(const std::string& region, int year) {
    Counts counts;
    EXPECT_TRUE(
        Run([&](pg::Tx& tx) -> absl::Status {
          auto rows = tx.Query(
              "SELECT subject_kind, municipality_id, organisation_id, mask, count FROM cube "
              "WHERE region_code = $1 AND year = $2",
              region, year);
          if (!rows.ok()) return rows.status();
          for (const auto& row : *rows) {
            counts[{row[0].as<int>(), row[1].c_str(), row[2].c_str(), row[3].as<int64_t>()}] =
                row[4].as<int64_t>();
          }
          return absl::OkStatus();
        }).ok());
    return counts;
  }
  static Counts Count(const Expected& facts) {
    Counts counts;
    for (const auto& [key, fact] : facts) {
      ++counts[{key.first, fact.municipality_id, fact.organisation_id, fact.mask}];
    }
    return counts;
  }

  std::unique_ptr<testing::Database> db_ = testing::Database::Create("monitoring");
};

class RandomHistory : public ProjectionTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(RandomHistory, IncrementalEqualsNaiveAndEqualsRebuild) {
  World here("86", GetParam()), there("61", GetParam() + 1000);
  std::mt19937 random(GetParam());
  Open("86", 2025, "2025-12-31");
  Open("86", 2026, "2026-09-15");
  Open("61", 2026, "2026-12-31");
  for (int batch = 0; batch < 25; ++batch) {
    std::vector<Change> changes;
    for (unsigned i = random() % 30; i > 0; --i) {
      changes.push_back(random() % 4 == 0 ? there.Step() : here.Step());
    }
    Apply(changes);
    if (batch == 12)
      Open("86", 2024, "2024-06-30");  // a period opened late starts from what is known
    const auto expected = here.Facts(2026, 20260915);
    ASSERT_EQ(Stored("86", 2026), expected) << "batch " << batch;
    ASSERT_EQ(Cube("86", 2026), Count(expected)) << "batch " << batch;
  }
  const auto before = Cube("86", 2025);
  EXPECT_EQ(Stored("86", 2025), here.Facts(2025, 20251231));
  EXPECT_EQ(Stored("86", 2024), here.Facts(2024, 20240630));
  EXPECT_EQ(Stored("61", 2026), there.Facts(2026, 20261231));
  ASSERT_TRUE(Run(RebuildAllFacts).ok());
  EXPECT_EQ(Cube("86", 2025), before);
  EXPECT_EQ(Cube("86", 2026), Count(here.Facts(2026, 20260915)));
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomHistory, ::testing::Range(1u, 13u));

TEST_F(ProjectionTest, OrderOfFeedsDoesNotMatter) {
  World world("86", 7);
  std::vector<Change> changes;
  for (int i = 0; i < 300; ++i) changes.push_back(world.Step());
  // The last state of each resource, as a snapshot gives it, feed by feed in the most awkward
  // order.
  std::map<std::string, Change> last;
  for (const auto& change : changes) last[change.resource()] = change;
  Open("86", 2026, "2026-12-31");
  for (const char* source : {"programs", "diagnostics", "registry"}) {
    std::vector<Change> batch;
    for (const auto& [name, change] : last) {
      if (change.resource_type().rfind(source, 0) == 0) batch.push_back(change);
    }
    Apply(batch);
  }
  EXPECT_EQ(Stored("86", 2026), world.Facts(2026, 20261231));
}

TEST_F(ProjectionTest, ResetForgetsOneSourceAndItsFacts) {
  World world("86", 11);
  Open("86", 2026, "2026-12-31");
  std::vector<Change> changes;
  for (int i = 0; i < 300; ++i) changes.push_back(world.Step());
  Apply(changes);
  ASSERT_TRUE(Run([](pg::Tx& tx) { return ResetSource(tx, "diagnostics"); }).ok());
  world.sessions.clear();
  world.routes.clear();
  const auto expected = world.Facts(2026, 20261231);
  EXPECT_EQ(Stored("86", 2026), expected);
  EXPECT_EQ(Cube("86", 2026), Count(expected));
}

TEST_F(ProjectionTest, RandomHistoriesMeetEveryFact) {
  FactMask met = 0;
  for (unsigned seed = 1; seed < 13; ++seed) {
    World world("86", seed);
    for (int i = 0; i < 1000; ++i) world.Step();
    for (const auto& [key, facts] : world.Facts(2026, 20260915)) met |= facts.mask;
  }
  EXPECT_EQ(FactsOf(met).size(), v1::Fact_MAX);
}

TEST_F(ProjectionTest, FeedsAppliedAtOnceLoseNothing) {
  World world("86", 21);
  Open("86", 2026, "2026-12-31");
  std::map<std::string, std::vector<Change>> feeds;  // by source, each in its own order
  for (int i = 0; i < 600; ++i) {
    Change change = world.Step();
    feeds[change.resource_type().substr(0, change.resource_type().find('.'))].push_back(change);
  }
  std::vector<std::thread> threads;
  for (const auto& [source, changes] : feeds) {
    threads.emplace_back([&, &changes = changes] {
      for (size_t i = 0; i < changes.size(); i += 10) {
        const auto end = changes.begin() + std::min(changes.size(), i + 10);
        Apply(std::vector<Change>(changes.begin() + i, end));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto expected = world.Facts(2026, 20261231);
  EXPECT_EQ(Stored("86", 2026), expected);
  EXPECT_EQ(Cube("86", 2026), Count(expected));
}

TEST_F(ProjectionTest, MigrationsWalkDownAndUpWithDataInThem) {
  World world("86", 5);
  Open("86", 2026, "2026-12-31");
  std::vector<Change> changes;
  for (int i = 0; i < 200; ++i) changes.push_back(world.Step());
  Apply(changes);
  pg::MigrateOptions options;
  options.conninfo = db_->superuser_conninfo();
  options.schema = "monitoring";
  options.sets = {{"platform", "libs/journal/migrations"},
                  {"monitoring", "services/monitoring/migrations"}};
  for (const int version : {4, 3, 2, 1, 0}) {
    const auto down = pg::MigrateDown(options, "monitoring", version);
    ASSERT_TRUE(down.ok()) << version << ": " << down;
  }
  const auto up = pg::MigrateUp(options);
  ASSERT_TRUE(up.ok()) << up;
  Open("86", 2026, "2026-12-31");
  std::map<std::string, Change> last;  // as a snapshot after the loss gives it
  for (const auto& change : changes) last[change.resource()] = change;
  std::vector<Change> snapshot;
  for (const auto& [name, change] : last) snapshot.push_back(change);
  Apply(snapshot);
  EXPECT_EQ(Stored("86", 2026), world.Facts(2026, 20261231));
}

TEST_F(ProjectionTest, PersonWithTwoPostsCountsOnceAtTheMainOne) {
  World world("86");
  registry::v1::Organisation school, centre;
  school.set_name(world.Name("organisations", 1));
  school.set_municipality("regions/86/municipalities/71876000");
  centre.set_name(world.Name("organisations", 2));
  centre.set_municipality("regions/86/municipalities/71871000");
  registry::v1::Person person;
  person.set_name(world.Name("persons", 1));
  registry::v1::Employment first, second;
  first.set_name(world.Name("employments", 1));
  first.set_person(person.name());
  first.set_organisation(school.name());
  first.set_category(registry::v1::STAFF_CATEGORY_PEDAGOGUE);
  *first.mutable_start_date() = ToDate(20200901);
  second = first;
  second.set_name(world.Name("employments", 2));
  second.set_organisation(centre.name());
  second.set_category(registry::v1::STAFF_CATEGORY_MANAGER);
  second.set_main(true);
  *second.mutable_start_date() = ToDate(20240901);
  Open("86", 2026, "2026-12-31");
  Apply({world.Put(school), world.Put(centre), world.Put(person), world.Put(first),
         world.Put(second)});
  const auto cube = Cube("86", 2026);
  ASSERT_EQ(cube.size(), 1u);
  EXPECT_EQ(std::get<1>(cube.begin()->first), "71871000");
  EXPECT_EQ(std::get<3>(cube.begin()->first),
            BitOf(v1::FACT_EMPLOYED_PEDAGOGUE) | BitOf(v1::FACT_EMPLOYED_MANAGER));
  EXPECT_EQ(cube.begin()->second, 1);
}

TEST_F(ProjectionTest, LearningTakenBackTakesItsFactsAway) {
  World world("86");
  registry::v1::Person person;
  person.set_name(world.Name("persons", 1));
  programs::v1::LearningRecord internship, academy;
  internship.set_name(world.Name("learningRecords", 1));
  internship.set_person(person.name());
  internship.set_kind(programs::v1::LEARNING_KIND_INTERNSHIP);
  internship.set_state(programs::v1::LearningRecord::STATE_ACCEPTED);
  internship.set_completed_hours(80);
  *internship.mutable_completion_date() = ToDate(20260310);
  *internship.mutable_acceptance_date() = ToDate(20260320);
  academy = internship;
  academy.set_name(world.Name("learningRecords", 2));
  academy.set_kind(programs::v1::LEARNING_KIND_ACADEMY);
  Open("86", 2026, "2026-12-31");
  Apply({world.Put(person), world.Put(internship), world.Put(academy)});
  const auto mask = [&] {
    const auto cube = Cube("86", 2026);
    EXPECT_EQ(cube, Count(world.Facts(2026, 20261231)));
    return cube.empty() ? FactMask(0) : std::get<3>(cube.begin()->first);
  };
  const FactMask hours = BitOf(v1::FACT_CORPORATE_HOURS_REACHED);
  EXPECT_EQ(mask(), BitOf(v1::FACT_INTERNSHIP_ACCEPTED) | BitOf(v1::FACT_ACADEMY_TRAINED) | hours);
  internship.set_state(programs::v1::LearningRecord::STATE_VOID);
  Apply({world.Put(internship)});
  EXPECT_EQ(mask(), BitOf(v1::FACT_ACADEMY_TRAINED));
  ASSERT_TRUE(Run(RebuildAllFacts).ok());
  EXPECT_EQ(mask(), BitOf(v1::FACT_ACADEMY_TRAINED)) << "counted anew";
  academy.set_state(programs::v1::LearningRecord::STATE_VOID);
  Apply({world.Put(internship), world.Put(academy)});
  EXPECT_EQ(mask(), 0);
}

TEST_F(ProjectionTest, MalformedImagesAreLeftOutAndDoNotStopTheFeed) {
  World world("86");
  registry::v1::Person person;
  person.set_name(world.Name("persons", 1));
  registry::v1::Employment nowhere;  // no organisation, no start
  nowhere.set_name(world.Name("employments", 1));
  nowhere.set_person(person.name());
  Change strange = world.Put(person);
  strange.set_resource("regions/86/persons/not-a-uuid");
  Change unreadable = world.Put(person);
  unreadable.mutable_image()->set_value("\xff\xff\xff");
  Open("86", 2026, "2026-12-31");
  Apply({world.Put(nowhere), strange, unreadable});
  EXPECT_TRUE(Stored("86", 2026).empty());
}

TEST_F(ProjectionTest, ForeignScopeSeesNoRow) {
  World world("86", 3);
  Open("86", 2026, "2026-12-31");
  std::vector<Change> changes;
  for (int i = 0; i < 200; ++i) changes.push_back(world.Step());
  Apply(changes);
  for (const char* table : {"cube", "subject_fact", "known_person", "known_employment",
                            "known_team", "known_session", "known_organisation", "period"}) {
    ASSERT_TRUE(db_->app()
                    .Run(As("regions/61,regions/8"),
                         [&](pg::Tx& tx) -> absl::Status {
                           auto rows = tx.Query(std::string("SELECT 1 FROM ") + table);
                           if (!rows.ok()) return rows.status();
                           EXPECT_EQ(rows->size(), 0u) << table;
                           return absl::OkStatus();
                         })
                    .ok());
  }
}

}  // namespace
}  // namespace rsnms::monitoring
