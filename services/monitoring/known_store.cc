#include "services/monitoring/known_store.h"

#include "absl/strings/str_cat.h"
#include "services/monitoring/known_programs_sql.h"

namespace rsnms::monitoring {

namespace {

// Every statement below writes one table from columns given as arrays ($1 region, $2 id, $3 gone,
// then the table's own) and answers which rows need another look. Answers of one kind have the same
// columns: region_code, id.

// Answers bodies whose kind or municipality changed: all who stand under them move.
constexpr char kSqlOrganisation[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[])
    AS i(region_code, id, gone, kind, municipality_id, closed_date)),
before AS (
  SELECT k.* FROM known_organisation k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_organisation k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_organisation (region_code, id, kind, municipality_id, closed_date)
  SELECT region_code, id, kind, municipality_id, NULLIF(closed_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET kind = EXCLUDED.kind, municipality_id = EXCLUDED.municipality_id,
         closed_date = EXCLUDED.closed_date)
SELECT i.region_code, i.id::text
  FROM input i LEFT JOIN before b USING (region_code, id)
 WHERE (b.id IS NULL) <> i.gone OR NOT i.gone AND (b.kind, b.municipality_id)
       IS DISTINCT FROM (i.kind, i.municipality_id))";

// Answers persons.
constexpr char kSqlPerson[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[])
    AS i(region_code, id, gone, teaching_start_date, young_until_date)),
removed AS (
  DELETE FROM known_person k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_person (region_code, id, teaching_start_date, young_until_date)
  SELECT region_code, id, NULLIF(teaching_start_date, '')::date, NULLIF(young_until_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET teaching_start_date = EXCLUDED.teaching_start_date,
         young_until_date = EXCLUDED.young_until_date)
SELECT region_code, id::text FROM input)";

// Answers persons.
constexpr char kSqlEmployment[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[], $9::text[])
    AS i(region_code, id, gone, person_id, organisation_id, category, main, start_date, end_date)),
before AS (
  SELECT k.region_code, k.person_id FROM known_employment k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_employment k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_employment
         (region_code, id, person_id, organisation_id, category, main, start_date, end_date)
  SELECT region_code, id, person_id::uuid, organisation_id::uuid, category, main::boolean,
         start_date::date,
         NULLIF(end_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, organisation_id = EXCLUDED.organisation_id,
         category = EXCLUDED.category, main = EXCLUDED.main, start_date = EXCLUDED.start_date,
         end_date = EXCLUDED.end_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers persons.
constexpr char kSqlSupport[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[])
    AS i(region_code, id, gone, person_id, start_date, end_date)),
before AS (
  SELECT k.region_code, k.person_id FROM known_support k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_support k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_support (region_code, id, person_id, start_date, end_date)
  SELECT region_code, id, person_id::uuid, start_date::date, NULLIF(end_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, start_date = EXCLUDED.start_date,
         end_date = EXCLUDED.end_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers persons.
constexpr char kSqlCorporate[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[])
    AS i(region_code, id, gone, person_id, hours, end_date)),
before AS (
  SELECT k.region_code, k.person_id FROM known_corporate k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_corporate k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_corporate (region_code, id, person_id, hours, end_date)
  SELECT region_code, id, person_id::uuid, hours::integer, end_date::date FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, hours = EXCLUDED.hours, end_date = EXCLUDED.end_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers teams. $7 holds the members' ids joined by commas.
constexpr char kSqlTeam[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[])
    AS i(region_code, id, gone, organisation_id, formed_date, disbanded_date, members)),
removed AS (
  DELETE FROM known_team k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_team (region_code, id, organisation_id, formed_date, disbanded_date)
  SELECT region_code, id, organisation_id::uuid, formed_date::date,
         NULLIF(disbanded_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET organisation_id = EXCLUDED.organisation_id, formed_date = EXCLUDED.formed_date,
         disbanded_date = EXCLUDED.disbanded_date),
members AS (
  INSERT INTO known_team_member (region_code, person_id, team_id, leader)
  SELECT i.region_code, m.person_id::uuid, i.id, m.number = 1
    FROM input i,
         unnest(string_to_array(i.members, ',')) WITH ORDINALITY AS m(person_id, number)
   WHERE NOT i.gone
  ON CONFLICT DO NOTHING)
SELECT region_code, id::text FROM input)";

// Before kSqlTeam: a team's members are replaced as a whole.
constexpr char kSqlForgetMembers[] = R"(
DELETE FROM known_team_member k USING unnest($1::text[], $2::uuid[]) AS i(region_code, id)
 WHERE k.region_code = i.region_code AND k.team_id = i.id)";

// Answers persons.
constexpr char kSqlSession[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[],
                       $6::text[], $7::text[])
    AS i(region_code, id, gone, person_id, campaign_id, held_at_centre, submit_date)),
