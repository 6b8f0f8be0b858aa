#include "services/registry/person_store.h"

#include "absl/strings/numbers.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlFind[] = R"sql(
SELECT 'regions/' || region_code || '/persons/' || id AS name,
       birth_date - DATE '1970-01-01' AS birth,
       delete_time IS NOT NULL AS deleted
  FROM person
 WHERE region_code = $1 AND id = ANY($2::uuid[])
   FOR SHARE
)sql";

// The first day of work or learning recorded about each of the people.
constexpr char kSqlEarliest[] = R"sql(
SELECT 'regions/' || $1 || '/persons/' || person_id AS name,
       min(day) - DATE '1970-01-01' AS day
  FROM (SELECT person_id, start_date AS day FROM employment
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
         UNION ALL
        SELECT person_id, decision_date FROM qualification
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
         UNION ALL
        SELECT person_id, start_date FROM corporate_training
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
         UNION ALL
        SELECT person_id, start_date FROM self_education_theme
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
         UNION ALL
        SELECT person_id, evidence_date FROM career_evidence
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
         UNION ALL
        SELECT person_id, start_date FROM support_record
         WHERE region_code = $1 AND person_id = ANY($2::uuid[]) AND delete_time IS NULL
       ) AS recorded (person_id, day)
 GROUP BY person_id
)sql";

}  // namespace

absl::StatusOr<absl::flat_hash_map<std::string, PersonFacts>> FindPersons(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, PersonFacts> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlFind, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      PersonFacts facts;
      int day = 0;
      if (absl::SimpleAtoi(row["birth"].c_str(), &day))
        facts.birth = absl::CivilDay(1970, 1, 1) + day;
      facts.deleted = row["deleted"].c_str()[0] == 't';
      found.emplace(row["name"].c_str(), facts);
    }
  }
  return found;
}

absl::StatusOr<absl::flat_hash_map<std::string, absl::CivilDay>> FindEarliestDays(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, absl::CivilDay> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    const auto read = [&, &region = region, &ids = ids]() -> absl::Status {
      auto rows = tx.Query(kSqlEarliest, region, ids);
      if (!rows.ok()) return rows.status();
      for (const auto& row : *rows) {
        int day = 0;
        if (!absl::SimpleAtoi(row["day"].c_str(), &day)) continue;
        found.emplace(row["name"].c_str(), absl::CivilDay(1970, 1, 1) + day);
      }
      return absl::OkStatus();
    };
    if (auto s = tx.Unscoped(region, read); !s.ok()) return s;
  }
  return found;
}

}  // namespace rsnms::registry
