#include "services/programs/enrolment/risk_store.h"

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "libs/resource/table.h"
#include "services/programs/enrolment/risk_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::risk_store {
namespace {

// $1 region, $2 the day; $3–$8 thresholds in the order of the rules (GROUP_ENDED forgives none); $9
// rule, 0 for all; $10 group and $11 curator, null for all; $12–$14 the last row of the page
// before, null for the first; $15 rows. Days are those of risk_rules::BaseOf, which a test
// compares.
constexpr char kSqlRisks[] = R"sql(
  SELECT e.id::text, e.person_id::text, e.group_id::text, v.rule,
         v.base - DATE '1970-01-01' AS base, v.base + v.days + 1 - DATE '1970-01-01' AS since,
         v.days, $2::date - v.base AS elapsed
  FROM enrolment e
  LEFT JOIN learner_group g ON g.region_code = e.region_code AND g.id = e.group_id
  CROSS JOIN LATERAL (VALUES
    (1, $3::int, CASE WHEN e.state = 'ENROLLED'
                 THEN coalesce(greatest(coalesce(e.start_date, g.start_date), e.state_date),
                               (coalesce(e.state_time, e.create_time) AT TIME ZONE 'UTC')::date) END),
    (2, $4::int, CASE WHEN e.state = 'IN_PROGRESS'
                 THEN greatest(coalesce(greatest(coalesce(e.start_date, g.start_date), e.state_date),
                                        (coalesce(e.state_time, e.create_time) AT TIME ZONE 'UTC')::date),
                               e.last_activity_date) END),
    (3, $5::int, CASE WHEN e.state IN ('ENROLLED', 'IN_PROGRESS')
                 THEN coalesce(e.planned_end_date, g.end_date) END),
    (4, $6::int, CASE WHEN e.state = 'DEFERRED' THEN e.deferred_until_date END),
    (5, $7::int, CASE WHEN e.seat = 'WAITING' THEN g.start_date END),
    (6, 0, CASE WHEN e.state = 'DEFERRED' AND g.state IN ('FINISHED', 'CANCELLED')
           THEN least(g.end_date, (g.update_time AT TIME ZONE 'UTC')::date) END),
    (7, $8::int, CASE WHEN e.state = 'DEFERRED' AND e.deferred_until_date IS NULL AND e.group_id IS NULL
                 THEN coalesce(e.state_date,
                               (coalesce(e.state_time, e.create_time) AT TIME ZONE 'UTC')::date) END)) AS v (rule, days, base)
  WHERE e.region_code = $1 AND e.delete_time IS NULL
    AND e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED')
    AND v.base + v.days + 1 <= $2::date
    AND ($9::int = 0 OR v.rule = $9::int)
    AND ($10::uuid IS NULL OR e.group_id = $10::uuid)
    AND ($11::uuid IS NULL OR g.curator_id = $11::uuid)
    AND ($12::int IS NULL OR (v.base + v.days + 1 - DATE '1970-01-01', e.id, v.rule) >
                             ($12::int, $13::uuid, $14::int))
  ORDER BY v.base + v.days + 1, e.id, v.rule
  LIMIT $15::int)sql";

std::optional<std::string> IdIfAny(const std::string& name) {
  if (name.empty()) return std::nullopt;
  return std::string(IdOf(name));
}

google::type::Date DayOf(const pqxx::field& number) {
  return risk_rules::ToDate(absl::CivilDay(1970, 1, 1) + number.as<int>());
}

}  // namespace

absl::StatusOr<v1::RiskSettings> SettingsOf(pg::Tx& tx, const resource::Engine& engine,
                                            std::string_view region_code) {
  auto rows = resource::Table<v1::RiskSettings>(engine).Select(
      tx, "region_code = $1 AND id = 'default' AND delete_time IS NULL", region_code);
  if (!rows.ok()) return rows.status();
  return rows->empty() ? v1::RiskSettings() : rows->front();
}

resource::Values KeyOf(const v1::EnrolmentRisk& risk) {
  const int64_t since = risk_rules::ToCivil(risk.since_date()) - absl::CivilDay(1970, 1, 1);
  return {Cat(since), std::string(IdOf(risk.enrolment())), Cat(static_cast<int>(risk.rule()))};
}

absl::StatusOr<std::vector<v1::EnrolmentRisk>> Read(pg::Tx& tx,
                                                    const v1::ListEnrolmentRisksRequest& request,
                                                    const v1::RiskSettings& settings,
                                                    const std::optional<resource::Values>& after,
                                                    int limit) {
  const std::string region(RegionOf(request.parent()));
  const auto& day = request.as_of_date();
  pg::Params params =
      pg::Params::Of(region, absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day()));
  for (const v1::RiskRule rule : risk_rules::AllRules()) {
    if (rule != v1::RISK_RULE_GROUP_ENDED) params.Add(risk_rules::ThresholdOf(rule, settings));
  }
  params.Add(static_cast<int>(request.rule()));
  params.Add(IdIfAny(request.group()));
  params.Add(IdIfAny(request.curator()));
  for (size_t i = 0; i < kKeyColumns; ++i) {
    params.Add(after ? (*after)[i] : std::optional<std::string>());
  }
  params.Add(limit);
  auto rows = tx.Query(kSqlRisks, params);
  if (!rows.ok()) return rows.status();
  std::vector<v1::EnrolmentRisk> risks;
  for (const auto& row : *rows) {
    v1::EnrolmentRisk& risk = risks.emplace_back();
    risk.set_enrolment(NameOf(region, "enrolments", row[0].c_str()));
    risk.set_person(NameOf(region, "persons", row[1].c_str()));
    if (!row[2].is_null()) risk.set_group(NameOf(region, "groups", row[2].c_str()));
    risk.set_rule(static_cast<v1::RiskRule>(row[3].as<int>()));
    *risk.mutable_base_date() = DayOf(row[4]);
    *risk.mutable_since_date() = DayOf(row[5]);
    risk.set_threshold_days(row[6].as<int>());
    risk.set_elapsed_days(row[7].as<int>());
  }
  return risks;
}

}  // namespace rsnms::programs::risk_store
