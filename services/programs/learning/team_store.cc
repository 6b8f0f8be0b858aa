#include "services/programs/learning/team_store.h"

#include <string>

#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/enrolment/group_rules.h"
#include "services/programs/enrolment/ledger.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::team_store {
namespace {

using Training = v1::TeamTraining;

constexpr char kTrainingType[] = "programs.rsnms/TeamTraining";

// $3 are the members in their order; two of them may have turned out to be one person.
constexpr char kSqlCompleted[] = R"sql(
  SELECT m.id, EXISTS (
    SELECT FROM completion c
    WHERE c.region_code = $1 AND c.programme_id = $2::uuid AND c.person_id = m.id::uuid
      AND c.completion_date <= $4::date AND c.delete_time IS NULL AND NOT c.voided)
  FROM (SELECT coalesce(r.present_id, u.id) AS id, min(u.place) AS place
        FROM unnest($3::text[]) WITH ORDINALITY AS u (id, place)
        LEFT JOIN redirected r ON r.region_code = $1 AND r.target_type = 'registry.rsnms/Person'
          AND r.original_id = u.id
        GROUP BY 1) m
  ORDER BY m.place)sql";

constexpr char kSqlEnrolments[] = R"sql(
  SELECT DISTINCT ON (person_id) person_id::text, id::text, state
  FROM enrolment
  WHERE region_code = $1 AND programme_id = $2::uuid AND person_id = ANY ($3::uuid[])
    AND state NOT IN ('TRANSFERRED', 'VOID') AND delete_time IS NULL
  ORDER BY person_id, create_time DESC, id DESC)sql";

// Members who neither learn by the programme nor have mastered it, in their order.
constexpr char kSqlFree[] = R"sql(
  SELECT m.id
  FROM (SELECT coalesce(r.present_id, u.id) AS id, min(u.place) AS place
        FROM unnest($3::text[]) WITH ORDINALITY AS u (id, place)
        LEFT JOIN redirected r ON r.region_code = $1 AND r.target_type = 'registry.rsnms/Person'
          AND r.original_id = u.id
        GROUP BY 1) m
  WHERE NOT EXISTS (
      SELECT FROM enrolment e
      WHERE e.region_code = $1 AND e.programme_id = $2::uuid AND e.person_id = m.id::uuid
        AND e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED') AND e.delete_time IS NULL)
    AND NOT EXISTS (
      SELECT FROM completion c
      WHERE c.region_code = $1 AND c.programme_id = $2::uuid AND c.person_id = m.id::uuid
        AND c.delete_time IS NULL AND NOT c.voided)
  ORDER BY m.place)sql";

constexpr char kSqlRemember[] = R"sql(
  INSERT INTO team_enrolment (region_code, team_training_id, enrolment_id)
  SELECT $1, $2::uuid, id::uuid FROM unnest($3::text[]) AS made (id))sql";

// Those the training enrolled who apply or learn, by whatever enrolment goes on with it.
constexpr char kSqlLearners[] = R"sql(
  WITH RECURSIVE made AS (
    SELECT enrolment_id AS id FROM team_enrolment
    WHERE region_code = $1 AND team_training_id = $2::uuid
    UNION
    SELECT e.id FROM made m
    JOIN enrolment e ON e.region_code = $1 AND e.transferred_from_id = m.id)
  SELECT count(*) FROM made m
  JOIN enrolment e ON e.region_code = $1 AND e.id = m.id
  WHERE e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED') AND e.delete_time IS NULL)sql";

std::vector<std::string> IdsOf(const Training& training) {
  std::vector<std::string> ids;
  for (const auto& member : training.members()) ids.emplace_back(IdOf(member));
  return ids;
}

