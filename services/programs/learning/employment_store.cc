#include "services/programs/learning/employment_store.h"

#include "absl/status/statusor.h"
#include "libs/rpc/status.h"
#include "services/programs/learning/registry_lookup.h"
#include "services/programs/learning/registry_projection.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::employment_store {
namespace {

// $1 region, $2 body, $3 people, $4 first and $5 last day. Places in $3, from 0, of those without a
// post, and whether the registry was read whole: of one moment, as it may be being read anew.
constexpr char kSqlStrangers[] = R"sql(
  WITH asked AS (
    SELECT u.id, u.place, coalesce(r.present_id, u.id) AS present
    FROM unnest($3::text[]) WITH ORDINALITY AS u (id, place)
    LEFT JOIN redirected r ON r.region_code = $1 AND r.target_type = 'registry.rsnms/Person'
      AND r.original_id = u.id),
  named AS (
    SELECT place, id AS name FROM asked
    UNION SELECT place, present FROM asked
    UNION SELECT a.place, p.original_id
    FROM asked a
    JOIN redirected p ON p.region_code = $1 AND p.target_type = 'registry.rsnms/Person'
      AND p.present_id = a.present)
  SELECT a.place - 1, EXISTS (
    SELECT FROM feed_cursor WHERE source = $6 AND name = $7 AND epoch <> '')
  FROM asked a
  WHERE NOT EXISTS (
    SELECT FROM named n
    JOIN known_employment e ON e.region_code = $1 AND e.person_id = n.name::uuid
    WHERE n.place = a.place AND e.organisation_id = $2::uuid
      AND e.start_date <= $5::date AND (e.end_date IS NULL OR e.end_date >= $4::date))
  ORDER BY a.place)sql";

absl::StatusOr<std::vector<int>> Strangers(pg::Tx& tx, const std::string& organisation,
                                           const std::vector<std::string>& persons,
                                           absl::CivilDay first, absl::CivilDay last) {
  std::vector<int> strangers;
  const std::string region(RegionOf(organisation));
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlStrangers, region, IdOf(organisation), persons, learning::Iso(first),
                         learning::Iso(last), kRegistrySource, kRegistryConsumer);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      if (!row[1].as<bool>()) return RegistryAway("who works where was not told yet");
      strangers.push_back(row[0].as<int>());
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return strangers;
}

rpc::Error NotEmployed(std::string_view path) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_LEARNER_NOT_EMPLOYED,
                    "no post in the body on any day of the learning")
      .Field(path, "held no post in the body", "не работал в организации в дни обучения");
}

}  // namespace

absl::Status CheckLearner(pg::Tx& tx, const v1::LearningRecord& record) {
  auto strangers =
      Strangers(tx, record.organisation(), {std::string(IdOf(record.person()))},
                learning::ToCivil(record.start_date()), learning::ToCivil(record.end_date()));
  if (!strangers.ok()) return strangers.status();
  return strangers->empty() ? absl::OkStatus() : NotEmployed("person").ToStatus();
}

absl::Status CheckParticipants(pg::Tx& tx, const v1::CascadeSession& session) {
  std::vector<std::string> people;
  for (const std::string& participant : session.participants()) {
    people.emplace_back(IdOf(participant));
  }
  const absl::CivilDay day = learning::ToCivil(session.held_date());
  auto strangers = Strangers(tx, session.organisation(), people, day, day);
  if (!strangers.ok()) return strangers.status();
  if (strangers->empty()) return absl::OkStatus();
  return NotEmployed(Cat("participants[", strangers->front(), "]"));
}

}  // namespace rsnms::programs::employment_store
