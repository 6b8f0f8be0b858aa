#include "services/programs/learning/learning_store.h"

#include <string>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/cascade_session.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/practice_acceptance.pb.h"
#include "rsnms/programs/v1/team_training.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/learning/acceptance_rules.h"
#include "services/programs/learning/day_store.h"
#include "services/programs/learning/employment_store.h"
#include "services/programs/learning/settings_rules.h"
#include "services/programs/learning/team_store.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::learning_store {
namespace {

using learning::Refuse;

// Held to the end of the transaction by whoever writes what the text names.
constexpr char kSqlWait[] = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

constexpr char kSqlCertificate[] = R"sql(
  SELECT FROM learning_record
  WHERE region_code = $1 AND certificate_key(certificate_number) = $2 AND id <> $3::uuid
    AND kind = 'ACADEMY'
    AND state IN ('IN_PROGRESS', 'REPORTED', 'ACCEPTED') AND delete_time IS NULL LIMIT 1)sql";

constexpr char kSqlOffer[] = R"sql(
  SELECT on_offer(programme) FROM programme
  WHERE region_code = $1 AND id = $2::uuid AND delete_time IS NULL)sql";

constexpr char kSqlTeamLearns[] = R"sql(
  SELECT FROM team_training
  WHERE region_code = $1 AND management_team_id = $2::uuid AND programme_id = $3::uuid
    AND id <> $4::uuid AND state IN ('PLANNED', 'IN_PROGRESS') AND delete_time IS NULL LIMIT 1)sql";

// Whether the programme is of the cascade, and who led it first: $3 is the leader.
constexpr char kSqlCascade[] = R"sql(
  SELECT coalesce(v.cascade, false), c.id::text, c.completion_date::text
  FROM programme p
  LEFT JOIN programme_version v
    ON v.region_code = p.region_code AND v.id = p.current_version_id AND v.delete_time IS NULL
  LEFT JOIN LATERAL (
    SELECT id, completion_date FROM completion
    WHERE region_code = p.region_code AND programme_id = p.id AND person_id = $3::uuid
      AND delete_time IS NULL AND NOT voided
    ORDER BY completion_date, id LIMIT 1) c ON true
  WHERE p.region_code = $1 AND p.id = $2::uuid AND p.delete_time IS NULL)sql";

absl::Status NotFound(std::string_view path, std::string_view what, std::string_view ru) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, what)
      .Field(path, "does not exist", ru);
}

