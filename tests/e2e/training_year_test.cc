// The training year of the main job: every number of the summary's section recounted by plain SQL
// over the sources' own tables, and what must hold between them.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/system.h"

namespace rsnms::e2e {
namespace {

using nlohmann::json;
using Numbers = std::map<std::string, int64_t>;

std::string Query(const std::string& sql) {
  const auto outcome = System::Run({"psql", "-qXAt", "-F", "|", "-v", "ON_ERROR_STOP=1",
                                    System::Shared().conninfo(), "-c", sql});
  EXPECT_EQ(outcome.exit_code, 0) << sql << outcome.err;
  return outcome.out;
}

int64_t Count(const std::string& sql) {
  const std::string text = Query(sql);
  return text.empty() ? -1 : std::stoll(text);
}

// `word|number` lines.
Numbers Grouped(const std::string& sql) {
  Numbers numbers;
  for (const auto line : absl::StrSplit(Query(sql), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(line, '|');
    if (parts.size() == 2) numbers[parts[0]] = std::stoll(parts[1]);
  }
  return numbers;
}

class TrainingYearTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto outcome = System::Shared().MainJob();
    ASSERT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
    year_ = json::parse(outcome.out)["training"];
  }
  static Numbers Told(const std::string& section) {
    Numbers numbers;
    if (year_.contains(section)) numbers = year_[section].get<Numbers>();
    return numbers;
  }
  static json year_;
};

json TrainingYearTest::year_;

// Sections that count a collection by a column of its table.
struct Source {
  const char *section, *table, *column;
};
constexpr Source kSources[] = {
    {"cascade_sessions", "cascade_session", "state"},
    {"certificates", "certificate", "state"},
    {"completions", "completion", "category"},
    {"enrolments", "enrolment", "state"},
    {"expert_reviews", "expert_review", "state"},
    {"frdo_packages", "frdo_package", "state"},
    {"frdo_rows", "frdo_row", "state"},
    {"groups", "learner_group", "state"},
    {"learning_kinds", "learning_record", "kind"},
    {"learning_records", "learning_record", "state"},
    {"practice_acceptances", "practice_acceptance", "state"},
    {"programme_versions", "programme_version", "state"},
    {"review_decisions", "expert_review", "decision"},
    {"seats", "enrolment", "seat"},
    {"team_trainings", "team_training", "state"},
    {"training_orders", "training_order", "state"},
    {"training_plans", "training_plan", "state"},
};

TEST_F(TrainingYearTest, EveryCollectionAgreesWithItsTable) {
  size_t sections = 0;
  for (const Source& source : kSources) {
    EXPECT_EQ(
        Told(source.section),
        Grouped(absl::StrCat("SELECT ", source.column, ", count(*) FROM programs.", source.table,
                             " WHERE region_code = '86' AND delete_time IS NULL GROUP BY 1")))
        << source.section;
    ++sections;
  }
  EXPECT_EQ(year_.size(), sections + 2) << year_;  // and the plan and the coverage
}

TEST_F(TrainingYearTest, EnrolmentsStandInEveryState) {
  const Numbers states = Told("enrolments");
  for (const char* state : {"COMPLETED", "DEFERRED", "FAILED", "IN_PROGRESS", "WITHDRAWN"}) {
    EXPECT_GT(states.count(state) == 0 ? 0 : states.at(state), 0) << state;
  }
}

TEST_F(TrainingYearTest, WhoeverABodyOfTheRegionTeachesSitsInAGroup) {
  EXPECT_EQ(Count("SELECT count(*) FROM programs.enrolment e JOIN programs.programme p ON p.id = "
                  "e.programme_id AND p.region_code = e.region_code WHERE (p.provider_id IS NULL) "
                  "<> (e.group_id IS NULL)"),
            0);
  EXPECT_GT(Told("groups")["RUNNING"], 0);
  EXPECT_GT(Told("groups")["FINISHED"], 0);
  EXPECT_GT(Told("seats")["HELD"], 50);
}

TEST_F(TrainingYearTest, GroupsCountTheSeatsThatAreHeld) {
  EXPECT_EQ(Count("SELECT count(*) FROM programs.learner_group g WHERE taken_seats <> (SELECT "
                  "count(*) FROM programs.enrolment WHERE group_id = g.id AND seat = 'HELD') OR "
                  "taken_seats > seats"),
            0);
  EXPECT_EQ(Count("SELECT sum(taken_seats) FROM programs.learner_group"), Told("seats")["HELD"]);
}

TEST_F(TrainingYearTest, OrdersHoldTheirLearnersAndNoMore) {
  EXPECT_GT(Count("SELECT count(*) FROM programs.enrolment WHERE training_order_id IS NOT NULL"),
            20);
  EXPECT_EQ(Count(R"sql(
    SELECT count(*) FROM programs.training_order o, jsonb_array_elements(o.lines) l
    WHERE (l->>'places')::int < (SELECT count(*) FROM programs.enrolment e
      WHERE e.training_order_id = o.id AND e.order_line = l->>'id'
        AND e.state NOT IN ('WITHDRAWN', 'FAILED')))sql"),
            0);
  for (const char* state : {"APPROVED", "DRAFT", "EXECUTED", "IN_WORK", "RETURNED", "WITHDRAWN"}) {
    EXPECT_GT(Told("training_orders")[state], 0) << state;
  }
}

TEST_F(TrainingYearTest, LearningBesideEnrolmentsIsOfEveryKind) {
  for (const char* kind : {"ACADEMY", "COURSE_OUTSIDE", "INTERNSHIP", "OTHER", "SELF_STUDY"}) {
    EXPECT_GT(Told("learning_kinds")[kind], 0) << kind;
  }
  for (const char* state : {"ACCEPTED", "CANCELLED", "FAILED", "IN_PROGRESS", "REPORTED"}) {
    EXPECT_GT(Told("learning_records")[state], 0) << state;
  }
  EXPECT_EQ(
      Count("SELECT count(*) FROM programs.learning_record r WHERE kind = 'INTERNSHIP' AND NOT "
            "EXISTS (SELECT FROM registry.site s WHERE s.id = r.site_id AND "
            "s.organisation_id = r.host_organisation_id AND s.state = 'STATUS_GRANTED')"),
      0);
}

TEST_F(TrainingYearTest, TeamIsTrainedWhenHalfOfItIs) {
  EXPECT_EQ(Count(R"sql(
    SELECT count(*) FROM programs.team_training t
    WHERE (state = 'COMPLETED') <> (2 * (SELECT count(*) FROM unnest(t.members_ids) m
      WHERE EXISTS (SELECT FROM programs.completion c
        WHERE c.person_id::text = m::text AND c.programme_id = t.programme_id))
      >= cardinality(t.members_ids)))sql"),
            0);
  EXPECT_GT(Told("team_trainings")["COMPLETED"], 0);
}

// The region's plan in force: lines, and enrolments that name a line's order or, naming none, sit
// in a group of a line.
constexpr char kPlanned[] = R"sql(
  WITH plan AS (
    SELECT * FROM programs.training_plan WHERE region_code = '86' AND state = 'APPROVED'
      AND organisation_id IS NULL AND municipality_id IS NULL),
  line AS (
    SELECT l->>'id' AS id, (l->>'places')::int AS places, (l->>'quarter')::int AS quarter,
           right(coalesce(l->>'training_order', l->>'trainingOrder'), 36) AS order_id,
           l->'ordered'->>'id' AS order_line
    FROM plan, jsonb_array_elements(plan.lines) l
    WHERE coalesce(l->>'exclusion_reason', l->>'exclusionReason', '') = ''),
  linked AS (
    SELECT g->>'line' AS id, right(n, 36) AS group_id
    FROM plan, jsonb_array_elements(plan.line_groups) g, jsonb_array_elements_text(g->'groups') n),
  person AS (
    SELECT line.id, e.state FROM programs.enrolment e JOIN line
      ON e.training_order_id::text = line.order_id AND e.order_line = line.order_line
    UNION ALL
    SELECT linked.id, e.state FROM programs.enrolment e JOIN linked
      ON e.group_id::text = linked.group_id AND e.training_order_id IS NULL),
  counted AS (
    SELECT line.id, places, quarter,
      count(*) FILTER (WHERE state IN ('ENROLLED', 'IN_PROGRESS', 'DEFERRED')) AS learning,
      count(*) FILTER (WHERE state = 'COMPLETED') AS completed,
      count(*) FILTER (WHERE state IN ('WITHDRAWN', 'FAILED')) AS dropped
    FROM line LEFT JOIN person ON person.id = line.id GROUP BY 1, 2, 3)
)sql";

