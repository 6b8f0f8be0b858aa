#include "services/programs/learning/reach_store.h"

#include <algorithm>
#include <string>

#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::reach_store {
namespace {

// $1 region, $2 first (null: none) and $3 last day; $4 programme, $5 body, $6 municipality, null
// for all; $7, $8 the last row of the page before, null for the first; $9 rows; $10 programmes of
// the cascade; $11 people who turned out to be $12, though a record keeps their former name. A
// leader counts in the body they learned from.
constexpr char kSqlCascade[] = R"sql(
  WITH leaders AS (
    SELECT programme_id, organisation_id, count(DISTINCT person_id) AS people
    FROM completion
    WHERE region_code = $1 AND programme_id = ANY ($10::uuid[]) AND completion_date <= $3::date
      AND delete_time IS NULL AND NOT voided
      AND ($4::uuid IS NULL OR programme_id = $4::uuid)
      AND ($5::uuid IS NULL OR organisation_id = $5::uuid)
      AND ($6::text IS NULL OR municipality_id = $6::text)
    GROUP BY programme_id, organisation_id),
  held AS (
    SELECT s.programme_id, s.organisation_id, count(DISTINCT s.id) AS sessions,
           count(DISTINCT coalesce(m.present, r.person_id)) AS people
    FROM cascade_session s
    LEFT JOIN learning_record r
      ON r.region_code = s.region_code AND r.cascade_session_id = s.id AND r.state = 'ACCEPTED'
        AND r.delete_time IS NULL
    LEFT JOIN unnest($11::uuid[], $12::uuid[]) AS m (original, present) ON m.original = r.person_id
    WHERE s.region_code = $1 AND s.state = 'HELD' AND s.delete_time IS NULL
      AND s.held_date <= $3::date AND ($2::date IS NULL OR s.held_date >= $2::date)
      AND ($4::uuid IS NULL OR s.programme_id = $4::uuid)
      AND ($5::uuid IS NULL OR s.organisation_id = $5::uuid)
      AND ($6::text IS NULL OR s.municipality_id = $6::text)
    GROUP BY s.programme_id, s.organisation_id),
  page AS (
    SELECT programme_id, organisation_id, coalesce(l.people, 0) AS leaders,
           coalesce(h.sessions, 0) AS sessions, coalesce(h.people, 0) AS reached
    FROM leaders l FULL JOIN held h USING (programme_id, organisation_id)
    WHERE $7::uuid IS NULL OR (programme_id, organisation_id) > ($7::uuid, $8::uuid)
    ORDER BY programme_id, organisation_id LIMIT $9::int)
  SELECT programme_id::text, organisation_id::text, leaders, sessions, reached,
         (SELECT count(DISTINCT e.person_id) FROM known_employment e
           WHERE e.region_code = $1 AND e.organisation_id = page.organisation_id
             AND e.start_date <= $3::date AND (e.end_date IS NULL OR e.end_date >= $3::date))
  FROM page ORDER BY programme_id, organisation_id)sql";

// Programmes of the cascade, whoever teaches them.
constexpr char kSqlTaught[] = R"sql(
  SELECT p.id::text FROM programme p
  JOIN programme_version v ON v.region_code = p.region_code AND v.id = p.current_version_id
  WHERE p.region_code = $1 AND v.cascade AND p.delete_time IS NULL
  UNION
  SELECT programme_id::text FROM cascade_session
  WHERE region_code = $1 AND state = 'HELD' AND delete_time IS NULL)sql";

constexpr char kSqlReached[] = R"sql(
  SELECT count(DISTINCT coalesce(m.present, r.person_id))
  FROM cascade_session s
  JOIN learning_record r
    ON r.region_code = s.region_code AND r.cascade_session_id = s.id AND r.state = 'ACCEPTED'
      AND r.delete_time IS NULL
  LEFT JOIN unnest($7::uuid[], $8::uuid[]) AS m (original, present) ON m.original = r.person_id
  WHERE s.region_code = $1 AND s.state = 'HELD' AND s.delete_time IS NULL
    AND s.held_date <= $3::date AND ($2::date IS NULL OR s.held_date >= $2::date)
    AND ($4::uuid IS NULL OR s.programme_id = $4::uuid)
    AND ($5::uuid IS NULL OR s.organisation_id = $5::uuid)
    AND ($6::text IS NULL OR s.municipality_id = $6::text))sql";

// People of records of sessions who are others by now. Two participants of one session who turn out
// to be one person keep a record each: one of them its former name.
constexpr char kSqlMerged[] = R"sql(
  SELECT d.original_id, d.present_id FROM redirected d
  WHERE d.region_code = $1 AND d.target_type = 'registry.rsnms/Person' AND EXISTS (
    SELECT FROM learning_record r
    WHERE r.region_code = $1 AND r.person_id = d.original_id::uuid
      AND r.cascade_session_id IS NOT NULL AND r.state = 'ACCEPTED' AND r.delete_time IS NULL))sql";

// $4 bodies, empty for all centres and institutes. The last row, without a body, counts each person
// once.
constexpr char kSqlStaff[] = R"sql(
  WITH bodies AS (
    SELECT id FROM known_organisation
    WHERE region_code = $1
      AND CASE WHEN $4::text[] = '{}' THEN kind IN ('CENTRE', 'INSTITUTE') ELSE id::text = ANY ($4::text[]) END),
  staff AS (
    SELECT DISTINCT e.organisation_id, e.person_id, EXISTS (
      SELECT FROM learning_record r
      WHERE r.region_code = $1 AND r.person_id = e.person_id AND r.kind = 'ACADEMY' AND r.state = 'ACCEPTED'
        AND r.delete_time IS NULL AND r.completion_date <= $3::date
        AND ($2::date IS NULL OR r.completion_date >= $2::date)) AS trained
    FROM known_employment e
    WHERE e.region_code = $1 AND e.organisation_id IN (SELECT id FROM bodies)
      AND e.start_date <= $3::date AND (e.end_date IS NULL OR e.end_date >= $3::date))
  SELECT organisation_id::text, count(DISTINCT person_id), count(DISTINCT person_id) FILTER (WHERE trained)
  FROM staff GROUP BY GROUPING SETS ((organisation_id), ())
  ORDER BY organisation_id NULLS LAST)sql";