// Asks with the whole region in scope each row that is well so far and asked about.
template <class R, class Ask>
absl::Status ForEach(pg::Tx& tx, std::vector<Pending>& rows, const Ask& ask) {
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    const auto* before = static_cast<const R*>(row.before);
    auto* after = static_cast<R*>(row.after);
    auto status = tx.Unscoped(RegionOf(after->name()), [&]() -> absl::Status {
      row.status = ask(before, *after);
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckCertificate(pg::Tx& tx, const v1::LearningRecord* before,
                              const v1::LearningRecord& after) {
  const bool same = before != nullptr && before->certificate_number() == after.certificate_number();
  if (same || after.kind() != v1::LEARNING_KIND_ACADEMY || after.certificate_number().empty()) {
    return absl::OkStatus();
  }
  const std::string region(RegionOf(after.name()));
  const std::string key = NumberKey(after.certificate_number());
  auto waited = tx.Query(kSqlWait, Cat("academy/", region, "/", key));
  if (!waited.ok()) return waited.status();
  auto taken = tx.Query(kSqlCertificate, region, key, IdOf(after.name()));
  if (!taken.ok()) return taken.status();
  if (taken->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAlreadyExists, v1::PROGRAMS_REASON_CERTIFICATE_NUMBER_TAKEN,
                    "another record shows this certificate")
      .Field("certificate_number", "is taken", "номер уже указан в другой записи");
}

absl::Status CheckTeam(pg::Tx& tx, const v1::TeamTraining* before, const v1::TeamTraining& after) {
  // What is malformed is refused by the declared validation.
  if (before != nullptr || !resource::IsUuid(IdOf(after.programme())) ||
      !resource::IsUuid(IdOf(after.management_team()))) {
    return absl::OkStatus();
  }
  const std::string region(RegionOf(after.name()));
  auto offer = tx.Query(kSqlOffer, region, IdOf(after.programme()));
  if (!offer.ok()) return offer.status();
  if (offer->empty()) return NotFound("programme", "no such programme", "программа не найдена");
  if (!(*offer)[0][0].as<bool>()) {
    return Refuse(v1::PROGRAMS_REASON_PROGRAMME_NOT_OFFERED, "the programme is not on offer");
  }
  auto waited = tx.Query(kSqlWait, Cat("team/", after.management_team(), "/", after.programme()));
  if (!waited.ok()) return waited.status();
  auto learns = tx.Query(kSqlTeamLearns, region, IdOf(after.management_team()),
                         IdOf(after.programme()), IdOf(after.name()));
  if (!learns.ok()) return learns.status();
  if (learns->empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAlreadyExists, v1::PROGRAMS_REASON_TEAM_LEARNS_ALREADY,
                    "the team has a living training on the programme");
}

absl::Status CheckSession(pg::Tx& tx, const v1::CascadeSession* before, v1::CascadeSession& after) {
  const bool settled = before != nullptr && before->leader() == after.leader() &&
                       !learning::WrittenDiffers(*before, after);
  if (settled || !resource::IsUuid(IdOf(after.programme())) ||
      !resource::IsUuid(IdOf(after.leader()))) {
    return absl::OkStatus();
  }
  const std::string region(RegionOf(after.name()));
  auto rows = tx.Query(kSqlCascade, region, IdOf(after.programme()), IdOf(after.leader()));
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return NotFound("programme", "no such programme", "программа не найдена");
  const auto row = (*rows)[0];
  if (!row[0].as<bool>()) {
    return Refuse(v1::PROGRAMS_REASON_PROGRAMME_NOT_CASCADE,
                  "the version in force is not of the cascade");
  }
  if (row[1].is_null()) {
    return Refuse(v1::PROGRAMS_REASON_CASCADE_LEADER_NOT_TRAINED,
                  "the leader has not mastered the programme");
  }
  after.set_leader_completion(NameOf(region, "completions", row[1].c_str()));
  absl::CivilDay learned;
  if (!absl::ParseCivilTime(row[2].c_str(), &learned)) return absl::InternalError("no date");
  return learning::CheckBetween(after.planned_date(), learned, absl::CivilDay(9999, 12, 31),
                                "planned_date");
}

template <class Subject>
absl::Status TakeSubject(pg::Tx& tx, const resource::Engine& engine, std::string_view path,
                         const std::string& name, v1::PracticeAcceptance* acceptance) {
  auto subject = resource::Table<Subject>(engine).Get(tx, name, resource::Lock::kShare);
  if (absl::IsNotFound(subject.status()) || (subject.ok() && subject->has_delete_time())) {
    return NotFound(path, "nothing was learned by this name", "запись об обучении не найдена");
  }
  if (!subject.ok()) return subject.status();
  return acceptance_rules::TakeFrom(*subject, acceptance);
}

// What was accepted may have been taken back since. Asked of the region: an observer sees the
// acceptance without seeing the record.
absl::Status CheckStands(pg::Tx& tx, const resource::Engine& engine,
                         const v1::PracticeAcceptance& before,
                         const v1::PracticeAcceptance& after) {
  const bool asked = before.state() != after.state() &&
                     (after.state() == v1::PracticeAcceptance::STATE_SUBMITTED ||
                      after.state() == v1::PracticeAcceptance::STATE_ACCEPTED);
  if (!asked || after.learning_record().empty()) return absl::OkStatus();
  bool stands = false;
  auto status = tx.Unscoped(RegionOf(after.name()), [&]() -> absl::Status {
    auto record = resource::Table<v1::LearningRecord>(engine).Get(tx, after.learning_record(),
                                                                  resource::Lock::kShare);
    if (record.ok()) stands = record->state() == v1::LearningRecord::STATE_ACCEPTED;
    return record.status();
  });
  if (!status.ok() || stands) return status;
  return Refuse(v1::PROGRAMS_REASON_LEARNING_NOT_ACCEPTED, "its results were taken back");
}

absl::Status CheckAcceptance(pg::Tx& tx, const resource::Engine& engine,
                             const v1::PracticeAcceptance* before, v1::PracticeAcceptance& after) {
  // The subject is IMMUTABLE.
  if (before != nullptr) return CheckStands(tx, engine, *before, after);
  if (auto s = acceptance_rules::CheckSubject(after); !s.ok()) return s;
  if (!after.completion().empty()) {
    return TakeSubject<v1::Completion>(tx, engine, "completion", after.completion(), &after);
  }
  return TakeSubject<v1::LearningRecord>(tx, engine, "learning_record", after.learning_record(),
                                         &after);
}

}  // namespace

absl::StatusOr<v1::LearningRules> RulesOf(pg::Tx& tx, const resource::Engine& engine,
                                          std::string_view region) {
  auto rows = resource::Table<v1::LearningRules>(engine).Select(
      tx, "region_code = $1 AND id = 'default' AND delete_time IS NULL", region);
  if (!rows.ok()) return rows.status();
  return settings_rules::Complete(rows->empty() ? v1::LearningRules() : rows->front());
}

absl::Status PrepareRecords(pg::Tx& tx, const resource::Engine& engine,
                            std::vector<Pending>& rows) {
  using Record = v1::LearningRecord;
  auto status = ForEach<Record>(tx, rows, [&](const Record* before, Record& after) -> absl::Status {
    if (auto s = CheckCertificate(tx, before, after); !s.ok()) return s;
    const bool agreed = before != nullptr && before->state() == Record::STATE_PLANNED &&
                        after.state() == Record::STATE_AGREED;
    return agreed ? employment_store::CheckLearner(tx, after) : absl::OkStatus();
  });
  if (!status.ok()) return status;
  return day_store::CheckDays(tx, engine, rows);
}

absl::Status PrepareTeams(pg::Tx& tx, std::vector<Pending>& rows) {
  using Training = v1::TeamTraining;
  return ForEach<Training>(tx, rows, [&](const Training* before, Training& after) {
    const bool cancelled = before != nullptr && before->state() != after.state() &&
                           after.state() == Training::STATE_CANCELLED;
    return cancelled ? team_store::MayCancel(tx, after) : CheckTeam(tx, before, after);
  });
}

absl::Status PrepareSessions(pg::Tx& tx, std::vector<Pending>& rows) {
  return ForEach<v1::CascadeSession>(
      tx, rows, [&](const v1::CascadeSession* before, v1::CascadeSession& after) {
        return CheckSession(tx, before, after);
      });
}

absl::Status PrepareAcceptances(pg::Tx& tx, const resource::Engine& engine,
                                std::vector<Pending>& rows) {
  // Under the caller's scope: what was learned is told to nobody who does not see it.
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    row.status = CheckAcceptance(tx, engine, static_cast<const v1::PracticeAcceptance*>(row.before),
                                 *static_cast<v1::PracticeAcceptance*>(row.after));
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::learning_store