TEST_F(TrainingYearTest, PlanIsExecutedAsItsEnrolmentsSay) {
  const Numbers recounted = Grouped(absl::StrCat(kPlanned, R"sql(
    SELECT 'lines', count(*) FROM counted
    UNION ALL SELECT 'places', sum(places) FROM counted
    UNION ALL SELECT 'learning', sum(learning) FROM counted
    UNION ALL SELECT 'completed', sum(completed) FROM counted
    UNION ALL SELECT 'dropped', sum(dropped) FROM counted
    UNION ALL SELECT 'free', sum(greatest(0, places - learning - completed)) FROM counted
    UNION ALL SELECT 'overdue', sum(greatest(0, places - completed)) FROM counted
      WHERE quarter IN (1, 2))sql"));
  EXPECT_EQ(Told("plan"), recounted);
  EXPECT_GT(Told("plan")["completed"], 0);
  EXPECT_GT(Told("plan")["learning"], 0);
}

// What people of the campaign lack, whoever teaches it by a programme on offer, open groups of
// those. Deficits closed since are not taken away here: seats are far more than people or far
// fewer.
constexpr char kCovered[] = R"sql(
  WITH need AS (
    SELECT code, max(people) AS people FROM (
      SELECT campaign_id, code, count(*) AS people FROM diagnostics.result, unnest(deficit_codes) code
      WHERE region_code = '86' AND delete_time IS NULL GROUP BY 1, 2) c
    GROUP BY 1),
  offer AS (
    SELECT id, regexp_replace(c->>'competency', '.*/', '') AS code
    FROM programs.programme p, jsonb_array_elements(p.competencies) c
    WHERE region_code = '86' AND delete_time IS NULL AND register_state <> 'WITHDRAWN'
      AND NOT withdrawn),
  free AS (
    SELECT programme_id, sum(seats - taken_seats) AS seats FROM programs.learner_group
    WHERE region_code = '86' AND delete_time IS NULL AND state = 'OPEN' AND taken_seats < seats
      AND end_date >= (now() AT TIME ZONE 'Europe/Moscow')::date
    GROUP BY 1),
  told AS (
    SELECT need.code, need.people, count(offer.id) AS programmes, count(free.seats) AS groups,
           coalesce(sum(free.seats), 0) AS seats
    FROM need LEFT JOIN offer ON offer.code = need.code LEFT JOIN free ON free.programme_id = offer.id
    GROUP BY 1, 2)
  SELECT CASE WHEN programmes = 0 THEN 'NOBODY_TEACHES' WHEN groups = 0 THEN 'NO_OPEN_GROUP'
              WHEN seats < people THEN 'SHORT_OF_SEATS' ELSE 'ENOUGH' END, count(*)
  FROM told GROUP BY 1
  UNION ALL
  SELECT 'UNMET_LINES', count(*)
  FROM programs.training_order o, jsonb_array_elements(o.lines) l
  WHERE o.region_code = '86' AND o.state IN ('APPROVED', 'IN_WORK')
    AND coalesce(l->>'programme', '') = '' AND NOT EXISTS (
      SELECT FROM programs.programme p, jsonb_array_elements_text(
        coalesce(l->'topic_codes', l->'topicCodes')) t
      WHERE p.delete_time IS NULL AND t = ANY (p.topic_codes)))sql";

