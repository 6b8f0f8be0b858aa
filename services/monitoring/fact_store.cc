#include "services/monitoring/fact_store.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace rsnms::monitoring {

namespace {

constexpr char kSqlEnterGate[] = "SELECT one FROM projection_gate FOR UPDATE";
constexpr char kSqlAnalyze[] = "SELECT projection_analyze()";
constexpr char kSqlDropFacts[] = "DELETE FROM subject_fact WHERE region_code = $1 AND year = $2";
constexpr char kSqlDropCube[] = "DELETE FROM cube WHERE region_code = $1 AND year = $2";
constexpr char kSqlDropEmptyCells[] = "DELETE FROM cube WHERE count = 0";
constexpr char kSqlOpenPeriods[] = "SELECT region_code, year FROM period";

// A statement that computes facts has three parts: who and when, the facts of that kind of subject,
// the write.
//
// Part one. `who` are the subjects, `span` the periods.
constexpr char kSqlGiven[] = R"(
WITH who AS (SELECT * FROM unnest($1::text[], $2::uuid[]) AS w(region_code, id)),
span AS (SELECT region_code, year, start_date, cut_off_date FROM period))";
// $1 region, $2 year; the kind's table follows.
constexpr char kSqlWholeSpan[] = R"(
WITH span AS (
  SELECT region_code, year, start_date, cut_off_date FROM period
   WHERE region_code = $1 AND year = $2),
who AS (SELECT region_code, id FROM )";
constexpr char kSqlWholeEnd[] = " WHERE region_code = $1)";

