#include "services/registry/events/event_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

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

constexpr char kSqlHoldContest[] = R"sql(
SELECT held.state, c.nominations, c.jury_ids,
       'regions/' || c.region_code || '/organisations/' || c.organisation_id AS organisation
  FROM contest_hold($1, $2::uuid) AS held (state)
  JOIN contest c ON c.region_code = $1 AND c.id = $2::uuid
 WHERE held.state IS NOT NULL
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
  auto rows = tx.Query(kSqlHoldContest, RegionOf(contest), IdOf(contest));
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
  return facts;
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
