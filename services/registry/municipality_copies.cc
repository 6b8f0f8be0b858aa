#include "services/registry/municipality_copies.h"

#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Column;
using resource::Kind;

constexpr char kSqlMovedBefore[] =
    "SELECT EXISTS (SELECT FROM organisation_former_municipality "
    "WHERE region_code = $1 AND organisation_id = $2::uuid AND delete_time IS NULL)";

constexpr char kSqlFormer[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || organisation_id AS body,
       valid_until_date - DATE '1970-01-01' AS last,
       coalesce('regions/' || region_code || '/municipalities/' || municipality_id, '') AS place
  FROM organisation_former_municipality
 WHERE region_code = $1 AND organisation_id = ANY($2::uuid[]) AND delete_time IS NULL
 ORDER BY organisation_id, valid_until_date
)sql";

}  // namespace

std::vector<MunicipalityCopy> MunicipalityCopies(const resource::Engine& engine) {
  std::vector<MunicipalityCopy> copies;
  for (const resource::Type* type : engine.types()) {
    const Column *municipality = nullptr, *body = nullptr;
    for (const Column& column : type->columns()) {
      if (column.kind != Kind::kReference) continue;
      if (column.options.scope() == options::v1::SCOPE_ROLE_MUNICIPALITY && column.output_only)
        municipality = &column;
      if (column.field->name() == "organisation") body = &column;
    }
    if (municipality != nullptr && body != nullptr)
      copies.push_back({.type = type, .municipality = municipality, .body = body});
  }
  return copies;
}

absl::StatusOr<bool> MunicipalityIsCopied(pg::Tx& tx, const resource::Engine& engine,
                                          const std::string& organisation) {
  std::string sql = kSqlMovedBefore;
  for (const MunicipalityCopy& copy : MunicipalityCopies(engine)) {
    absl::StrAppend(&sql, " OR EXISTS (SELECT FROM ", copy.type->table(),
                    " WHERE region_code = $1 AND ", copy.body->sql, " = $2::uuid)");
  }
  const std::string region = RegionOf(organisation);
  bool copied = false;
  auto s = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(sql, region, IdOf(organisation));
    if (rows.ok()) copied = (*rows)[0][0].c_str()[0] == 't';
    return rows.status();
  });
  if (!s.ok()) return s;
  return copied;
}

absl::StatusOr<FormerPlaces> FormerPlaces::Of(pg::Tx& tx, const std::vector<std::string>& bodies) {
  FormerPlaces former;
  for (const auto& [region, ids] : IdsByRegion(bodies)) {
    auto rows = tx.Query(kSqlFormer, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      former.places_[row["body"].c_str()].push_back(
          {absl::CivilDay(1970, 1, 1) + row["last"].as<int>(), row["place"].c_str()});
    }
  }
  return former;
}

const std::string& FormerPlaces::On(const std::string& body, const google::type::Date* day,
                                    const std::string& present) const {
  const auto found = places_.find(body);
  if (day == nullptr || found == places_.end()) return present;
  for (const Place& place : found->second)
    if (ToCivil(*day) <= place.last) return place.municipality;
  return present;
}

}  // namespace rsnms::registry
