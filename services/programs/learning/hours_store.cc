#include "services/programs/learning/hours_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/programs/learning/settings_rules.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::hours_store {
namespace {

// $1 region, $2 first and $3 last day; $4 kinds that count, $5 whether the registry's hours do; $6
// body, $7 municipality, $8 person, null for all; $9 category, '' for all; $10 least hours to be
// left out, null for none; $11 the last person of the page before, null for the first; $12 rows.
constexpr char kSqlHours[] = R"sql(
  WITH who AS (
    SELECT person_id FROM known_employment
    WHERE region_code = $1 AND start_date <= $3::date AND (end_date IS NULL OR end_date >= $2::date)
      AND ($6::uuid IS NULL OR organisation_id = $6::uuid)
      AND ($7::text IS NULL OR municipality_id = $7::text)
      AND ($8::uuid IS NULL OR person_id = $8::uuid)
      AND ($9::text = '' OR category = $9::text)
      AND ($11::uuid IS NULL OR person_id > $11::uuid)
    UNION
    SELECT person_id FROM learning_record
    WHERE region_code = $1 AND state = 'ACCEPTED' AND delete_time IS NULL AND kind = ANY ($4::text[])
      AND completion_date BETWEEN $2::date AND $13::date
      AND scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
      AND $9::text = '' AND ($6::uuid IS NULL OR organisation_id = $6::uuid)
      AND ($7::text IS NULL OR municipality_id = $7::text)
      AND ($8::uuid IS NULL OR person_id = $8::uuid)
      AND ($11::uuid IS NULL OR person_id > $11::uuid)
    UNION
    SELECT t.person_id FROM known_training t
    LEFT JOIN known_organisation o ON o.region_code = t.region_code AND o.id = t.organisation_id
    WHERE t.region_code = $1 AND $5::boolean AND t.end_date BETWEEN $2::date AND $13::date
      AND $9::text = '' AND ($6::uuid IS NULL OR t.organisation_id = $6::uuid)
      AND ($7::text IS NULL OR o.municipality_id = $7::text)
      AND ($8::uuid IS NULL OR t.person_id = $8::uuid)
      AND ($11::uuid IS NULL OR t.person_id > $11::uuid))
  SELECT w.person_id::text, coalesce(s.parts, '')
  FROM (SELECT person_id FROM who ORDER BY person_id) w
  CROSS JOIN LATERAL (
    SELECT sum(total)::int AS total, string_agg(kind || '=' || total, ',') AS parts
    FROM (SELECT kind, sum(completed_hours) AS total FROM learning_record
          WHERE region_code = $1 AND person_id = w.person_id AND state = 'ACCEPTED' AND delete_time IS NULL
            AND completion_date BETWEEN $2::date AND $13::date AND kind = ANY ($4::text[])
            AND scope_allows(region_code, municipality_id, organisation_id::text, person_id::text)
          GROUP BY kind
          UNION ALL
          SELECT 'REGISTRY', sum(hours) FROM known_training
          WHERE region_code = $1 AND person_id = w.person_id AND $5::boolean
            AND end_date BETWEEN $2::date AND $13::date
          HAVING count(*) > 0) by_kind) s
  WHERE $10::int IS NULL OR coalesce(s.total, 0) < $10::int
  ORDER BY w.person_id
  LIMIT $12::int)sql";

std::optional<std::string> IdIfAny(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return std::string(IdOf(name));
}

std::vector<std::string> KindsOf(const v1::LearningRules& rules) {
  std::vector<std::string> kinds;
  for (const int kind : rules.corporate_kinds()) {
    const std::string name = v1::LearningKind_Name(static_cast<v1::LearningKind>(kind));
    kinds.push_back(name.substr(std::string_view("LEARNING_KIND_").size()));
  }
  return kinds;
}

std::string CategoryOf(v1::LearnerCategory category) {
  if (category == v1::LEARNER_CATEGORY_UNSPECIFIED) return "";
  return v1::LearnerCategory_Name(category).substr(std::string_view("LEARNER_CATEGORY_").size());
}

// `INTERNSHIP=20,REGISTRY=8`.
void Fill(const std::string& parts, v1::CorporateHours* hours) {
  for (const auto part : absl::StrSplit(parts, ',', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(part, '=');
    int n = 0;
    if (!absl::SimpleAtoi(pair.second, &n)) continue;
    v1::LearningKind kind;
    if (pair.first == "REGISTRY") {
      hours->set_registry_hours(n);
    } else if (v1::LearningKind_Parse(Cat("LEARNING_KIND_", pair.first), &kind)) {
      auto& own = *hours->add_learning_hours();
      own.set_kind(kind);
      own.set_hours(n);
    }
  }
  std::sort(hours->mutable_learning_hours()->begin(), hours->mutable_learning_hours()->end(),
            [](const auto& a, const auto& b) { return a.kind() < b.kind(); });
}

}  // namespace

void Conclude(int minimum, v1::CorporateHours* hours) {
  int total = hours->registry_hours();
  for (const auto& own : hours->learning_hours()) total += own.hours();
  hours->set_total_hours(total);
  hours->set_minimum_hours(minimum);
  hours->set_lacking_hours(std::max(0, minimum - total));
}

absl::StatusOr<std::vector<v1::CorporateHours>> Read(pg::Tx& tx,
                                                     const v1::ListCorporateHoursRequest& request,
                                                     const v1::LearningRules& rules,
                                                     const std::string& person,
                                                     const std::optional<std::string>& after,
                                                     int limit, absl::CivilDay today) {
  const std::string region(RegionOf(request.parent()));
  const auto year = settings_rules::YearOf(rules, request.year());
  const int minimum = rules.corporate_hours_minimum();
  pg::Params params = pg::Params::Of(region, learning::Iso(year.first), learning::Iso(year.last),
                                     KindsOf(rules), !rules.registry_hours_excluded());
  params.Add(IdIfAny(request.organisation()));
  params.Add(IdIfAny(request.municipality()));
  params.Add(IdIfAny(person));
  params.Add(CategoryOf(request.category()));
  params.Add(request.lacking_only() ? std::optional<int>(minimum) : std::nullopt);
  params.Add(after);
  params.Add(limit);
  params.Add(learning::Iso(std::min(year.last, today)));
  auto rows = tx.Query(kSqlHours, params);
  if (!rows.ok()) return rows.status();
  std::vector<v1::CorporateHours> people;
  for (const auto& row : *rows) {
    auto& hours = people.emplace_back();
    hours.set_person(NameOf(region, "persons", row[0].c_str()));
    Fill(row[1].c_str(), &hours);
    Conclude(minimum, &hours);
  }
  return people;
}

}  // namespace rsnms::programs::hours_store
