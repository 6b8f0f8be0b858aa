// The statements of known_store.cc on what the feed of `programs` tells.
#ifndef RSNMS_SERVICES_MONITORING_KNOWN_PROGRAMS_SQL_H_
#define RSNMS_SERVICES_MONITORING_KNOWN_PROGRAMS_SQL_H_

namespace rsnms::monitoring {

// Answers programmes.
inline constexpr char kSqlProgramme[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[],
                       $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
    AS i(region_code, id, gone, provider_id, kind, distance, listed, listed_date, withdrawn_date,
         provider_withdrew)),
removed AS (
  DELETE FROM known_programme k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_programme
         (region_code, id, provider_id, kind, distance, listed, listed_date, withdrawn_date,
          provider_withdrew)
  SELECT region_code, id, NULLIF(provider_id, '')::uuid, kind, distance::boolean, listed::boolean,
         NULLIF(listed_date, '')::date, NULLIF(withdrawn_date, '')::date,
         provider_withdrew::boolean
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET provider_id = EXCLUDED.provider_id, kind = EXCLUDED.kind, distance = EXCLUDED.distance,
         listed = EXCLUDED.listed, listed_date = EXCLUDED.listed_date,
         withdrawn_date = EXCLUDED.withdrawn_date, provider_withdrew = EXCLUDED.provider_withdrew)
SELECT region_code, id::text FROM input)";

// Answers persons.
inline constexpr char kSqlCompletion[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[], $9::text[], $10::text[], $11::text[])
    AS i(region_code, id, gone, person_id, programme_id, route_id, completion_date,
         register_programme, chosen_by_diagnostics, quality_management, enrolment_id)),
before AS (
  SELECT k.region_code, k.person_id FROM known_completion k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_completion k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_completion
         (region_code, id, person_id, programme_id, route_id, completion_date, register_programme,
          chosen_by_diagnostics, quality_management, enrolment_id)
  SELECT region_code, id, person_id::uuid, programme_id::uuid, NULLIF(route_id, '')::uuid,
         completion_date::date, register_programme::boolean, chosen_by_diagnostics::boolean,
         quality_management::boolean, NULLIF(enrolment_id, '')::uuid
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, programme_id = EXCLUDED.programme_id,
         route_id = EXCLUDED.route_id, completion_date = EXCLUDED.completion_date,
         register_programme = EXCLUDED.register_programme,
         chosen_by_diagnostics = EXCLUDED.chosen_by_diagnostics,
         quality_management = EXCLUDED.quality_management,
         enrolment_id = EXCLUDED.enrolment_id)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers persons.
inline constexpr char kSqlEnrolment[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[])
    AS i(region_code, id, gone, person_id, void, learns_from, learns_until)),
before AS (
  SELECT k.region_code, k.person_id FROM known_enrolment k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_enrolment k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_enrolment (region_code, id, person_id, void, learns_from, learns_until)
  SELECT region_code, id, person_id::uuid, void::boolean, NULLIF(learns_from, '')::date,
         NULLIF(learns_until, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, void = EXCLUDED.void,
         learns_from = EXCLUDED.learns_from, learns_until = EXCLUDED.learns_until)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers completions.
inline constexpr char kSqlCertificate[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[])
    AS i(region_code, id, gone, completion_id, in_force)),
before AS (
  SELECT k.region_code, k.completion_id
    FROM known_certificate k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_certificate k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_certificate (region_code, id, completion_id, in_force)
  SELECT region_code, id, completion_id::uuid, in_force::boolean FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET completion_id = EXCLUDED.completion_id, in_force = EXCLUDED.in_force)
SELECT region_code, completion_id::text FROM before
UNION SELECT region_code, completion_id FROM input WHERE NOT gone)";

// Answers programmes.
inline constexpr char kSqlVersion[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[])
    AS i(region_code, id, gone, programme_id, approval_date, submission_date, withdrawal_date)),
before AS (
  SELECT k.region_code, k.programme_id
    FROM known_version k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_version k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_version
         (region_code, id, programme_id, approval_date, submission_date, withdrawal_date)
  SELECT region_code, id, programme_id::uuid, NULLIF(approval_date, '')::date,
         NULLIF(submission_date, '')::date, NULLIF(withdrawal_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET programme_id = EXCLUDED.programme_id, approval_date = EXCLUDED.approval_date,
         submission_date = EXCLUDED.submission_date, withdrawal_date = EXCLUDED.withdrawal_date)
SELECT region_code, programme_id::text FROM before
UNION SELECT region_code, programme_id FROM input WHERE NOT gone)";

// Answers persons.
inline constexpr char kSqlRecord[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::uuid[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::text[])
    AS i(region_code, id, gone, person_id, kind, hours, completion_date, acceptance_date)),
before AS (
  SELECT k.region_code, k.person_id
    FROM known_learning_record k JOIN input i USING (region_code, id)),
removed AS (
  DELETE FROM known_learning_record k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_learning_record
         (region_code, id, person_id, kind, hours, completion_date, acceptance_date)
  SELECT region_code, id, person_id::uuid, kind, hours::integer,
         NULLIF(completion_date, '')::date, NULLIF(acceptance_date, '')::date
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET person_id = EXCLUDED.person_id, kind = EXCLUDED.kind, hours = EXCLUDED.hours,
         completion_date = EXCLUDED.completion_date, acceptance_date = EXCLUDED.acceptance_date)
SELECT region_code, person_id::text FROM before
UNION SELECT region_code, person_id FROM input WHERE NOT gone)";

// Answers regions whose hours count otherwise now.
inline constexpr char kSqlRules[] = R"(
WITH input AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::boolean[], $4::text[], $5::text[], $6::text[],
                       $7::text[])
    AS i(region_code, id, gone, minimum, start_month, kinds, registry_excluded)),
removed AS (
  DELETE FROM known_learning_rules k USING input i
   WHERE i.gone AND k.region_code = i.region_code AND k.id = i.id),
put AS (
  INSERT INTO known_learning_rules
         (region_code, id, minimum, start_month, kinds, registry_excluded)
  SELECT region_code, id, NULLIF(minimum, '')::integer, NULLIF(start_month, '')::integer, kinds,
         registry_excluded::boolean
    FROM input WHERE NOT gone
  ON CONFLICT (region_code, id) DO UPDATE
     SET minimum = EXCLUDED.minimum, start_month = EXCLUDED.start_month, kinds = EXCLUDED.kinds,
         registry_excluded = EXCLUDED.registry_excluded)
SELECT region_code, id FROM input)";

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_KNOWN_PROGRAMS_SQL_H_
