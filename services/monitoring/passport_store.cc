#include "services/monitoring/passport_store.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "libs/rpc/status.h"

namespace rsnms::monitoring {

namespace {

// From the cube; bits as in rsnms.monitoring.v1.Fact. `involvement.supported` and
// `programmes.learners` count the staff.
constexpr char kSqlCubeCounts[] = R"(
SELECT COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 3 <> 0), 0)
                                                                       AS "staff.total",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 1 <> 0), 0)
                                                                       AS "staff.pedagogues",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 2 <> 0), 0)
                                                                       AS "staff.managers",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 32 <> 0), 0)
                                                                       AS "staff.young",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 2 AND mask & 256 <> 0), 0)
                                                                       AS "staff.teams",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 3 <> 0 AND mask & 4 <> 0), 0)
                                                                       AS "involvement.diagnosed",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 3 <> 0 AND mask & 8 <> 0), 0)
                                                                       AS "involvement.routes",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 3 <> 0 AND mask & 64 <> 0), 0)
                                                                       AS "involvement.supported",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 1 AND mask & 3 <> 0 AND mask & 128 <> 0), 0)
                                                                       AS "programmes.learners",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 3 AND mask & 16384 <> 0), 0)
                                                                       AS "programmes.total",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 3 AND mask & 8192 <> 0), 0)
                                                                       AS "programmes.register",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 3 AND mask & 36864 <> 0), 0)
                                                                       AS "programmes.institute",
       COALESCE(sum(count) FILTER (WHERE subject_kind = 3 AND mask & 36864 <> 0
                                     AND mask & 8192 <> 0), 0) AS "programmes.institute_register"
  FROM cube WHERE region_code = $1 AND year = $2)";

constexpr char kSqlBodyCounts[] = R"(
SELECT count(DISTINCT NULLIF(municipality_id, '')) AS "infrastructure.municipalities",
       count(*) FILTER (WHERE kind = 'INSTITUTE') AS "infrastructure.institutes",
       count(*) FILTER (WHERE kind = 'CENTRE') AS "infrastructure.centres",
       count(*) FILTER (WHERE kind = 'MUNICIPAL_METHOD_SERVICE')
                                                  AS "infrastructure.municipal_services",
       count(*) FILTER (WHERE kind = 'SCHOOL') AS "infrastructure.schools",
       count(*) FILTER (WHERE kind = 'PRESCHOOL') AS "infrastructure.preschools",
       count(*) FILTER (WHERE kind = 'ADDITIONAL_EDUCATION') AS "infrastructure.additional",
       count(*) FILTER (WHERE kind = 'COLLEGE') AS "infrastructure.colleges"
  FROM known_organisation o
  JOIN period p ON p.region_code = o.region_code AND p.year = $2
 WHERE o.region_code = $1 AND (o.closed_date IS NULL OR o.closed_date > p.cut_off_date))";

constexpr char kSqlLearningCounts[] = R"(
SELECT (SELECT count(*) FROM known_completion c
         WHERE c.region_code = p.region_code
           AND c.completion_date BETWEEN p.start_date AND p.cut_off_date)
                                                  AS "programmes.completions",
       (SELECT count(*) FROM known_programme k
         WHERE k.region_code = p.region_code AND k.provider_id IS NOT NULL
           AND k.kind = 'PROFESSIONAL_RETRAINING') AS "programmes.retraining",
       (SELECT count(*) FROM known_programme k
         WHERE k.region_code = p.region_code AND k.provider_id IS NOT NULL AND k.distance)
                                                  AS "programmes.distance",
       (SELECT count(DISTINCT s.campaign_id) FROM known_session s
         WHERE s.region_code = p.region_code AND s.held_at_centre
           AND s.submit_date BETWEEN p.start_date AND p.cut_off_date)
                                                  AS "involvement.campaigns"
  FROM period p WHERE p.region_code = $1 AND p.year = $2)";

constexpr char kSqlFreeze[] = R"(
INSERT INTO passport_revision
       (region_code, passport_id, revision, canonical, sha256, signature, signer_public_key,
        approve_time)
VALUES ($1, $2::uuid, $3, $4, $5, $6, $7, to_timestamp($8::bigint)))";

constexpr char kSqlRevision[] = R"(
SELECT canonical, sha256, signature, signer_public_key FROM passport_revision
 WHERE region_code = $1 AND passport_id = $2::uuid AND revision = $3)";

// Parts of `regions/86/passports/{uuid}`.
struct Id {
  std::string region_code, id;
};
Id Parse(const std::string& name) {
  const std::vector<std::string> parts = absl::StrSplit(name, '/');
  return parts.size() == 4 ? Id{parts[1], parts[3]} : Id{};
}

}  // namespace

absl::StatusOr<PassportCounts> LoadPassportCounts(pg::Tx& tx, const std::string& region_code,
                                                  int year) {
  PassportCounts counts;
  for (const char* sql : {kSqlCubeCounts, kSqlBodyCounts, kSqlLearningCounts}) {
    auto rows = tx.Query(sql, region_code, year);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      for (const auto& field : row) counts[field.name()] = field.as<int64_t>();
    }
  }
  return counts;
}

absl::Status FreezeRevision(pg::Tx& tx, const v1::Passport& passport,
                            const std::string& canonical) {
  const Id id = Parse(passport.name());
  pg::Params params;
  params.Add(id.region_code).Add(id.id).Add(passport.revision()).AddBytes(canonical);
  params.Add(passport.sha256()).Add(passport.signature()).Add(passport.signer_public_key());
  params.Add(static_cast<int64_t>(passport.approve_time().seconds()));
  return tx.Execute(kSqlFreeze, params).status();
}

absl::StatusOr<v1::ExportPassportResponse> LoadRevision(pg::Tx& tx, const std::string& name,
                                                        int revision) {
  const Id id = Parse(name);
  auto rows = tx.Query(kSqlRevision, id.region_code, id.id, revision);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return rpc::NotFound("monitoring.rsnms/Passport", name);
  const auto row = (*rows)[0];
  v1::ExportPassportResponse out;
  out.set_canonical(pg::FromBytea(row[0].c_str()));
  out.set_sha256(row[1].c_str());
  out.set_signature(row[2].c_str());
  out.set_signer_public_key(row[3].c_str());
  return out;
}

}  // namespace rsnms::monitoring