// Part two: bit values are `1 << (number - 1)` of rsnms.monitoring.v1.Fact.
constexpr char kSqlPersons[] = R"(,
fresh AS (
  SELECT w.region_code, p.year, 1::smallint AS subject_kind, w.id AS subject_id,
         COALESCE(o.municipality_id, '') AS municipality_id,
         COALESCE(place.organisation_id::text, '') AS organisation_id,
         CASE WHEN k.id IS NULL THEN 0 ELSE
         (CASE WHEN post.pedagogue THEN 1 ELSE 0 END
        | CASE WHEN post.manager THEN 2 ELSE 0 END
        | CASE WHEN EXISTS (
            SELECT FROM known_session s
             WHERE s.region_code = w.region_code AND s.person_id = w.id AND s.held_at_centre
               AND s.submit_date BETWEEN p.start_date AND p.cut_off_date) THEN 4 ELSE 0 END
        | CASE WHEN EXISTS (
            SELECT FROM known_route r
             WHERE r.region_code = w.region_code AND r.person_id = w.id AND r.on_centre
               AND r.approve_date BETWEEN p.start_date AND p.cut_off_date) THEN 8 ELSE 0 END
        | CASE WHEN learnt.matched THEN 16 ELSE 0 END
        | CASE WHEN post.pedagogue AND k.teaching_start_date <= p.cut_off_date
                AND p.cut_off_date <= k.young_until_date THEN 32 ELSE 0 END
        | CASE WHEN EXISTS (
            SELECT FROM known_support s
             WHERE s.region_code = w.region_code AND s.person_id = w.id
               AND s.start_date <= p.cut_off_date
               AND (s.end_date IS NULL OR s.end_date >= p.start_date)) THEN 64 ELSE 0 END
        | CASE WHEN learnt.any_programme THEN 128 ELSE 0 END
        | CASE WHEN EXISTS (
            SELECT FROM known_enrolment e
             WHERE e.region_code = w.region_code AND e.person_id = w.id
               AND e.learns_from <= p.cut_off_date
               AND (e.learns_until IS NULL OR e.learns_until > p.cut_off_date))
               THEN 65536 ELSE 0 END
        | CASE WHEN learnt.certified THEN 131072 ELSE 0 END
        | CASE WHEN accepted.internship THEN 2097152 ELSE 0 END
        | CASE WHEN accepted.academy THEN 4194304 ELSE 0 END
        | CASE WHEN corporate.hours > 0 AND corporate.hours >= corporate.minimum
               THEN 8388608 ELSE 0 END)::bigint END AS mask
    FROM who w
    JOIN span p ON p.region_code = w.region_code
    LEFT JOIN known_person k ON k.region_code = w.region_code AND k.id = w.id
    LEFT JOIN LATERAL (
      SELECT bool_or(e.category = 'PEDAGOGUE') AS pedagogue,
             bool_or(e.category = 'MANAGER') AS manager
        FROM known_employment e
       WHERE e.region_code = w.region_code AND e.person_id = w.id
         AND e.start_date <= p.cut_off_date
         AND (e.end_date IS NULL OR e.end_date >= p.cut_off_date)) post ON true
    LEFT JOIN LATERAL (
      SELECT e.organisation_id
        FROM known_employment e
       WHERE e.region_code = w.region_code AND e.person_id = w.id
         AND e.start_date <= p.cut_off_date
         AND (e.end_date IS NULL OR e.end_date >= p.cut_off_date)
       ORDER BY e.main DESC, e.start_date, e.id LIMIT 1) place ON true
    LEFT JOIN known_organisation o
      ON o.region_code = w.region_code AND o.id = place.organisation_id
    LEFT JOIN LATERAL (
      SELECT count(*) > 0 AS any_programme,
             bool_or(c.register_programme AND c.chosen_by_diagnostics AND EXISTS (
               SELECT FROM known_route r
                WHERE r.region_code = c.region_code AND r.id = c.route_id
                  AND r.person_id = c.person_id AND r.on_centre)) AS matched,
             bool_or(EXISTS (
               SELECT FROM known_certificate d
                WHERE d.region_code = c.region_code AND d.completion_id = c.id
                  AND d.in_force)) AS certified
        FROM known_completion c
        LEFT JOIN known_enrolment e ON e.region_code = c.region_code AND e.id = c.enrolment_id
       WHERE c.region_code = w.region_code AND c.person_id = w.id AND e.void IS NOT TRUE
         AND c.completion_date BETWEEN p.start_date AND p.cut_off_date) learnt ON true
    LEFT JOIN LATERAL (
      SELECT bool_or(r.kind = 'INTERNSHIP') AS internship, bool_or(r.kind = 'ACADEMY') AS academy
        FROM known_learning_record r
       WHERE r.region_code = w.region_code AND r.person_id = w.id
         AND r.acceptance_date BETWEEN p.start_date AND p.cut_off_date) accepted ON true
    CROSS JOIN LATERAL (
      SELECT COALESCE(max(k.minimum), 72) AS minimum, COALESCE(max(k.start_month), 9) AS month,
             COALESCE(bool_or(k.registry_excluded), false) AS excluded,
             string_to_array(COALESCE(NULLIF(max(k.kinds), ''), 'INTERNSHIP,SELF_STUDY,CASCADE'),
                             ',') AS kinds
        FROM known_learning_rules k
       WHERE k.region_code = w.region_code AND k.id = 'default') rules
    CROSS JOIN LATERAL (
      SELECT make_date(p.year - CASE WHEN rules.month > 1 THEN 1 ELSE 0 END, rules.month, 1)
               AS first_day) began
    CROSS JOIN LATERAL (
      SELECT LEAST((began.first_day + interval '1 year')::date - 1, p.cut_off_date)
               AS last_day) ended
    CROSS JOIN LATERAL (
      SELECT rules.minimum, COALESCE(sum(h.hours), 0) AS hours
        FROM (SELECT c.hours FROM known_corporate c
               WHERE c.region_code = w.region_code AND c.person_id = w.id AND NOT rules.excluded
                 AND c.end_date BETWEEN began.first_day AND ended.last_day
              UNION ALL
              SELECT r.hours FROM known_learning_record r
               WHERE r.region_code = w.region_code AND r.person_id = w.id
                 AND r.kind = ANY(rules.kinds)
                 AND r.completion_date BETWEEN began.first_day AND ended.last_day) h) corporate))";

