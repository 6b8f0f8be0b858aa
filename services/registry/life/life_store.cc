#include "services/registry/life/life_store.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "services/registry/names.h"
#include "services/registry/pages.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

// $1 region, $2 bodies, $3 day of the change, $4 teams disbanded.
constexpr char kSqlSums[] = R"sql(
SELECT (SELECT count(*) FROM employment e
         WHERE e.region_code = $1 AND e.organisation_id = ANY($2::uuid[]) AND e.delete_time IS NULL
           AND e.start_date <= d.day AND coalesce(e.end_date, 'infinity') >= d.day) AS employments,
       (SELECT count(DISTINCT e.person_id) FROM employment e
         WHERE e.region_code = $1 AND e.organisation_id = ANY($2::uuid[]) AND e.delete_time IS NULL
           AND e.start_date <= d.day AND coalesce(e.end_date, 'infinity') >= d.day
           AND e.category = 'PEDAGOGUE') AS pedagogues,
       (SELECT count(DISTINCT e.person_id) FROM employment e
         WHERE e.region_code = $1 AND e.organisation_id = ANY($2::uuid[]) AND e.delete_time IS NULL
           AND e.start_date <= d.day AND coalesce(e.end_date, 'infinity') >= d.day
           AND e.category = 'MANAGER') AS managers,
       (SELECT count(*) FROM management_team t
         WHERE t.region_code = $1 AND t.organisation_id = ANY($2::uuid[]) AND t.delete_time IS NULL
           AND t.formed_date <= d.day AND coalesce(t.disbanded_date, 'infinity') >= d.day
           AND NOT (d.day >= $3::date AND t.id = ANY($4::uuid[]))) AS teams,
       (SELECT count(*) FROM support_record s
         WHERE s.region_code = $1 AND s.organisation_id = ANY($2::uuid[]) AND s.delete_time IS NULL
           AND s.start_date <= d.day AND coalesce(s.end_date, 'infinity') >= d.day) AS support
  FROM unnest(ARRAY[$3::date - 1, $3::date, DATE '9999-01-01']) WITH ORDINALITY AS d (day, place)
 ORDER BY d.place
)sql";

// One row a body: the former name found (null when the present one was), the name on the date.
// ё counts as е; position() needs no escaping. $4 and $5 are present name and id of the last body
// shown before, null on the first page.
constexpr char kSqlSearch[] = R"sql(
WITH wanted AS (SELECT translate(lower($2::text), 'ё', 'е') AS text),
former AS (
  SELECT DISTINCT ON (f.organisation_id) f.organisation_id, f.id
    FROM organisation_former_name f, wanted
   WHERE f.region_code = $1 AND f.delete_time IS NULL
     AND (position(wanted.text IN translate(lower(f.official_name), 'ё', 'е')) > 0
          OR position(wanted.text IN translate(lower(f.short_name), 'ё', 'е')) > 0)
   ORDER BY f.organisation_id, f.valid_until_date DESC
), found AS (
  SELECT o.id, o.official_name, NULL::uuid AS former_id
    FROM organisation o, wanted
   WHERE o.region_code = $1 AND o.delete_time IS NULL
     AND ($5::uuid IS NULL OR (o.official_name, o.id) > ($4, $5::uuid))
     AND (position(wanted.text IN translate(lower(o.official_name), 'ё', 'е')) > 0
          OR position(wanted.text IN translate(lower(o.short_name), 'ё', 'е')) > 0)
  UNION ALL
  SELECT o.id, o.official_name, former.id
    FROM former JOIN organisation o ON o.region_code = $1 AND o.id = former.organisation_id
   WHERE o.delete_time IS NULL
     AND ($5::uuid IS NULL OR (o.official_name, o.id) > ($4, $5::uuid))
)
SELECT DISTINCT ON (found.official_name, found.id) found.id, found.former_id,
       coalesce((SELECT f.official_name FROM organisation_former_name f
                  WHERE f.region_code = $1 AND f.organisation_id = found.id AND f.delete_time IS NULL
                    AND coalesce(f.valid_from_date, '-infinity') <= $3::date
                    AND f.valid_until_date >= $3::date), found.official_name) AS name_on_date
  FROM found
 ORDER BY found.official_name, found.id, found.former_id NULLS FIRST
 LIMIT $6
)sql";

constexpr char kSqlChangesOf[] = R"sql(
SELECT 'regions/' || region_code || '/organisationChanges/' || id
  FROM organisation_change
 WHERE region_code = $1 AND id <> $2::uuid AND state = 'APPLIED' AND delete_time IS NULL
   AND EXISTS (SELECT FROM jsonb_array_elements(effects) AS e WHERE e ->> 'resource' = ANY($3::text[]))
 ORDER BY id DESC
 LIMIT 11
)sql";

std::vector<std::string> Ids(const std::vector<std::string>& names) {
  std::vector<std::string> ids;
  std::transform(names.begin(), names.end(), std::back_inserter(ids), IdOf);
  return ids;
}

// Resources by name, in any order.
template <class R>
absl::StatusOr<absl::flat_hash_map<std::string, R>> ById(pg::Tx& tx, const resource::Engine& engine,
                                                         const std::string& region,
                                                         const std::vector<std::string>& ids) {
  auto rows = resource::Table<R>(engine).Select(tx, "region_code = $1 AND id = ANY($2::uuid[])",
                                                region, ids);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, R> by_id;
  for (R& row : *rows) by_id.emplace(IdOf(row.name()), std::move(row));
  return by_id;
}

