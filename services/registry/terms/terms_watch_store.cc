#include "services/registry/terms/terms_watch_store.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

// $1 region, $2 date, $3 days back, $4 days ahead, $5 kinds (null takes all), $6 municipality,
// $7 organisation (null takes all), $8 and $9 last day and name of the last one shown before, $10
// row limit. Each kind is a range of an index on its last day; a kind not asked for costs nothing.
// People are narrowed, and shown, by where they work on the date.
constexpr char kSqlEnding[] = R"sql(
WITH term (kind, resource, person, organisation, municipality, last_date) AS (
  SELECT 'METHODOLOGIST_CONTRACT', 'methodologists/' || m.id, m.person_id::text, m.organisation_id::text,
         m.municipality_id, m.contract_end_date
    FROM methodologist m
   WHERE m.region_code = $1 AND m.delete_time IS NULL AND m.state IN ('CONTRACTED', 'ACTIVE', 'SUSPENDED')
     AND ($5::text[] IS NULL OR 'METHODOLOGIST_CONTRACT' = ANY ($5::text[]))
     AND m.contract_end_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR m.municipality_id = $6) AND ($7::uuid IS NULL OR m.organisation_id = $7::uuid)
  UNION ALL
  SELECT 'AGREEMENT', 'agreements/' || a.id, NULL, NULL, NULL, a.last_date
    FROM agreement a
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND a.state = 'IN_FORCE'
     AND ($5::text[] IS NULL OR 'AGREEMENT' = ANY ($5::text[]))
     AND a.last_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR $6 = ANY (a.municipalities_ids))
     AND ($7::uuid IS NULL OR $7::uuid::text = ANY (a.organisations_ids))
  UNION ALL
  SELECT 'APPOINTMENT', 'appointments/' || a.id, a.person_id::text, a.organisation_id::text, a.municipality_id,
         a.term_end_date
    FROM appointment a
   WHERE a.region_code = $1 AND a.delete_time IS NULL AND a.state IN ('APPOINTED', 'ACCESS_GRANTED')
     AND ($5::text[] IS NULL OR 'APPOINTMENT' = ANY ($5::text[]))
     AND a.term_end_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR a.municipality_id = $6) AND ($7::uuid IS NULL OR a.organisation_id = $7::uuid)
  UNION ALL
  SELECT 'SITE', 'sites/' || s.id, NULL, s.organisation_id::text, s.municipality_id,
         coalesce(s.extended_until_date, s.status_until_date)
    FROM site s
   WHERE s.region_code = $1 AND s.delete_time IS NULL AND s.state IN ('STATUS_GRANTED', 'SUSPENDED')
     AND ($5::text[] IS NULL OR 'SITE' = ANY ($5::text[]))
     AND coalesce(s.extended_until_date, s.status_until_date) BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR s.municipality_id = $6) AND ($7::uuid IS NULL OR s.organisation_id = $7::uuid)
  UNION ALL
  SELECT 'MENTORSHIP', 'mentorships/' || m.id, NULL, m.organisation_id::text, m.municipality_id, m.end_date
    FROM mentorship m
   WHERE m.region_code = $1 AND m.delete_time IS NULL
     AND m.state NOT IN ('FINISHED', 'INCENTIVISED', 'LONG_TERM_BASE', 'DISSOLVED')
     AND ($5::text[] IS NULL OR 'MENTORSHIP' = ANY ($5::text[]))
     AND m.end_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR m.municipality_id = $6) AND ($7::uuid IS NULL OR m.organisation_id = $7::uuid)
  UNION ALL
  SELECT 'DISTRICT_HEAD', 'districtOfficers/' || o.id, o.person_id::text, o.organisation_id::text, o.municipality_id,
         o.valid_until_date
    FROM district_officer o JOIN district d ON d.region_code = $1 AND d.id = o.district_id
   WHERE o.region_code = $1 AND o.delete_time IS NULL AND o.role = 'HEAD' AND d.state <> 'CLOSED'
     AND ($5::text[] IS NULL OR 'DISTRICT_HEAD' = ANY ($5::text[]))
     AND o.valid_until_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND ($6::text IS NULL OR o.municipality_id = $6) AND ($7::uuid IS NULL OR o.organisation_id = $7::uuid)
     AND NOT EXISTS (SELECT FROM district_officer n
                      WHERE n.region_code = $1 AND n.district_id = o.district_id AND n.role = 'HEAD'
                        AND n.delete_time IS NULL AND n.valid_from_date > o.valid_until_date)
  UNION ALL
  SELECT 'QUALIFICATION', 'qualifications/' || q.id, q.person_id::text, w.organisation_id::text, w.municipality_id,
         q.valid_until_date
    FROM qualification q
    CROSS JOIN LATERAL (
      SELECT e.organisation_id, e.municipality_id
        FROM employment e
       WHERE e.region_code = $1 AND e.person_id = q.person_id AND e.delete_time IS NULL
         AND e.start_date <= $2::date AND coalesce(e.end_date, 'infinity') >= $2::date
         AND ($6::text IS NULL OR e.municipality_id = $6) AND ($7::uuid IS NULL OR e.organisation_id = $7::uuid)
       ORDER BY e.main DESC, e.start_date, e.id LIMIT 1) w
   WHERE q.region_code = $1 AND q.delete_time IS NULL
     AND ($5::text[] IS NULL OR 'QUALIFICATION' = ANY ($5::text[]))
     AND q.valid_until_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND NOT EXISTS (SELECT FROM qualification n
                      WHERE n.region_code = $1 AND n.person_id = q.person_id AND n.delete_time IS NULL
                        AND coalesce(n.valid_until_date, 'infinity') > q.valid_until_date
                        AND (n.category = q.category
                             OR q.category = 'COMPLIANCE' AND n.category IN ('FIRST', 'HIGHEST')
                             OR q.category = 'FIRST' AND n.category = 'HIGHEST'))
  UNION ALL
  SELECT 'CONSENT', 'consents/' || c.id, c.person_id::text, w.organisation_id::text, w.municipality_id,
         c.valid_until_date
    FROM consent c
    CROSS JOIN LATERAL (
      SELECT e.organisation_id, e.municipality_id
        FROM employment e
       WHERE e.region_code = $1 AND e.person_id = c.person_id AND e.delete_time IS NULL
         AND e.start_date <= $2::date AND coalesce(e.end_date, 'infinity') >= $2::date
         AND ($6::text IS NULL OR e.municipality_id = $6) AND ($7::uuid IS NULL OR e.organisation_id = $7::uuid)
       ORDER BY e.main DESC, e.start_date, e.id LIMIT 1) w
   WHERE c.region_code = $1 AND c.delete_time IS NULL AND c.state = 'GIVEN'
     AND ($5::text[] IS NULL OR 'CONSENT' = ANY ($5::text[]))
     AND c.valid_until_date BETWEEN $2::date - $3::int AND $2::date + $4::int
     AND NOT EXISTS (SELECT FROM consent n
                      WHERE n.region_code = $1 AND n.person_id = c.person_id AND n.purpose = c.purpose
                        AND n.delete_time IS NULL AND n.state = 'GIVEN'
                        AND coalesce(n.valid_until_date, 'infinity') > c.valid_until_date)
)
SELECT kind, resource, person, organisation, municipality, last_date - DATE '1970-01-01' AS last,
       last_date - $2::date AS days_left
  FROM term
 WHERE $8::date IS NULL OR (last_date, resource COLLATE "C") > ($8::date, $9)
 ORDER BY last_date, resource COLLATE "C"
 LIMIT $10
)sql";