absl::Status CheckForm(const v1::EnrolTeamRequest& request) {
  const std::string_view region = RegionOf(request.name());
  const auto names = [&](const std::string& name, std::string_view collection) {
    return resource::IsUuid(IdOf(name)) && name == NameOf(region, collection, IdOf(name));
  };
  if (!names(request.name(), "teamTrainings")) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             "must be regions/{region}/teamTrainings/{uuid}",
                             "имя записи не соответствует образцу");
  }
  if (!names(request.group(), "groups")) {
    return rpc::InvalidField("group", options::v1::COMMON_REASON_INVALID_NAME,
                             "must be a group of the same region",
                             "укажите группу того же региона");
  }
  if (!request.etag().empty() && !resource::ParseEtag(request.etag())) {
    return rpc::InvalidField("etag", options::v1::COMMON_REASON_INVALID_ETAG,
                             "is not an etag of this service", "метка версии записана неверно");
  }
  if (request.basis() != v1::ENROLMENT_BASIS_DIAGNOSTICS) return absl::OkStatus();
  return learning::Misplaced("basis", "diagnostics are a person's, not a team's",
                             "команда не зачисляется по итогам диагностики");
}

absl::StatusOr<Training> Lock(pg::Tx& tx, const resource::Engine& engine,
                              const v1::EnrolTeamRequest& request) {
  auto training =
      resource::Table<Training>(engine).Get(tx, request.name(), resource::Lock::kUpdate);
  if (!training.ok()) return training.status();
  const auto version = engine.TypeOf(Training::descriptor()).VersionOf(*training);
  if (!request.etag().empty() && resource::ParseEtag(request.etag()) != version) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the resource has changed since this etag was read")
        .Resource(kTrainingType, request.name());
  }
  if (training->has_delete_time()) return rpc::NotFound(kTrainingType, request.name());
  if (training->state() != Training::STATE_IN_PROGRESS) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE,
                      "members are known while the training is IN_PROGRESS");
  }
  return training;
}

// The group, locked and fit; seats are counted in it.
absl::StatusOr<v1::Group*> LockGroup(ledger::Ledger& ledger, const Training& training,
                                     const std::string& name) {
  if (auto s = ledger.LockGroup(name); !s.ok()) return s;
  v1::Group* group = ledger.FindGroup(name);
  if (group->programme() != training.programme()) {
    return learning::Invalid(v1::PROGRAMS_REASON_GROUP_MISMATCH, "group",
                             "must teach the training's programme");
  }
  if (auto s = group_rules::MayCome(*group, true); !s.ok()) return s;
  return group;
}

v1::Enrolment Application(const Training& training, const std::string& member,
                          const v1::EnrolTeamRequest& request, absl::Time now) {
  const std::string region(RegionOf(training.name()));
  v1::Enrolment enrolment;
  enrolment.set_name(NameOf(region, "enrolments", resource::NewUuid()));
  enrolment.set_person(NameOf(region, "persons", member));
  enrolment.set_organisation(training.organisation());
  enrolment.set_municipality(training.municipality());
  enrolment.set_category(v1::LEARNER_CATEGORY_MANAGER);
  enrolment.set_programme(training.programme());
  enrolment.set_basis(request.basis() == v1::ENROLMENT_BASIS_UNSPECIFIED ? v1::ENROLMENT_BASIS_PLAN
                                                                         : request.basis());
  enrolment.set_state(v1::Enrolment::STATE_APPLIED);
  enrolment.mutable_state_time()->set_seconds(absl::ToUnixSeconds(now));
  enrolment.set_group(request.group());
  return enrolment;
}

absl::StatusOr<std::vector<std::string>> FreeMembers(pg::Tx& tx, const Training& training) {
  std::vector<std::string> free;
  const std::string region(RegionOf(training.name()));
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlFree, region, IdOf(training.programme()), IdsOf(training));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) free.emplace_back(row[0].c_str());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return free;
}

// Notes what the training made.
absl::Status Remember(pg::Tx& tx, const Training& training, const v1::EnrolTeamResponse& made) {
  std::vector<std::string> ids;
  for (const auto& enrolment : made.enrolments()) ids.emplace_back(IdOf(enrolment.name()));
  if (ids.empty()) return absl::OkStatus();
  const std::string region(RegionOf(training.name()));
  return tx.Unscoped(
      region, [&] { return tx.Query(kSqlRemember, region, IdOf(training.name()), ids).status(); });
}

