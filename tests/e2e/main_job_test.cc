// The main job as a user runs it, and every number of its summary recounted by plain SQL over the
// sources' own tables.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "rsnms/registry/v1/person.pb.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {
namespace {

using nlohmann::json;

int64_t Count(const std::string& sql) {
  const auto outcome = System::Run(
      {"psql", "-qXAt", "-v", "ON_ERROR_STOP=1", System::Shared().conninfo(), "-c", sql});
  EXPECT_EQ(outcome.exit_code, 0) << sql << outcome.err;
  return outcome.exit_code == 0 ? std::stoll(outcome.out) : -1;
}

json RunJob() {
  const auto outcome = System::Shared().MainJob();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  return outcome.exit_code == 0 ? json::parse(outcome.out) : json();
}

// The last day of the period is the cut-off date.
constexpr char kDay[] = "DATE '2026-12-31'";
constexpr char kYear[] = "BETWEEN DATE '2026-01-01' AND DATE '2026-12-31'";

// People who hold a post on the cut-off date.
std::string Employed(const std::string& category) {
  return absl::StrCat(
      "SELECT person_id FROM registry.employment WHERE delete_time IS NULL AND start_date <= ",
      kDay, " AND (end_date IS NULL OR end_date >= ", kDay, ") AND category = ANY ('{", category,
      "}')");
}

struct Recount {
  std::string numerator, denominator;
};

// The six indicators of order 10-П-1000 said once more, in SQL and from the sources.
const std::map<std::string, Recount>& Recounts() {
  const std::string all = Employed("PEDAGOGUE,MANAGER");
  const std::string pedagogues = Employed("PEDAGOGUE");
  static const std::map<std::string, Recount> kRecounts = {
      {"6.1.1",
       {absl::StrCat(
            "SELECT count(DISTINCT person_id) FROM diagnostics.session s JOIN diagnostics.campaign "
            "c ON c.id = "
            "s.campaign_id WHERE s.state = 'SUBMITTED' AND c.held_at_centre AND s.submit_date ",
            kYear, " AND person_id IN (", all, ")"),
        absl::StrCat("SELECT count(DISTINCT person_id) FROM (", all, ") e")}},
      {"6.1.2",
       {absl::StrCat(
            "SELECT count(DISTINCT r.person_id) FROM diagnostics.route r JOIN diagnostics.campaign "
            "c ON c.id = "
            "r.campaign_id WHERE c.held_at_centre AND r.approve_date ",
            kYear,
            " AND r.state IN ('APPROVED', 'ACTIVE', 'PAUSED', 'COMPLETED') AND r.person_id IN (",
            all, ")"),
        absl::StrCat("SELECT count(DISTINCT person_id) FROM (", all, ") e")}},
      {"6.1.3",
       {absl::StrCat("SELECT count(DISTINCT person_id) FROM programs.completion WHERE "
                     "register_programme AND "
                     "chosen_by_diagnostics AND completion_date ",
                     kYear, " AND person_id IN (", pedagogues, ")"),
        absl::StrCat("SELECT count(DISTINCT person_id) FROM (", pedagogues, ") e")}},
      {"6.1.4",
       {absl::StrCat("SELECT count(*) FROM registry.management_team t WHERE delete_time IS NULL "
                     "AND formed_date <= ",
                     kDay, " AND (disbanded_date IS NULL OR disbanded_date >= ", kDay,
                     ") AND 2 * (SELECT count(*) FROM unnest(t.members_ids) m WHERE EXISTS (SELECT "
                     "FROM programs.completion "
                     "WHERE person_id::text = m AND 'education-quality-management' = ANY "
                     "(topic_codes) AND completion_date ",
                     kYear, ")) >= cardinality(t.members_ids)"),
        absl::StrCat("SELECT count(*) FROM registry.management_team WHERE delete_time IS NULL AND "
                     "formed_date <= ",
                     kDay, " AND (disbanded_date IS NULL OR disbanded_date >= ", kDay, ")")}},
      {"6.1.5",
       {absl::StrCat(
            "SELECT count(*) FROM registry.person p WHERE young_specialist_until_date >= ", kDay,
            " AND id IN (", pedagogues,
            ") AND EXISTS (SELECT FROM registry.support_record s WHERE s.person_id = p.id AND "
            "s.delete_time IS NULL AND s.start_date <= ",
            kDay, " AND (s.end_date IS NULL OR s.end_date >= DATE '2026-01-01'))"),
        absl::StrCat("SELECT count(*) FROM registry.person WHERE young_specialist_until_date >= ",
                     kDay, " AND id IN (", pedagogues, ")")}},
      {"6.1.6",
       {"SELECT count(*) FROM programs.programme p JOIN registry.organisation o ON o.id = "
        "p.provider_id WHERE "
        "p.delete_time IS NULL AND o.kind IN ('INSTITUTE', 'CENTRE') AND p.register_state = "
        "'LISTED'",
        "SELECT count(*) FROM programs.programme p JOIN registry.organisation o ON o.id = "
        "p.provider_id WHERE "
        "p.delete_time IS NULL AND o.kind IN ('INSTITUTE', 'CENTRE')"}}};
  return kRecounts;
}

// Half up to two decimal places, by integers only.
std::string Percent(int64_t numerator, int64_t denominator) {
  const int64_t hundredths = (2 * 10000 * numerator + denominator) / (2 * denominator);
  return absl::StrCat(hundredths / 100, ".", absl::Dec(hundredths % 100, absl::kZeroPad2));
}

class MainJobTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { summary_ = RunJob(); }
  static json summary_;
};

