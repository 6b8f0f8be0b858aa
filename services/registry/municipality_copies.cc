#include "services/registry/municipality_copies.h"

#include "absl/strings/str_cat.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

using resource::Column;
using resource::Kind;

constexpr char kSqlMovedBefore[] =
    "SELECT EXISTS (SELECT FROM organisation_former_municipality "
    "WHERE region_code = $1 AND organisation_id = $2::uuid AND delete_time IS NULL)";

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

}  // namespace rsnms::registry