absl::Status EnrolIn(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                     const v1::EnrolTeamRequest& request, absl::Time now,
                     v1::EnrolTeamResponse* response) {
  auto before = Lock(tx, engine, request);
  if (!before.ok()) return before.status();
  ledger::Ledger ledger(tx, engine, author);
  auto group = LockGroup(ledger, *before, request.group());
  if (!group.ok()) return group.status();
  auto free = FreeMembers(tx, *before);
  if (!free.ok()) return free.status();
  for (const std::string& member : *free) {
    v1::Enrolment enrolment = Application(*before, member, request, now);
    if (auto s = group_rules::Arrive(false, *group, &enrolment); !s.ok()) return s;
    if (auto s = ledger.Add(enrolment); !s.ok()) return s;
    *response->add_enrolments() = std::move(enrolment);
  }
  if (auto s = Remember(tx, *before, *response); !s.ok()) return s;
  response->set_left_count(before->members_size() - static_cast<int>(free->size()));
  Training after = *before;
  after.set_group(request.group());
  if (before->group() != after.group()) {
    if (auto s = resource::Table<Training>(engine).Update(tx, author, *before, after); !s.ok()) {
      return s;
    }
  }
  *response->mutable_team_training() = std::move(after);
  return ledger.Close();
}

}  // namespace

absl::Status MayCancel(pg::Tx& tx, const Training& training) {
  auto rows = tx.Query(kSqlLearners, RegionOf(training.name()), IdOf(training.name()));
  if (!rows.ok()) return rows.status();
  const int learners = (*rows)[0][0].as<int>();
  if (learners == 0) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_TEAM_HAS_LEARNERS,
                    Cat(learners, " enrolled for the team apply or learn"))
      .With("learners", Cat(learners));
}

absl::StatusOr<std::vector<v1::TeamMemberProgress>> Members(pg::Tx& tx, const Training& training,
                                                            absl::CivilDay day) {
  std::vector<v1::TeamMemberProgress> members;
  const std::string region(RegionOf(training.name()));
  const auto ids = IdsOf(training);
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto rows =
        tx.Query(kSqlCompleted, region, IdOf(training.programme()), ids, learning::Iso(day));
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      auto& member = members.emplace_back();
      member.set_person(NameOf(region, "persons", row[0].c_str()));
      member.set_leader(members.size() == 1);
      member.set_completed(row[1].as<bool>());
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  std::vector<std::string> present;
  for (const auto& member : members) present.emplace_back(IdOf(member.person()));
  auto rows = tx.Query(kSqlEnrolments, region, IdOf(training.programme()), present);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    for (auto& member : members) {
      if (IdOf(member.person()) != row[0].c_str()) continue;
      member.set_enrolment(NameOf(region, "enrolments", row[1].c_str()));
      v1::Enrolment::State state;
      if (v1::Enrolment::State_Parse(Cat("STATE_", row[2].c_str()), &state)) {
        member.set_enrolment_state(state);
      }
    }
  }
  return members;
}

team_rules::Progress Count(const std::vector<v1::TeamMemberProgress>& members) {
  team_rules::Progress progress;
  for (const auto& member : members) {
    ++progress.members;
    if (member.completed()) ++progress.completed;
    if (member.leader() && member.completed()) progress.leader_completed = true;
  }
  return progress;
}

absl::Status Enrol(resource::Engine& engine, rpc::Call& call, const v1::EnrolTeamRequest& request,
                   absl::Time now, v1::EnrolTeamResponse* response) {
  if (auto s = CheckForm(request); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  return engine.Transact(call, request, response, [&](pg::Tx& tx) {
    return EnrolIn(tx, engine, author, request, now, response);
  });
}

}  // namespace rsnms::programs::team_store
