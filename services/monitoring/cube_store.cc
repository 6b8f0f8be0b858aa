#include "services/monitoring/cube_store.h"

#include "absl/strings/str_cat.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/projection.h"

namespace rsnms::monitoring {

namespace {

constexpr char kSqlCells[] = R"(
SELECT '', subject_kind, mask, sum(count)::bigint FROM cube
 WHERE region_code = $1 AND year = $2
 GROUP BY subject_kind, mask)";

constexpr char kSqlCellsByMunicipality[] = R"(
SELECT municipality_id, subject_kind, mask, sum(count)::bigint FROM cube
 WHERE region_code = $1 AND year = $2
 GROUP BY municipality_id, subject_kind, mask
 ORDER BY municipality_id COLLATE "C")";

constexpr char kSqlCube[] = R"(
SELECT m.municipality_id, o.organisation_id, mask, sum(count)::bigint
  FROM cube c,
       LATERAL (SELECT CASE WHEN $4::boolean THEN c.municipality_id ELSE '' END AS municipality_id) m,
       LATERAL (SELECT CASE WHEN $5::boolean THEN c.organisation_id ELSE '' END AS organisation_id) o
 WHERE region_code = $1 AND year = $2 AND subject_kind = $3
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3)";

constexpr char kSqlMasks[] = R"(
SELECT DISTINCT mask FROM cube WHERE region_code = $1 AND year = $2 AND subject_kind = $3)";

// What a person alone sees lies in no cell of the cube, hence not kSqlMasks' business: masks come
// from the same scopes.
constexpr char kSqlSubjects[] = R"(
SELECT subject_id::text, municipality_id, organisation_id, mask FROM subject_fact
 WHERE region_code = $1 AND year = $2 AND subject_kind = $3 AND mask = ANY($4::bigint[])
   AND ($5::text = '' OR municipality_id = $5)
   AND subject_id > COALESCE(NULLIF($6, ''), '00000000-0000-0000-0000-000000000000')::uuid
 ORDER BY subject_id LIMIT $7)";

constexpr char kSqlStanding[] = R"(
SELECT s.source, COALESCE(c.epoch, ''), COALESCE(c.position, 0),
       COALESCE(c.epoch <> '' AND c.snapshot_token IS NULL, false)
  FROM unnest($1::text[]) WITH ORDINALITY AS s(source, number)
  LEFT JOIN feed_cursor c ON c.source = s.source AND c.name = $2
 ORDER BY s.number)";

absl::StatusOr<std::vector<Cell>> ReadCells(absl::StatusOr<pqxx::result> rows) {
  if (!rows.ok()) return rows.status();
  std::vector<Cell> cells;
  cells.reserve(rows->size());
  for (const auto& row : *rows) {
    cells.push_back({row[0].c_str(), static_cast<v1::SubjectKind>(row[1].as<int>()),
                     row[2].as<int64_t>(), row[3].as<int64_t>()});
  }
  return cells;
}

}  // namespace

std::string SubjectName(const std::string& region_code, v1::SubjectKind kind,
                        const std::string& id) {
  const char* collection = kind == v1::SUBJECT_KIND_PERSON ? "persons"
                           : kind == v1::SUBJECT_KIND_TEAM ? "managementTeams"
                                                           : "programmes";
  return absl::StrCat("regions/", region_code, "/", collection, "/", id);
}

std::string MunicipalityName(const std::string& region_code, const std::string& id) {
  return id.empty() ? "" : absl::StrCat("regions/", region_code, "/municipalities/", id);
}

std::string OrganisationName(const std::string& region_code, const std::string& id) {
  return id.empty() ? "" : absl::StrCat("regions/", region_code, "/organisations/", id);
}

absl::StatusOr<std::vector<Cell>> LoadCells(pg::Tx& tx, const std::string& region_code, int year,
                                            bool by_municipality) {
  return ReadCells(
      tx.Query(by_municipality ? kSqlCellsByMunicipality : kSqlCells, region_code, year));
}

absl::StatusOr<std::vector<CubeCount>> LoadCube(pg::Tx& tx, const std::string& region_code,
                                                int year, v1::SubjectKind kind,
                                                CubeGrouping grouping) {
  auto rows = tx.Query(kSqlCube, region_code, year, static_cast<int32_t>(kind),
                       grouping.by_municipality, grouping.by_organisation);
  if (!rows.ok()) return rows.status();
  std::vector<CubeCount> counts;
  counts.reserve(rows->size());
  for (const auto& row : *rows) {
    counts.push_back({row[0].c_str(), row[1].c_str(), row[2].as<int64_t>(), row[3].as<int64_t>()});
  }
  return counts;
}

absl::StatusOr<std::vector<FactMask>> LoadMasks(pg::Tx& tx, const std::string& region_code,
                                                int year, v1::SubjectKind kind) {
  auto rows = tx.Query(kSqlMasks, region_code, year, static_cast<int32_t>(kind));
  if (!rows.ok()) return rows.status();
  std::vector<FactMask> masks;
  for (const auto& row : *rows) masks.push_back(row[0].as<int64_t>());
  return masks;
}

absl::StatusOr<std::vector<v1::FactSubject>> LoadSubjects(pg::Tx& tx, const SubjectQuery& query) {
  auto rows =
      tx.Query(kSqlSubjects, query.region_code, query.year, static_cast<int32_t>(query.kind),
               query.masks, query.municipality_id, query.after, query.limit);
  if (!rows.ok()) return rows.status();
  std::vector<v1::FactSubject> subjects;
  for (const auto& row : *rows) {
    auto& subject = subjects.emplace_back();
    subject.set_subject(SubjectName(query.region_code, query.kind, row[0].c_str()));
    subject.set_municipality(MunicipalityName(query.region_code, row[1].c_str()));
    subject.set_organisation(OrganisationName(query.region_code, row[2].c_str()));
    *subject.mutable_facts() = FactsOf(row[3].as<int64_t>());
  }
  return subjects;
}

absl::StatusOr<Standing> LoadStanding(pg::Tx& tx) {
  auto rows = tx.Query(kSqlStanding, Sources(), kProjectionName);
  if (!rows.ok()) return rows.status();
  Standing standing;
  for (const auto& row : *rows) {
    auto& mark = standing.watermarks.emplace_back();
    mark.set_source(row[0].c_str());
    mark.set_epoch(row[1].c_str());
    mark.set_position(row[2].as<int64_t>());
    if (row[3].as<bool>()) standing.loaded.insert(mark.source());
  }
  return standing;
}

}  // namespace rsnms::monitoring
