#include "services/registry/link_store.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace rsnms::registry {
namespace {

constexpr char kSqlLock[] = R"sql(
SELECT pg_advisory_xact_lock(hashtextextended('organisation_link/' || $1::text || '/' || $2::text, 0))
)sql";

constexpr char kSqlGraph[] = R"sql(
SELECT id, child_id, parent_id, valid_from_date - DATE '1970-01-01' AS first,
       valid_until_date - DATE '1970-01-01' AS last
  FROM organisation_link
 WHERE region_code = $1 AND hierarchy = $2 AND delete_time IS NULL
)sql";

std::string ColumnValue(v1::Hierarchy hierarchy) {
  return v1::Hierarchy_Name(hierarchy).substr(sizeof("HIERARCHY_") - 1);
}

}  // namespace

absl::Status LockHierarchy(pg::Tx& tx, const std::string& region_code, v1::Hierarchy hierarchy) {
  return tx.Query(kSqlLock, region_code, ColumnValue(hierarchy)).status();
}

absl::StatusOr<LinkGraph> ReadGraph(pg::Tx& tx, const std::string& region_code,
                                    v1::Hierarchy hierarchy) {
  auto rows = tx.Query(kSqlGraph, region_code, ColumnValue(hierarchy));
  if (!rows.ok()) return rows.status();
  const std::string region = absl::StrCat("regions/", region_code);
  LinkGraph graph;
  for (const auto& row : *rows) {
    LinkGraph::Link link{
        .id = absl::StrCat(region, "/organisationLinks/", row["id"].c_str()),
        .child = absl::StrCat(region, "/organisations/", row["child_id"].c_str()),
        .parent = absl::StrCat(region, "/organisations/", row["parent_id"].c_str()),
        .period = {.first = 0}};
    (void)absl::SimpleAtoi(row["first"].c_str(), &link.period.first);
    if (!absl::SimpleAtoi(row["last"].c_str(), &link.period.last)) link.period.last = Period::kOpen;
    graph.Put(std::move(link));
  }
  return graph;
}

}  // namespace rsnms::registry