before AS (
  SELECT k.region_code, k.person_id FROM known_session k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_session k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_session
         (region_code, id, person_id, campaign_id, held_at_centre, submit_date)
  SELECT region_code, id, person_id::uuid, campaign_id::uuid, held_at_centre::boolean,
         NULLIF(submit_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, campaign_id = EXCLUDED.campaign_id,
         held_at_centre = EXCLUDED.held_at_centre, submit_date = EXCLUDED.submit_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers persons.
constexpr char kSqlRoute[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[],
                       $6::text[])
    AS i(region_code, id, gone, person_id, on_centre, approve_date)),
before AS (
  SELECT k.region_code, k.person_id FROM known_route k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_route k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_route (region_code, id, person_id, on_centre, approve_date)
  SELECT region_code, id, person_id::uuid, on_centre::boolean, NULLIF(approve_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, on_centre = EXCLUDED.on_centre,
         approve_date = EXCLUDED.approve_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Whose completions hang on the enrolments given, and whose are the completions given.
constexpr char kSqlLearnersOf[] = R"(
SELECT DISTINCT c.region_code, c.person_id::text
  FROM unnest($1::text[], $2::uuid[]) AS e(region_code, id)
  JOIN known_completion c ON c.region_code = e.region_code AND c.enrolment_id = e.id)";
constexpr char kSqlHoldersOf[] = R"(
SELECT DISTINCT c.region_code, c.person_id::text
  FROM unnest($1::text[], $2::uuid[]) AS w(region_code, id)
  JOIN known_completion c ON c.region_code = w.region_code AND c.id = w.id)";

// Whose hours of corporate training are known.
constexpr char kSqlTrainedIn[] = R"(
SELECT k.region_code, k.person_id::text
  FROM known_corporate k WHERE k.region_code = ANY($1::text[])
UNION
SELECT k.region_code, k.person_id::text
  FROM known_learning_record k WHERE k.region_code = ANY($1::text[]))";

// Those who stand under the bodies given.
constexpr char kSqlPersonsUnder[] = R"(
SELECT DISTINCT e.region_code, e.person_id::text
  FROM unnest($1::text[], $2::uuid[]) AS o(region_code, id)
  JOIN known_employment e ON e.region_code = o.region_code AND e.organisation_id = o.id)";
constexpr char kSqlTeamsUnder[] = R"(
SELECT t.region_code, t.id::text
  FROM unnest($1::text[], $2::uuid[]) AS o(region_code, id)
  JOIN known_team t ON t.region_code = o.region_code AND t.organisation_id = o.id)";
constexpr char kSqlProgrammesUnder[] = R"(
SELECT p.region_code, p.id::text
  FROM unnest($1::text[], $2::uuid[]) AS o(region_code, id)
  JOIN known_programme p ON p.region_code = o.region_code AND p.provider_id = o.id)";
// Teams that hold one of the persons given.
constexpr char kSqlTeamsOf[] = R"(
SELECT DISTINCT m.region_code, m.team_id::text
  FROM unnest($1::text[], $2::uuid[]) AS w(region_code, id)
  JOIN known_team_member m ON m.region_code = w.region_code AND m.person_id = w.id)";

// Runs a statement over columns and adds its answer (region_code, id) to `out`.
absl::Status Collect(pg::Tx& tx, const std::string& sql,
                     const std::vector<std::vector<std::string>>& columns, SubjectSet& out) {
  if (columns.empty() || columns[0].empty()) return absl::OkStatus();
  pg::Params params;
  for (const auto& column : columns) params.Add(column);
  auto rows = tx.Query(sql, params);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) out.emplace(row[0].c_str(), row[1].c_str());
  return absl::OkStatus();
}