json MainJobTest::summary_;

TEST_F(MainJobTest, SummaryAgreesWithTheTables) {
  ASSERT_TRUE(summary_.is_object());
  EXPECT_EQ(summary_["persons"], Count("SELECT count(*) FROM registry.person"));
  EXPECT_EQ(summary_["persons"], 400);
  EXPECT_EQ(summary_["organisations"], Count("SELECT count(*) FROM registry.organisation"));
  EXPECT_EQ(summary_["employments"], Count("SELECT count(*) FROM registry.employment"));
  EXPECT_EQ(summary_["programmes_synced"],
            Count("SELECT count(*) FROM programs.programme WHERE federal_register_number <> ''"));
  EXPECT_EQ(summary_["sessions"],
            Count("SELECT count(*) FROM diagnostics.session WHERE state = 'SUBMITTED'"));
  EXPECT_EQ(summary_["sessions"], Count("SELECT count(*) FROM diagnostics.result"));
  EXPECT_EQ(summary_["routes_approved"], Count("SELECT count(*) FROM diagnostics.route WHERE state "
                                               "IN ('APPROVED', 'ACTIVE', 'COMPLETED')"));
  EXPECT_EQ(summary_["enrolments"], Count("SELECT count(*) FROM programs.enrolment"));
  EXPECT_EQ(summary_["completions"], Count("SELECT count(*) FROM programs.completion"));
  EXPECT_GT(summary_["sessions"], 200);
  EXPECT_GT(summary_["routes_approved"], 100);
  EXPECT_GT(summary_["completions"], 50);
}

// Activities, by collection: the table that holds it.
const std::map<std::string, std::string>& Tables() {
  static const std::map<std::string, std::string> kTables = {
      {"agreements", "agreement"},
      {"appointments", "appointment"},
      {"attachments", "attachment"},
      {"communities", "community"},
      {"consents", "consent"},
      {"districtMembers", "district_member"},
      {"districtOfficers", "district_officer"},
      {"districts", "district"},
      {"documents", "document"},
      {"events", "event"},
      {"expertAssignments", "expert_assignment"},
      {"experts", "expert"},
      {"meetingDecisions", "meeting_decision"},
      {"meetings", "meeting"},
      {"memberships", "membership"},
      {"mentorships", "mentorship"},
      {"methodologists", "methodologist"},
      {"mmsStaffMembers", "mms_staff_member"},
      {"participations", "participation"},
      {"practices", "practice"},
      {"siteCalls", "site_call"},
      {"sites", "site"},
      {"workPlanItems", "work_plan_item"},
      {"workPlans", "work_plan"}};
  return kTables;
}

TEST_F(MainJobTest, EveryActivityAgreesWithItsTable) {
  ASSERT_TRUE(summary_.is_object());
  EXPECT_EQ(summary_["activities"].size(), Tables().size());
  for (const auto& [collection, table] : Tables()) {
    ASSERT_TRUE(summary_["activities"].contains(collection)) << collection;
    EXPECT_GT(summary_["activities"][collection], 0) << collection;
    EXPECT_EQ(summary_["activities"][collection],
              Count(absl::StrCat("SELECT count(*) FROM registry.", table,
                                 " WHERE region_code = '86' AND delete_time IS NULL")))
        << collection;
  }
}

TEST_F(MainJobTest, ActivitiesStandInSeveralStatesWithinTheirLimits) {
  const auto states = [](const std::string& table) {
    return Count("SELECT count(DISTINCT state) FROM registry." + table);
  };
  EXPECT_EQ(states("mentorship"), 6);  // six of seven fates; the seventh needs a larger region
  EXPECT_GE(Count("SELECT count(DISTINCT model) FROM registry.mentorship"), 4);
  for (const char* table : {"agreement", "appointment", "document", "practice", "site"})
    EXPECT_GE(states(table), 3) << table;
  for (const char* table : {"event", "meeting"}) EXPECT_GE(states(table), 2) << table;
  // Nobody who works has more attached than the contract allows, nor anybody who does not work.
  EXPECT_EQ(Count("SELECT count(*) FROM (SELECT methodologist_id, count(*) n FROM "
                  "registry.attachment GROUP BY 1) a JOIN registry.methodologist m ON m.id = "
                  "a.methodologist_id WHERE m.state <> 'ACTIVE' OR n > m.attachment_limit"),
            0);
  EXPECT_EQ(Count("SELECT count(*) FROM registry.methodologist WHERE state = 'ACTIVE' AND "
                  "(diagnosed_date IS NULL OR trained_date IS NULL)"),
            0);
}