const char* NoteOf(v1::TermKind kind) {
  switch (kind) {
    case v1::TERM_KIND_METHODOLOGIST_CONTRACT:
      return "Продлите договор методиста, иначе он выйдет из методического актива.";
    case v1::TERM_KIND_AGREEMENT:
      return "Продлите соглашение или подготовьте новое.";
    case v1::TERM_KIND_APPOINTMENT:
      return "Назначьте ответственное лицо на новый срок.";
    case v1::TERM_KIND_SITE:
      return "Продлите статус площадки или подготовьте итоговый отчёт.";
    case v1::TERM_KIND_MENTORSHIP:
      return "Подведите итог наставничества или измените срок.";
    case v1::TERM_KIND_DISTRICT_HEAD:
      return "Преемник руководителя округа не назначен: проведите ротацию.";
    case v1::TERM_KIND_QUALIFICATION:
      return "Подготовьте педагога к аттестации.";
    case v1::TERM_KIND_CONSENT:
      return "Получите новое согласие на обработку персональных данных.";
    default:
      return "";
  }
}

std::optional<std::string> Kinds(const v1::ListEndingTermsRequest& request) {
  if (request.kinds().empty()) return std::nullopt;
  std::string list;
  for (const int kind : request.kinds()) {
    absl::StrAppend(
        &list, list.empty() ? "{" : ",",
        v1::TermKind_Name(static_cast<v1::TermKind>(kind)).substr(sizeof("TERM_KIND_") - 1));
  }
  return list + "}";
}

std::optional<std::string> IdIfSet(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return IdOf(name);
}

void FillTerm(const pqxx::row& row, const std::string& parent, v1::EndingTerm* term) {
  const auto named = [&](const char* column, const char* collection) {
    if (row[column].is_null()) return std::string();
    return absl::StrCat(parent, "/", collection, row[column].c_str());
  };
  v1::TermKind kind = v1::TERM_KIND_UNSPECIFIED;
  (void)v1::TermKind_Parse(absl::StrCat("TERM_KIND_", row["kind"].c_str()), &kind);
  term->set_kind(kind);
  term->set_resource(named("resource", ""));
  term->set_person(named("person", "persons/"));
  term->set_organisation(named("organisation", "organisations/"));
  term->set_municipality(named("municipality", "municipalities/"));
  *term->mutable_last_date() = ToDate(absl::CivilDay(1970, 1, 1) + row["last"].as<int>());
  term->set_days_left(row["days_left"].as<int>());
  term->set_ends_by_itself(kind <= v1::TERM_KIND_SITE);
  term->set_note_ru(NoteOf(kind));
}

}  // namespace

absl::Status ReadEndingTerms(pg::Tx& tx, const v1::ListEndingTermsRequest& request,
                             const std::optional<resource::Values>& after, int limit,
                             v1::ListEndingTermsResponse* response) {
  const std::string prefix = absl::StrCat(request.parent(), "/");
  const auto place = after ? *after : resource::Values(kTermPlaceColumns);
  std::optional<std::string> resource;
  if (place[1]) resource = place[1]->substr(prefix.size());
  auto rows =
      tx.Query(kSqlEnding, RegionOf(prefix), ToIso(request.as_of_date()), request.overdue_days(),
               request.within_days(), Kinds(request), IdIfSet(request.municipality()),
               IdIfSet(request.organisation()), place[0], resource, limit);
  if (!rows.ok()) return rows.status();
  response->Clear();  // the transaction may run again
  for (const auto& row : *rows) FillTerm(row, request.parent(), response->add_terms());
  return absl::OkStatus();
}

}  // namespace rsnms::registry