TEST_F(TrainingYearTest, CoverageIsWhatDeficitsAndOffersSay) {
  EXPECT_EQ(Told("coverage"), Grouped(kCovered));
  EXPECT_EQ(Told("coverage")["UNMET_LINES"], 1);
  EXPECT_GT(Told("coverage")["NO_OPEN_GROUP"], 0);
}

TEST_F(TrainingYearTest, WhoWaitsWaitsForAFullGroup) {
  EXPECT_EQ(Told("seats")["WAITING"], 2);
  EXPECT_EQ(Count("SELECT count(*) FROM programs.learner_group WHERE waiting_count > 0 AND "
                  "taken_seats = seats AND state = 'OPEN'"),
            1);
  EXPECT_EQ(Told("groups")["OPEN"], 2);
}

TEST_F(TrainingYearTest, EveryCompletionOfTheRegionsBodiesHasItsDocument) {
  EXPECT_EQ(Count("SELECT count(*) FROM programs.certificate WHERE ground = 'FIRST'"),
            Count("SELECT count(*) FROM programs.completion WHERE provider_id IS NOT NULL"));
  EXPECT_EQ(Count("SELECT count(*) FROM programs.certificate c JOIN programs.completion d ON d.id "
                  "= c.completion_id WHERE c.ground = 'FIRST' AND (c.number <> "
                  "d.certificate_number OR c.person_id <> d.person_id)"),
            0);
  for (const char* state : {"DUPLICATED", "REPLACED", "REVOKED"}) {
    EXPECT_EQ(Told("certificates")[state], 1) << state;
  }
}