TEST_F(MainJobTest, EveryIndicatorAgreesWithARecountByPlainSql) {
  ASSERT_TRUE(summary_.is_object());
  ASSERT_EQ(summary_["indicators"].size(), 6U);
  for (const auto& indicator : summary_["indicators"]) {
    const std::string clause = indicator["clause"];
    ASSERT_EQ(Recounts().count(clause), 1U) << clause;
    const int64_t numerator = Count(Recounts().at(clause).numerator);
    const int64_t denominator = Count(Recounts().at(clause).denominator);
    EXPECT_EQ(indicator["numerator"], numerator) << clause;
    EXPECT_EQ(indicator["denominator"], denominator) << clause;
    ASSERT_GT(denominator, 0) << clause;
    EXPECT_EQ(indicator["value"], Percent(numerator, denominator)) << clause;
    // A demonstration in which an indicator stands at nothing or at everything shows nothing.
    EXPECT_GT(numerator, 0) << clause;
    EXPECT_LT(numerator, denominator) << clause;
  }
}

TEST_F(MainJobTest, PassportIsHashedAndReceipted) {
  ASSERT_TRUE(summary_.is_object());
  EXPECT_THAT(summary_["passport_sha256"].get<std::string>(), testing::SizeIs(64));
  EXPECT_THAT(summary_["receipt"].get<std::string>(), testing::Not(testing::IsEmpty()));
}

TEST_F(MainJobTest, RunAgainItTellsTheSame) {
  ASSERT_TRUE(summary_.is_object());
  json again = RunJob();
  ASSERT_TRUE(again.is_object());
  for (const char* key :
       {"persons", "organisations", "employments", "programmes_synced", "sessions",
        "routes_approved", "enrolments", "completions", "training", "activities", "indicators"}) {
    EXPECT_EQ(again[key], summary_[key]) << key;
  }
}

TEST_F(MainJobTest, JournalsAreWhole) {
  const auto outcome = System::Shared().Ctl({"audit", "verify"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
}

TEST_F(MainJobTest, NoPersonalValueLeavesTheRegistrysTable) {
  EXPECT_EQ(Count(R"sql(
    SELECT count(*) FROM registry.journal j JOIN registry.person p ON j.resource_id = p.id::text
    WHERE position(convert_to(p.family_name, 'UTF8') IN j.image) > 0)sql"),
            0);
}

// A few people's СНИЛС, as the registry answers them.
std::vector<std::string> SomeSnils() {
  auto& system = System::Shared();
  auto client = system.Connect("registry", system.Token("administrator", "*"));
  registry::v1::ListPersonsRequest request;
  request.set_parent("regions/86");
  request.set_filter("snils:*");
  request.set_page_size(10);
  registry::v1::ListPersonsResponse page;
  const auto status = client->Unary("rsnms.registry.v1.Registry/ListPersons", request, &page,
                                    absl::Now() + absl::Seconds(10));
  EXPECT_TRUE(status.ok()) << status;
  std::vector<std::string> found;
  for (const auto& person : page.persons()) found.push_back(person.snils());
  return found;
}

TEST_F(MainJobTest, NoTableHoldsAPersonalIdentifierInClear) {
  // As text and as the bytes of an image, looked for in every row of every table.
  const auto tables = System::Run({"psql", "-qXAt", System::Shared().conninfo(), "-c", R"sql(
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname IN ('registry', 'diagnostics', 'programs', 'monitoring'))sql"});
  const auto holding = [](const std::string& table, const std::string& values) {
    return Count(absl::StrCat("SELECT count(*) FROM ", table, " t, (", values,
                              ") p (v) WHERE position(p.v IN t::text) > 0 OR "
                              "position(encode(convert_to(p.v, 'UTF8'), 'hex') IN t::text) > 0"));
  };
  const auto snils = SomeSnils();
  ASSERT_EQ(snils.size(), 10u);
  const std::string values =
      absl::StrCat("SELECT unnest('{", absl::StrJoin(snils, ","), "}'::text[])");
  int searched = 0;
  for (const auto line : absl::StrSplit(tables.out, '\n', absl::SkipEmpty())) {
    const std::string table(line);
    EXPECT_EQ(holding(table, values), 0) << table;
    ++searched;
  }
  EXPECT_GT(searched, 40);
  // The search can find: names, where they belong, are found.
  EXPECT_GE(
      holding("registry.person", "SELECT family_name FROM registry.person ORDER BY id LIMIT 10"),
      10);
}

}  // namespace
}  // namespace rsnms::e2e
