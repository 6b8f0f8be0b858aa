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
   FOR KEY SHARE
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

}  // namespace rsnms::registry