TEST_F(TrainingYearTest, ProgrammeGoesThroughTwoRoundsOfExpertiseToTheRegister) {
  EXPECT_EQ(Told("programme_versions"),
            (Numbers{{"DRAFT", 1}, {"EXPERTISE", 1}, {"IN_REGISTER", 1}}));
  EXPECT_EQ(Told("expert_reviews"), (Numbers{{"ASSIGNED", 1}, {"GIVEN", 5}}));
  EXPECT_EQ(Told("review_decisions"),
            (Numbers{{"POSITIVE", 3}, {"REWORK", 2}, {"UNSPECIFIED", 1}}));
  // Two people other than its authors approved what the register lists under that number.
  EXPECT_EQ(Count(R"sql(
    SELECT count(DISTINCT r.person_id) FROM programs.programme_version v
    JOIN programs.programme p ON p.current_version_id = v.id
      AND p.federal_register_number = v.federal_register_number AND p.register_state = 'LISTED'
    JOIN programs.expert_review r ON r.programme_version_id = v.id AND r.round = v.round
      AND r.decision = 'POSITIVE' AND NOT r.person_id::text = ANY (v.authors_ids::text[])
    WHERE v.state = 'IN_REGISTER' AND v.round = 2)sql"),
            2);
}

TEST_F(TrainingYearTest, CascadeIsLedByWhoLearnedAndReachesTheirColleagues) {
  EXPECT_GT(Told("cascade_sessions")["HELD"], 0);
  EXPECT_EQ(Told("learning_kinds")["CASCADE"],
            Count("SELECT sum(cardinality(participants_ids)) FROM programs.cascade_session WHERE "
                  "state = 'HELD'"));
  EXPECT_EQ(Count("SELECT count(*) FROM programs.cascade_session s WHERE NOT EXISTS (SELECT FROM "
                  "programs.completion c WHERE c.person_id = s.leader_id AND c.programme_id = "
                  "s.programme_id)"),
            0);
}

TEST_F(TrainingYearTest, RegisterKnowsTheLatestOfEveryDocument) {
  EXPECT_EQ(Told("frdo_packages"), (Numbers{{"ANSWERED", 2}}));
  EXPECT_EQ(Told("frdo_rows")["REJECTED"], 1);
  EXPECT_EQ(Told("frdo_rows")["PENDING"], 0);
  // Each document's last row was accepted, and says what the document says now.
  EXPECT_EQ(Count(R"sql(
    SELECT count(*) FROM programs.certificate c WHERE NOT EXISTS (
      SELECT FROM programs.frdo_row r WHERE r.certificate_id = c.id AND r.state = 'ACCEPTED'
        AND r.certificate_time >= c.update_time))sql"),
            0);
}

}  // namespace
}  // namespace rsnms::e2e
