#include "services/registry/employment_store.h"

#include <string_view>

#include "absl/strings/numbers.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

// What counts is not a condition: with it the planner takes the exclusion constraint's GiST index,
// which is slow here.
constexpr char kSqlMainPeriods[] = R"sql(
SELECT 'regions/' || region_code || '/persons/' || person_id AS key,
       'regions/' || region_code || '/employments/' || id AS name,
       start_date - DATE '1970-01-01' AS first, end_date - DATE '1970-01-01' AS last,
       main AND delete_time IS NULL AS counts
  FROM employment
 WHERE region_code = $1 AND person_id = ANY($2::uuid[])
)sql";

constexpr char kSqlTeamPeriods[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || organisation_id AS key,
       'regions/' || region_code || '/managementTeams/' || id AS name,
       formed_date - DATE '1970-01-01' AS first, disbanded_date - DATE '1970-01-01' AS last,
       delete_time IS NULL AS counts
  FROM management_team
 WHERE region_code = $1 AND organisation_id = ANY($2::uuid[])
)sql";

// The grouping set () gives the region's total: each person once, wherever they work.
constexpr char kSqlCount[] = R"sql(
SELECT GROUPING(e.municipality_id) AS total,
       coalesce('regions/' || min(e.region_code) || '/municipalities/' || e.municipality_id, '') AS municipality,
       count(DISTINCT e.person_id) AS persons,
       count(DISTINCT e.person_id) FILTER (WHERE e.category = 'PEDAGOGUE') AS pedagogues,
       count(DISTINCT e.person_id) FILTER (WHERE e.category = 'MANAGER') AS managers,
       count(DISTINCT e.person_id) FILTER (
         WHERE e.category = 'PEDAGOGUE' AND p.teaching_start_date <= $2::date
           AND p.young_specialist_until_date >= $2::date) AS young,
       count(DISTINCT e.organisation_id) AS organisations
  FROM employment e
  JOIN person p ON p.region_code = e.region_code AND p.id = e.person_id AND p.delete_time IS NULL
 WHERE e.region_code = $1 AND e.delete_time IS NULL
   AND e.start_date <= $2::date AND coalesce(e.end_date, 'infinity') >= $2::date
 GROUP BY GROUPING SETS ((), (e.municipality_id))
 ORDER BY total DESC, e.municipality_id NULLS FIRST
)sql";

absl::StatusOr<PeriodBook> ReadPeriods(pg::Tx& tx, const char* sql,
                                       const std::vector<std::string>& keys) {
  PeriodBook book;
  for (const auto& [region, ids] : IdsByRegion(keys)) {
    auto rows = tx.Query(sql, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      if (row["counts"].c_str()[0] != 't') continue;
      Period period{.first = 0};
      (void)absl::SimpleAtoi(row["first"].c_str(), &period.first);
      if (!absl::SimpleAtoi(row["last"].c_str(), &period.last)) period.last = Period::kOpen;
      book.Put(row["key"].c_str(), row["name"].c_str(), period);
    }
  }
  return book;
}

int64_t Number(const pqxx::row& row, const char* column) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(row[column].c_str(), &number);
  return number;
}

}  // namespace

absl::StatusOr<PeriodBook> ReadMainPeriods(pg::Tx& tx, const std::vector<std::string>& persons) {
  return ReadPeriods(tx, kSqlMainPeriods, persons);
}

absl::StatusOr<PeriodBook> ReadTeamPeriods(pg::Tx& tx,
                                           const std::vector<std::string>& organisations) {
  return ReadPeriods(tx, kSqlTeamPeriods, organisations);
}

absl::Status CountEducators(pg::Tx& tx, const v1::CountEducatorsRequest& request,
                            v1::CountEducatorsResponse* response) {
  const std::string region = RegionOf(request.parent());
  auto rows = tx.Query(kSqlCount, region, ToIso(request.as_of_date()));
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  response->mutable_total();
  for (const auto& row : *rows) {
    const bool total = Number(row, "total") == 1;
    v1::EducatorCounts* counts = total ? response->mutable_total() : response->add_municipalities();
    counts->set_municipality(row["municipality"].c_str());
    counts->set_person_count(Number(row, "persons"));
    counts->set_pedagogue_count(Number(row, "pedagogues"));
    counts->set_manager_count(Number(row, "managers"));
    counts->set_young_specialist_count(Number(row, "young"));
    counts->set_organisation_count(Number(row, "organisations"));
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