bool WorkedOn(const v1::Organisation& body, absl::CivilDay day) {
  return (!body.has_founded_date() || ToCivil(body.founded_date()) <= day) &&
         (!body.has_closed_date() || ToCivil(body.closed_date()) >= day);
}

}  // namespace

absl::StatusOr<std::vector<v1::OrganisationSums>> SumUp(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& bodies,
                                                        const std::vector<std::string>& disbanded,
                                                        absl::CivilDay day) {
  auto rows = tx.Query(kSqlSums, region, Ids(bodies), ToIso(ToDate(day)), Ids(disbanded));
  if (!rows.ok()) return rows.status();
  std::vector<v1::OrganisationSums> sums;
  for (const auto& row : *rows) {
    v1::OrganisationSums& sum = sums.emplace_back();
    sum.set_employments(row["employments"].as<int64_t>());
    sum.set_pedagogues(row["pedagogues"].as<int64_t>());
    sum.set_managers(row["managers"].as<int64_t>());
    sum.set_management_teams(row["teams"].as<int64_t>());
    sum.set_support_records(row["support"].as<int64_t>());
  }
  return sums;
}

absl::StatusOr<std::vector<v1::OrganisationFormerName>> FormerNames(
    pg::Tx& tx, const resource::Engine& engine, const std::string& organisation) {
  return resource::Table<v1::OrganisationFormerName>(engine).Select(
      tx,
      "region_code = $1 AND organisation_id = $2::uuid AND delete_time IS NULL "
      "ORDER BY valid_until_date",
      RegionOf(organisation), IdOf(organisation));
}

absl::StatusOr<std::vector<v1::OrganisationFormerMunicipality>> FormerMunicipalities(
    pg::Tx& tx, const resource::Engine& engine, const std::string& organisation) {
  return resource::Table<v1::OrganisationFormerMunicipality>(engine).Select(
      tx,
      "region_code = $1 AND organisation_id = $2::uuid AND delete_time IS NULL "
      "ORDER BY valid_until_date",
      RegionOf(organisation), IdOf(organisation));
}

absl::Status Search(pg::Tx& tx, const resource::Engine& engine,
                    const v1::SearchOrganisationsRequest& request,
                    const std::optional<resource::Values>& after,
                    v1::SearchOrganisationsResponse* response) {
  const std::string region = RegionOf(request.parent());
  const int limit = PageSize(request.page_size(), 50, 1000);
  const std::string day = request.has_as_of_date() ? ToIso(request.as_of_date()) : "9999-01-01";
  const std::optional<std::string> nothing;
  auto rows = tx.Query(kSqlSearch, region, request.query(), day, after ? (*after)[0] : nothing,
                       after ? (*after)[1] : nothing, limit + 1);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> bodies, former;
  for (const auto& row : *rows) {
    bodies.emplace_back(row["id"].c_str());
    if (!row["former_id"].is_null()) former.emplace_back(row["former_id"].c_str());
  }
  auto body_of = ById<v1::Organisation>(tx, engine, region, bodies);
  if (!body_of.ok()) return body_of.status();
  auto name_of = ById<v1::OrganisationFormerName>(tx, engine, region, former);
  if (!name_of.ok()) return name_of.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) {
    if (response->matches_size() == limit) {
      response->set_truncated(true);
      break;
    }
    auto* match = response->add_matches();
    *match->mutable_organisation() = (*body_of)[row["id"].c_str()];
    if (!row["former_id"].is_null())
      *match->mutable_former_name() = (*name_of)[row["former_id"].c_str()];
    match->set_name_on_date(row["name_on_date"].c_str());
    match->set_existed_on_date(WorkedOn(match->organisation(), request.has_as_of_date()
                                                                   ? ToCivil(request.as_of_date())
                                                                   : absl::CivilDay(9999, 1, 1)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ChangesOf(pg::Tx& tx, const std::string& change,
                                                   const std::vector<std::string>& resources) {
  auto rows = tx.Query(kSqlChangesOf, RegionOf(change), IdOf(change), resources);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> names;
  for (const auto& row : *rows) names.emplace_back(row[0].c_str());
  return names;
}

absl::StatusOr<std::vector<std::string>> Referrers(pg::Tx& tx, const resource::Engine& engine,
                                                   const std::string& organisation) {
  const std::string region = RegionOf(organisation);
  std::vector<std::string> names;
  for (const resource::Type* type : engine.types()) {
    for (const auto& column : type->columns()) {
      const bool one = column.kind == resource::Kind::kReference;
      const bool many = column.kind == resource::Kind::kReferences;
      if ((!one && !many) || column.target.type != "registry.rsnms/Organisation") continue;
      const std::string sql = absl::StrCat(
          "SELECT id FROM ", type->table(), " WHERE region_code = $1 AND delete_time IS NULL AND ",
          column.sql, one ? " = $2::uuid" : " @> ARRAY[$2::text]", " LIMIT 11");
      auto s = tx.Unscoped(region, [&]() -> absl::Status {
        auto rows = tx.Query(sql, region, IdOf(organisation));
        if (!rows.ok()) return rows.status();
        for (const auto& row : *rows)
          names.push_back(type->pattern().Format(region, row[0].c_str()));
        return absl::OkStatus();
      });
      if (!s.ok()) return s;
    }
  }
  if (names.size() > 11) names.resize(11);
  return names;
}

}  // namespace rsnms::registry