std::vector<std::vector<std::string>> Split(const SubjectSet& subjects) {
  std::vector<std::vector<std::string>> columns(2);
  for (const auto& [region, id] : subjects) {
    columns[0].push_back(region);
    columns[1].push_back(id);
  }
  return columns;
}

struct Write {
  Known table;
  const char* sql;
  SubjectSet* answer;
};

}  // namespace

absl::Status WriteKnown(pg::Tx& tx, const KnownBatch& batch, Affected& affected) {
  const auto& teams = batch[static_cast<size_t>(Known::kTeam)].columns;
  if (!teams.empty()) {
    auto done = tx.Execute(kSqlForgetMembers, teams[0], teams[1]);
    if (!done.ok()) return done.status();
  }
  SubjectSet bodies, learners, certified, ruled;
  const Write writes[] = {
      {Known::kOrganisation, kSqlOrganisation, &bodies},
      {Known::kPerson, kSqlPerson, &affected.persons},
      {Known::kEmployment, kSqlEmployment, &affected.persons},
      {Known::kSupport, kSqlSupport, &affected.persons},
      {Known::kTeam, kSqlTeam, &affected.teams},
      {Known::kSession, kSqlSession, &affected.persons},
      {Known::kRoute, kSqlRoute, &affected.persons},
      {Known::kProgramme, kSqlProgramme, &affected.programmes},
      {Known::kCompletion, kSqlCompletion, &learners},
      {Known::kEnrolment, kSqlEnrolment, &affected.persons},
      {Known::kCertificate, kSqlCertificate, &certified},
      {Known::kVersion, kSqlVersion, &affected.programmes},
      {Known::kCorporate, kSqlCorporate, &affected.persons},
      {Known::kRecord, kSqlRecord, &affected.persons},
      {Known::kRules, kSqlRules, &ruled},
  };
  for (const Write& write : writes) {
    const auto& columns = batch[static_cast<size_t>(write.table)].columns;
    if (auto s = Collect(tx, write.sql, columns, *write.answer); !s.ok()) return s;
  }
  const auto under = Split(bodies);
  if (auto s = Collect(tx, kSqlPersonsUnder, under, affected.persons); !s.ok()) return s;
  if (auto s = Collect(tx, kSqlTeamsUnder, under, affected.teams); !s.ok()) return s;
  if (auto s = Collect(tx, kSqlProgrammesUnder, under, affected.programmes); !s.ok()) return s;
  if (const auto& enrolments = batch[static_cast<size_t>(Known::kEnrolment)].columns;
      !enrolments.empty()) {
    auto s = Collect(tx, kSqlLearnersOf, {enrolments[0], enrolments[1]}, learners);
    if (!s.ok()) return s;
  }
  if (auto s = Collect(tx, kSqlTrainedIn, {Split(ruled)[0]}, affected.persons); !s.ok()) return s;
  if (auto s = Collect(tx, kSqlHoldersOf, Split(certified), affected.persons); !s.ok()) return s;
  if (auto s = Collect(tx, kSqlTeamsOf, Split(learners), affected.teams); !s.ok()) return s;
  affected.persons.insert(learners.begin(), learners.end());
  return absl::OkStatus();
}

absl::Status ForgetSource(pg::Tx& tx, const std::string& source) {
  if (source == "registry") {
    return tx.Script(
        "DELETE FROM known_organisation; DELETE FROM known_person; DELETE FROM known_employment;"
        "DELETE FROM known_support; DELETE FROM known_team_member; DELETE FROM known_team;"
        "DELETE FROM known_corporate;");
  }
  if (source == "diagnostics") {
    return tx.Script("DELETE FROM known_session; DELETE FROM known_route;");
  }
  return tx.Script(
      "DELETE FROM known_programme; DELETE FROM known_completion; DELETE FROM known_enrolment;"
      "DELETE FROM known_certificate; DELETE FROM known_version; DELETE FROM known_learning_record;"
      "DELETE FROM known_learning_rules;");
}

}  // namespace rsnms::monitoring
