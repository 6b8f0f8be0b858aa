#include "services/registry/events/event_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/scope_look.h"

namespace rsnms::registry {
namespace {

// The function takes the row's lock and looks past the caller's scope; events are public.
constexpr char kSqlHoldEvent[] = R"sql(
SELECT p.state, p.capacity, p.taken,
       'regions/' || e.region_code || '/organisations/' || e.organisation_id AS organisation
  FROM event_places($1, $2::uuid, $3::uuid) AS p
  JOIN event e ON e.region_code = $1 AND e.id = $2::uuid
 WHERE p.state IS NOT NULL
)sql";

constexpr char kSqlPlaces[] = "SELECT taken FROM event_places($1, $2::uuid, NULL)";

constexpr char kSqlAttended[] = R"sql(
SELECT count(*) FROM participation
 WHERE region_code = $1 AND event_id = $2::uuid AND state = 'ATTENDED' AND delete_time IS NULL
)sql";

// Taking the lock may wait for another writer. What that one wrote is seen by the next statement
// only, whose snapshot is taken after the wait; the contest is public.
constexpr char kSqlHoldContest[] = "SELECT contest_hold($1, $2::uuid)";

constexpr char kSqlContest[] = R"sql(
SELECT state, nominations, jury_ids, entries_until_date - DATE '1970-01-01' AS entries_until,
       (now() AT TIME ZONE 'Europe/Moscow')::date - DATE '1970-01-01' AS today,
       'regions/' || region_code || '/organisations/' || organisation_id AS organisation
  FROM contest
 WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL
)sql";

// Whose results would be named.
constexpr char kSqlJudged[] = R"sql(
SELECT DISTINCT 'regions/' || region_code || '/persons/' || person_id
  FROM contest_entry
 WHERE region_code = $1 AND contest_id = $2::uuid AND delete_time IS NULL AND state = 'JUDGED'
   AND person_id IS NOT NULL
)sql";

constexpr char kSqlContestGaps[] = R"sql(
SELECT EXISTS (SELECT FROM contest_entry
                WHERE region_code = $1 AND contest_id = $2::uuid AND delete_time IS NULL
                  AND state IN ('SUBMITTED', 'ADMITTED', 'FINALIST')) AS without_award,
       EXISTS (SELECT FROM contest_entry
                WHERE region_code = $1 AND contest_id = $2::uuid AND delete_time IS NULL
                  AND state NOT IN ('REJECTED', 'WITHDRAWN')
                  AND person_id = ANY ($3::uuid[])) AS jury_competes
)sql";

constexpr char kSqlPlanIsAbove[] = R"sql(
WITH RECURSIVE above (id) AS (
  SELECT consolidated_into_id FROM event_plan WHERE region_code = $1 AND id = $2::uuid
  UNION
  SELECT p.consolidated_into_id
    FROM above a JOIN event_plan p ON p.region_code = $1 AND p.id = a.id
)
SELECT EXISTS (SELECT FROM above WHERE id = $3::uuid)
)sql";

constexpr char kSqlPlanYear[] = R"sql(
SELECT year FROM event_plan
 WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL AND state <> 'REPORTED'
)sql";

absl::StatusOr<int> OneNumber(absl::StatusOr<pqxx::result> rows) {
  if (!rows.ok()) return rows.status();
  int number = 0;
  if (!rows->empty()) (void)absl::SimpleAtoi((*rows)[0][0].c_str(), &number);
  return number;
}

}  // namespace

absl::StatusOr<std::optional<EventFacts>> HoldEvent(pg::Tx& tx, const std::string& event,
                                                    const std::string& participation) {
  std::optional<std::string> except;
  if (participation.find("/participations/") != std::string::npos) except = IdOf(participation);
  auto rows = tx.Query(kSqlHoldEvent, RegionOf(event), IdOf(event), except);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const auto& row = (*rows)[0];
  EventFacts facts;
  facts.organisation = row["organisation"].c_str();
  (void)v1::Event::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts.state);
  int number = 0;
  if (absl::SimpleAtoi(row["capacity"].c_str(), &number)) facts.capacity = number;
  (void)absl::SimpleAtoi(row["taken"].c_str(), &facts.taken);
  return facts;
}

absl::StatusOr<int> CountPlaces(pg::Tx& tx, const std::string& event) {
  return OneNumber(tx.Query(kSqlPlaces, RegionOf(event), IdOf(event)));
}

absl::StatusOr<int> CountAttended(pg::Tx& tx, const std::string& event) {
  return OneNumber(tx.Query(kSqlAttended, RegionOf(event), IdOf(event)));
}

absl::StatusOr<std::optional<ContestFacts>> HoldContest(pg::Tx& tx, const std::string& contest) {
  if (auto held = tx.Query(kSqlHoldContest, RegionOf(contest), IdOf(contest)); !held.ok()) {
    return held.status();
  }
  auto rows = tx.Query(kSqlContest, RegionOf(contest), IdOf(contest));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const auto& row = (*rows)[0];
  ContestFacts facts;
  facts.organisation = row["organisation"].c_str();
  (void)v1::Contest::State_Parse(absl::StrCat("STATE_", row["state"].c_str()), &facts.state);
  facts.nominations = pg::FromArray(row["nominations"].c_str());
  for (const std::string& id : pg::FromArray(row["jury_ids"].c_str())) {
    facts.jury.push_back(absl::StrCat("regions/", RegionOf(contest), "/persons/", id));
  }
  int day = 0;
  const absl::CivilDay epoch(1970, 1, 1);
  if (absl::SimpleAtoi(row["entries_until"].c_str(), &day)) facts.entries_until = epoch + day;
  if (absl::SimpleAtoi(row["today"].c_str(), &day)) facts.today = epoch + day;
  return facts;
}

absl::StatusOr<std::vector<std::string>> FindJudged(pg::Tx& tx, const std::string& contest) {
  std::vector<std::string> persons;
  auto status = LookPastScope(tx, [&] {
    auto rows = tx.Query(kSqlJudged, RegionOf(contest), IdOf(contest));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) persons.emplace_back(row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return persons;
}

absl::StatusOr<bool> IsPlanAbove(pg::Tx& tx, const std::string& plan, const std::string& above) {
  auto rows = tx.Query(kSqlPlanIsAbove, RegionOf(plan), IdOf(plan), IdOf(above));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].c_str()[0] == 't';
}

absl::StatusOr<ContestGaps> FindContestGaps(pg::Tx& tx, const std::string& contest,
                                            const std::vector<std::string>& jury) {
  std::vector<std::string> ids;
  for (const std::string& name : jury) ids.push_back(IdOf(name));
  auto rows = tx.Query(kSqlContestGaps, RegionOf(contest), IdOf(contest), ids);
  if (!rows.ok()) return rows.status();
  ContestGaps gaps;
  gaps.without_award = (*rows)[0]["without_award"].c_str()[0] == 't';
  gaps.jury_competes = (*rows)[0]["jury_competes"].c_str()[0] == 't';
  return gaps;
}

absl::StatusOr<int> OpenPlanYear(pg::Tx& tx, const std::string& plan) {
  return OneNumber(tx.Query(kSqlPlanYear, RegionOf(plan), IdOf(plan)));
}

}  // namespace rsnms::registry
