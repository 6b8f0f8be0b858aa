#include "services/registry/body_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlBodies[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || id AS name, official_name, kind,
       coalesce('regions/' || region_code || '/municipalities/' || municipality_id, '') AS municipality,
       founded_date - DATE '1970-01-01' AS founded, closed_date - DATE '1970-01-01' AS closed,
       delete_time IS NOT NULL AS deleted
  FROM organisation
 WHERE region_code = $1 AND id = ANY($2::uuid[])
   FOR SHARE
)sql";

constexpr char kSqlMunicipalities[] = R"sql(
SELECT count(*) FROM municipality
 WHERE region_code = $1 AND id = ANY($2::text[]) AND delete_time IS NULL
)sql";

absl::Status Absent(std::string_view path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                           "does not exist, or is not visible to you", "запись не найдена");
}

}  // namespace

absl::StatusOr<Bodies> FindBodies(pg::Tx& tx, const std::vector<std::string>& names) {
  Bodies found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlBodies, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      Body body;
      body.official_name = row["official_name"].c_str();
      v1::OrganisationKind_Parse(absl::StrCat("ORGANISATION_KIND_", row["kind"].c_str()),
                                 &body.kind);
      body.facts.municipality = row["municipality"].c_str();
      body.facts.deleted = row["deleted"].c_str()[0] == 't';
      int day = 0;
      if (absl::SimpleAtoi(row["founded"].c_str(), &day)) {
        body.facts.founded = absl::CivilDay(1970, 1, 1) + day;
      }
      if (absl::SimpleAtoi(row["closed"].c_str(), &day)) {
        body.facts.closed = absl::CivilDay(1970, 1, 1) + day;
      }
      found.emplace(row["name"].c_str(), std::move(body));
    }
  }
  return found;
}

absl::StatusOr<Body> FindBody(pg::Tx& tx, const std::string& name, std::string_view path) {
  auto bodies = FindBodies(tx, {name});
  if (!bodies.ok()) return bodies.status();
  if (bodies->empty()) return Absent(path);
  Body& body = bodies->begin()->second;
  if (body.facts.deleted) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_ORGANISATION_CLOSED, "the body is deleted")
        .ToStatus();
  }
  return std::move(body);
}

absl::Status CheckMunicipalities(pg::Tx& tx, const std::vector<std::string>& names,
                                 std::string_view path) {
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlMunicipalities, region, ids);
    if (!rows.ok()) return rows.status();
    size_t count = 0;
    if (!absl::SimpleAtoi((*rows)[0][0].c_str(), &count) || count != ids.size()) {
      return Absent(path);
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
