#include "services/registry/organisation_store.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

constexpr int kMaxTree = 10'000;

constexpr char kSqlFind[] = R"sql(
SELECT 'regions/' || region_code || '/organisations/' || id AS name,
       coalesce('regions/' || region_code || '/municipalities/' || municipality_id, '') AS municipality,
       closed_date - DATE '1970-01-01' AS closed,
       delete_time IS NOT NULL AS deleted
  FROM organisation
 WHERE region_code = $1 AND id = ANY($2::uuid[])
   FOR SHARE
)sql";

constexpr char kSqlIsCopied[] = R"sql(
SELECT EXISTS (SELECT FROM employment
                WHERE region_code = $1 AND organisation_id = $2::uuid)
    OR EXISTS (SELECT FROM management_team
                WHERE region_code = $1 AND organisation_id = $2::uuid)
)sql";

// $1 region, $2 hierarchy, $3 date: what stands in the tables.
constexpr char kSqlStored[] = R"sql(
WITH RECURSIVE link AS NOT MATERIALIZED (
  SELECT region_code, child_id, parent_id FROM organisation_link
   WHERE region_code = $1 AND hierarchy = $2 AND delete_time IS NULL
     AND valid_from_date <= $3::date AND coalesce(valid_until_date, 'infinity') >= $3::date
), body AS NOT MATERIALIZED (
  SELECT o.region_code, o.id, o.kind, coalesce((
           SELECT f.official_name FROM organisation_former_name f
            WHERE f.region_code = o.region_code AND f.organisation_id = o.id AND f.delete_time IS NULL
              AND coalesce(f.valid_from_date, '-infinity') <= $3::date AND f.valid_until_date >= $3::date
         ), o.official_name) AS official_name
    FROM organisation o
   WHERE o.region_code = $1 AND o.delete_time IS NULL AND coalesce(o.closed_date, 'infinity') >= $3::date
))sql";

// $1 region, $2 children and $3 parents of links; $7 ids, $8 names and $9 kinds of bodies: what was
// known of the date.
constexpr char kSqlKnown[] = R"sql(
WITH RECURSIVE link AS (
  SELECT $1::text AS region_code, * FROM unnest($2::uuid[], $3::uuid[]) AS l (child_id, parent_id)
), body AS (
  SELECT $1::text AS region_code, *
    FROM unnest($7::uuid[], $8::text[], $9::text[]) AS b (id, official_name, kind)
))sql";

// $4 id of the root or null, $5 greatest depth or null, $6 row limit. A parent that is closed on
// the date, or that the caller does not see, is none: what stands below it is shown as a tree of
// its own.
constexpr char kSqlWalk[] = R"sql(, tree AS (
  SELECT b.id, NULL::uuid AS parent_id, 0 AS depth, b.official_name, b.kind,
         ARRAY[b.official_name || b.id] AS path
    FROM body b
   WHERE CASE WHEN $4::uuid IS NOT NULL THEN b.id = $4::uuid
              ELSE NOT EXISTS (SELECT FROM link l JOIN body p ON p.id = l.parent_id
                                WHERE l.region_code = b.region_code AND l.child_id = b.id)
               AND EXISTS (SELECT FROM link l WHERE l.region_code = b.region_code AND l.parent_id = b.id) END
  UNION ALL
  SELECT b.id, l.parent_id, t.depth + 1, b.official_name, b.kind, t.path || (b.official_name || b.id)
    FROM tree t
    JOIN link l ON l.parent_id = t.id
    JOIN body b ON b.id = l.child_id
   WHERE t.depth < coalesce($5::int, 1000)
)
SELECT id, parent_id, depth, official_name, kind FROM tree ORDER BY path LIMIT $6
)sql";

std::string NameOf(const std::string& region_parent, const char* id) {
  return absl::StrCat(region_parent, "/organisations/", id);
}

void FillNode(const pqxx::row& row, const std::string& parent, v1::OrganisationNode* node) {
  node->set_organisation(NameOf(parent, row["id"].c_str()));
  if (!row["parent_id"].is_null()) node->set_parent(NameOf(parent, row["parent_id"].c_str()));
  int depth = 0;
  (void)absl::SimpleAtoi(row["depth"].c_str(), &depth);
  node->set_depth(depth);
  node->set_official_name(row["official_name"].c_str());
  v1::OrganisationKind kind = v1::ORGANISATION_KIND_UNSPECIFIED;
  v1::OrganisationKind_Parse(absl::StrCat("ORGANISATION_KIND_", row["kind"].c_str()), &kind);
  node->set_kind(kind);
}

std::string HierarchyColumn(v1::Hierarchy hierarchy) {
  return v1::Hierarchy_Name(hierarchy).substr(sizeof("HIERARCHY_") - 1);
}

void AddWalk(const v1::GetOrganisationTreeRequest& request, pg::Params* params) {
  std::optional<std::string> root;
  if (!request.root().empty()) root = IdOf(request.root());
  std::optional<int32_t> depth;
  if (request.has_max_depth()) depth = request.max_depth();
  params->Add(root).Add(depth).Add(kMaxTree + 1);
}

absl::Status FillTree(const absl::StatusOr<pqxx::result>& rows, const std::string& parent,
                      v1::OrganisationTree* tree) {
  if (!rows.ok()) return rows.status();
  if (rows->size() > kMaxTree) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_TREE_TOO_LARGE,
                      "the tree holds more than 10000 bodies");
  }
  tree->Clear();  // the transaction may run again
  for (const auto& row : *rows) FillNode(row, parent, tree->add_nodes());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<absl::flat_hash_map<std::string, OrganisationFacts>> FindOrganisations(
    pg::Tx& tx, const std::vector<std::string>& names) {
  absl::flat_hash_map<std::string, OrganisationFacts> found;
  for (const auto& [region, ids] : IdsByRegion(names)) {
    auto rows = tx.Query(kSqlFind, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      OrganisationFacts facts;
      facts.municipality = row["municipality"].c_str();
      int day = 0;
      if (absl::SimpleAtoi(row["closed"].c_str(), &day))
        facts.closed = absl::CivilDay(1970, 1, 1) + day;
      facts.deleted = row["deleted"].c_str()[0] == 't';
      found.emplace(row["name"].c_str(), std::move(facts));
    }
  }
  return found;
}

absl::StatusOr<bool> MunicipalityIsCopied(pg::Tx& tx, const std::string& organisation) {
  auto rows = tx.Query(kSqlIsCopied, RegionOf(organisation), IdOf(organisation));
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].c_str()[0] == 't';
}

absl::Status ReadTree(pg::Tx& tx, const v1::GetOrganisationTreeRequest& request,
                      v1::OrganisationTree* tree) {
  auto params = pg::Params::Of(RegionOf(request.parent()), HierarchyColumn(request.hierarchy()),
                               ToIso(request.as_of_date()));
  AddWalk(request, &params);
  return FillTree(tx.Query(absl::StrCat(kSqlStored, kSqlWalk), params), request.parent(), tree);
}

absl::Status ReadKnownTree(pg::Tx& tx, const KnownBodies& known,
                           const v1::GetOrganisationTreeRequest& request,
                           v1::OrganisationTree* tree) {
  auto params = pg::Params::Of(RegionOf(request.parent()), known.children, known.parents);
  AddWalk(request, &params);
  params.Add(known.ids).Add(known.names).Add(known.kinds);
  return FillTree(tx.Query(absl::StrCat(kSqlKnown, kSqlWalk), params), request.parent(), tree);
}

}  // namespace rsnms::registry