constexpr char kSqlTeams[] = R"(,
fresh AS (
  SELECT w.region_code, p.year, 2::smallint AS subject_kind, w.id AS subject_id,
         COALESCE(o.municipality_id, '') AS municipality_id,
         COALESCE(t.organisation_id::text, '') AS organisation_id,
         CASE WHEN t.formed_date <= p.cut_off_date
               AND (t.disbanded_date IS NULL OR t.disbanded_date >= p.cut_off_date)
              THEN (256
                  | CASE WHEN m.leader_trained THEN 512 ELSE 0 END
                  | CASE WHEN m.members > 0 AND m.trained * 2 >= m.members THEN 1024 ELSE 0 END
                  | CASE WHEN m.members > 0 AND m.trained = m.members THEN 2048 ELSE 0 END)::bigint
              ELSE 0 END AS mask
    FROM who w
    JOIN span p ON p.region_code = w.region_code
    LEFT JOIN known_team t ON t.region_code = w.region_code AND t.id = w.id
    LEFT JOIN known_organisation o
      ON o.region_code = t.region_code AND o.id = t.organisation_id
    LEFT JOIN LATERAL (
      SELECT count(*) AS members, count(*) FILTER (WHERE s.trained) AS trained,
             bool_or(s.leader AND s.trained) AS leader_trained
        FROM (SELECT k.leader, EXISTS (
                SELECT FROM known_completion c
                  LEFT JOIN known_enrolment e
                    ON e.region_code = c.region_code AND e.id = c.enrolment_id
                 WHERE c.region_code = k.region_code AND c.person_id = k.person_id
                   AND c.quality_management AND e.void IS NOT TRUE
                   AND c.completion_date BETWEEN p.start_date AND p.cut_off_date) AS trained
                FROM known_team_member k
               WHERE k.region_code = t.region_code AND k.team_id = t.id) s) m ON true))";

constexpr char kSqlProgrammes[] = R"(,
fresh AS (
  SELECT w.region_code, p.year, 3::smallint AS subject_kind, w.id AS subject_id,
         COALESCE(o.municipality_id, '') AS municipality_id,
         COALESCE(k.provider_id::text, '') AS organisation_id,
         (CASE WHEN o.kind = 'INSTITUTE' THEN 4096 ELSE 0 END
        | CASE WHEN k.listed AND (k.listed_date IS NULL OR k.listed_date <= p.cut_off_date)
                AND (k.withdrawn_date IS NULL OR k.withdrawn_date > p.cut_off_date)
               THEN 8192 ELSE 0 END
        | CASE WHEN k.provider_id IS NOT NULL THEN 16384 ELSE 0 END
        | CASE WHEN o.kind = 'CENTRE' THEN 32768 ELSE 0 END
        | CASE WHEN k.id IS NOT NULL AND v.approved THEN 262144 ELSE 0 END
        | CASE WHEN k.id IS NOT NULL AND v.submitted THEN 524288 ELSE 0 END
        | CASE WHEN k.withdrawn_date BETWEEN p.start_date AND p.cut_off_date
                 OR k.provider_withdrew AND v.withdrawn THEN 1048576 ELSE 0 END)::bigint AS mask
    FROM who w
    JOIN span p ON p.region_code = w.region_code
    LEFT JOIN known_programme k ON k.region_code = w.region_code AND k.id = w.id
    LEFT JOIN known_organisation o ON o.region_code = k.region_code AND o.id = k.provider_id
    LEFT JOIN LATERAL (
      SELECT bool_or(n.approval_date BETWEEN p.start_date AND p.cut_off_date) AS approved,
             bool_or(n.submission_date BETWEEN p.start_date AND p.cut_off_date) AS submitted,
             bool_or(n.withdrawal_date BETWEEN p.start_date AND p.cut_off_date) AS withdrawn
        FROM known_version n
       WHERE n.region_code = w.region_code AND n.programme_id = w.id) v ON true))";

// Part three: sets what was beside what is, writes what differs, and adds the difference to the
// cube. Each row carries both sides, so that no set is joined with itself: without statistics the
// planner would do that by nested loops.
constexpr char kSqlWrite[] = R"(,
sides AS MATERIALIZED (
  SELECT n.*, f.mask AS old_mask, f.municipality_id AS old_municipality_id,
         f.organisation_id AS old_organisation_id
    FROM fresh n
    LEFT JOIN subject_fact f
      ON f.region_code = n.region_code AND f.year = n.year AND f.subject_kind = n.subject_kind
     AND f.subject_id = n.subject_id),
changed AS MATERIALIZED (
  SELECT * FROM sides
   WHERE (COALESCE(old_mask, 0), old_municipality_id, old_organisation_id)
         IS DISTINCT FROM (mask, municipality_id, organisation_id)
     AND (mask <> 0 OR old_mask IS NOT NULL)),