constexpr char kSqlTrained[] = R"sql(
  SELECT count(DISTINCT person_id) FROM learning_record
  WHERE region_code = $1 AND person_id = ANY ($4::uuid[]) AND kind = 'ACADEMY' AND state = 'ACCEPTED'
    AND delete_time IS NULL AND completion_date <= $3::date
    AND ($2::date IS NULL OR completion_date >= $2::date))sql";

std::optional<std::string> IdIfAny(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return std::string(IdOf(name));
}

template <class Request>
pg::Params Period(const Request& request) {
  pg::Params params = pg::Params::Of(std::string(RegionOf(request.parent())));
  params.Add(request.has_start_date() ? std::optional<std::string>(
                                            learning::Iso(learning::ToCivil(request.start_date())))
                                      : std::nullopt);
  params.Add(learning::Iso(learning::ToCivil(request.end_date())));
  return params;
}

pg::Params Sessions(const v1::ListCascadeCoverageRequest& request) {
  pg::Params params = Period(request);
  params.Add(IdIfAny(request.programme()));
  params.Add(IdIfAny(request.organisation()));
  params.Add(IdIfAny(request.municipality()));
  return params;
}

// The ids of names, each once.
template <class Names>
std::vector<std::string> Ids(const Names& names) {
  std::vector<std::string> ids;
  for (const auto& name : names) ids.emplace_back(IdOf(name));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

absl::StatusOr<std::vector<std::string>> Taught(pg::Tx& tx, const std::string& region) {
  std::vector<std::string> ids;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlTaught, region);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) ids.emplace_back(row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return ids;
}

// Adds who is who by now, as $n and $n+1. Names reach nobody: they are counted.
absl::Status AddMerged(pg::Tx& tx, const std::string& region, pg::Params& params) {
  std::vector<std::string> originals, present;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlMerged, region);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      originals.emplace_back(row[0].c_str());
      present.emplace_back(row[1].c_str());
    }
    return absl::OkStatus();
  });
  params.Add(originals);
  params.Add(present);
  return status;
}

}  // namespace

resource::Values KeyOf(const v1::CascadeCoverage& row) {
  return {std::string(IdOf(row.programme())), std::string(IdOf(row.organisation()))};
}

absl::StatusOr<std::vector<v1::CascadeCoverage>> ReadCascade(
    pg::Tx& tx, const v1::ListCascadeCoverageRequest& request,
    const std::optional<resource::Values>& after, int limit) {
  const std::string region(RegionOf(request.parent()));
  pg::Params params = Sessions(request);
  for (size_t i = 0; i < kKeyColumns; ++i) {
    params.Add(after ? (*after)[i] : std::optional<std::string>());
  }
  params.Add(limit);
  auto taught = Taught(tx, region);
  if (!taught.ok()) return taught.status();
  params.Add(*taught);
  if (auto s = AddMerged(tx, region, params); !s.ok()) return s;
  auto rows = tx.Query(kSqlCascade, params);
  if (!rows.ok()) return rows.status();
  std::vector<v1::CascadeCoverage> coverage;
  for (const auto& row : *rows) {
    auto& one = coverage.emplace_back();
    one.set_programme(NameOf(region, "programmes", row[0].c_str()));
    one.set_organisation(NameOf(region, "organisations", row[1].c_str()));
    one.set_leader_count(row[2].as<int>());
    one.set_session_count(row[3].as<int>());
    one.set_reached_count(row[4].as<int>());
    one.set_staff_count(row[5].as<int>());
  }
  return coverage;
}

absl::StatusOr<int> CountReached(pg::Tx& tx, const v1::ListCascadeCoverageRequest& request) {
  pg::Params params = Sessions(request);
  if (auto s = AddMerged(tx, std::string(RegionOf(request.parent())), params); !s.ok()) return s;
  auto rows = tx.Query(kSqlReached, params);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int>();
}

absl::Status ReadAcademy(pg::Tx& tx, const v1::GetAcademyCoverageRequest& request,
                         v1::AcademyCoverage* coverage) {
  const std::string region(RegionOf(request.parent()));
  pg::Params params = Period(request);
  if (!request.persons().empty()) {
    const auto ids = Ids(request.persons());
    params.Add(ids);
    auto rows = tx.Query(kSqlTrained, params);
    if (!rows.ok()) return rows.status();
    coverage->set_staff_count(static_cast<int>(ids.size()));
    coverage->set_trained_count((*rows)[0][0].as<int>());
    return absl::OkStatus();
  }
  params.Add(Ids(request.organisations()));
  auto rows = tx.Query(kSqlStaff, params);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    if (row[0].is_null()) {
      coverage->set_staff_count(row[1].as<int>());
      coverage->set_trained_count(row[2].as<int>());
      continue;
    }
    auto& body = *coverage->add_bodies();
    body.set_organisation(NameOf(region, "organisations", row[0].c_str()));
    body.set_staff_count(row[1].as<int>());
    body.set_trained_count(row[2].as<int>());
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::reach_store