removed AS (
  DELETE FROM subject_fact f USING changed s
   WHERE s.mask = 0 AND f.region_code = s.region_code AND f.year = s.year
     AND f.subject_kind = s.subject_kind AND f.subject_id = s.subject_id),
put AS (
  INSERT INTO subject_fact
         (region_code, year, subject_kind, subject_id, municipality_id, organisation_id, mask)
  SELECT region_code, year, subject_kind, subject_id, municipality_id, organisation_id, mask
    FROM changed WHERE mask <> 0
  ON CONFLICT (region_code, year, subject_kind, subject_id) DO UPDATE
     SET municipality_id = EXCLUDED.municipality_id, organisation_id = EXCLUDED.organisation_id,
         mask = EXCLUDED.mask),
moved AS (
  SELECT region_code, year, subject_kind, municipality_id, organisation_id, mask, sum(n) AS n
    FROM (SELECT region_code, year, subject_kind, municipality_id, organisation_id, mask, 1 AS n
            FROM changed WHERE mask <> 0
          UNION ALL
          SELECT region_code, year, subject_kind, old_municipality_id, old_organisation_id,
                 old_mask, -1
            FROM changed WHERE old_mask IS NOT NULL) d
   GROUP BY region_code, year, subject_kind, municipality_id, organisation_id, mask
  HAVING sum(n) <> 0)
INSERT INTO cube AS c
       (region_code, year, subject_kind, municipality_id, organisation_id, mask, count)
SELECT region_code, year, subject_kind, municipality_id, organisation_id, mask, n FROM moved
ON CONFLICT (region_code, year, subject_kind, municipality_id, organisation_id, mask) DO UPDATE
   SET count = c.count + EXCLUDED.count)";

// What differs between kinds of subjects.
struct KindSql {
  std::string given, whole;
};

const std::vector<KindSql>& Kinds() {
  auto make = [](const char* table, const char* facts) {
    return KindSql{absl::StrCat(kSqlGiven, facts, kSqlWrite),
                   absl::StrCat(kSqlWholeSpan, table, kSqlWholeEnd, facts, kSqlWrite)};
  };
  static const auto* const kinds =
      new std::vector<KindSql>{make("known_person", kSqlPersons), make("known_team", kSqlTeams),
                               make("known_programme", kSqlProgrammes)};
  return *kinds;
}

absl::Status Refresh(pg::Tx& tx, const KindSql& kind, const SubjectSet& subjects) {
  if (subjects.empty()) return absl::OkStatus();
  std::vector<std::string> regions, ids;
  for (const auto& [region, id] : subjects) {
    regions.push_back(region);
    ids.push_back(id);
  }
  return tx.Execute(kind.given, regions, ids).status();
}

}  // namespace

absl::Status EnterGate(pg::Tx& tx) { return tx.Query(kSqlEnterGate).status(); }

absl::Status Statistics::Count(pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
  bool due = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& change : changes) ++grown_[change.resource_type()].changes;
    for (auto& [type, growth] : grown_) {
      if (growth.changes < growth.due) continue;
      growth.due = 2 * growth.changes;
      due = true;
    }
  }
  return due ? tx.Query(kSqlAnalyze).status() : absl::OkStatus();
}

absl::Status RefreshFacts(pg::Tx& tx, const Affected& affected) {
  const SubjectSet* const sets[] = {&affected.persons, &affected.teams, &affected.programmes};
  for (size_t i = 0; i < Kinds().size(); ++i) {
    if (auto status = Refresh(tx, Kinds()[i], *sets[i]); !status.ok()) return status;
  }
  return tx.Execute(kSqlDropEmptyCells).status();
}

absl::Status RebuildFacts(pg::Tx& tx, const std::string& region_code, int year) {
  for (const char* sql : {kSqlDropFacts, kSqlDropCube}) {
    if (auto done = tx.Execute(sql, region_code, year); !done.ok()) return done.status();
  }
  for (const KindSql& kind : Kinds()) {
    auto done = tx.Execute(kind.whole, region_code, year);
    if (!done.ok()) return done.status();
  }
  return absl::OkStatus();
}

absl::Status RebuildAllFacts(pg::Tx& tx) {
  auto periods = tx.Query(kSqlOpenPeriods);
  if (!periods.ok()) return periods.status();
  for (const auto& row : *periods) {
    if (auto s = RebuildFacts(tx, row[0].c_str(), row[1].as<int>()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::monitoring
