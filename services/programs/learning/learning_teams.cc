// The methods of teams and of the cascade.
#include <algorithm>
#include <optional>
#include <utility>

#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/learning/cascade_store.h"
#include "services/programs/learning/learning_service.h"
#include "services/programs/learning/learning_step.h"
#include "services/programs/learning/learning_store.h"
#include "services/programs/learning/record_rules.h"
#include "services/programs/learning/registry_lookup.h"
#include "services/programs/learning/team_rules.h"
#include "services/programs/learning/team_store.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using Training = v1::TeamTraining;

absl::Status NotTrained(const team_rules::Progress& progress, int lacking) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_TEAM_NOT_TRAINED,
                    Cat(progress.completed, " of ", progress.members, " have completed, ", lacking,
                        " more must"))
      .With("completed", Cat(progress.completed))
      .With("members", Cat(progress.members))
      .With("lacking", Cat(lacking))
      .Russian(Cat("Команда ещё не обучена: освоили ", progress.completed, " из ", progress.members,
                   ", не хватает ещё ", lacking, "."));
}

// The region's rule, which every scope of the region may know.
absl::StatusOr<v1::TeamRule> RuleOf(pg::Tx& tx, const resource::Engine& engine,
                                    std::string_view name) {
  auto rules = learning_store::RulesOf(tx, engine, RegionOf(name));
  if (!rules.ok()) return rules.status();
  return rules->team_rule();
}

// Judges the team, and notes by what rule and who.
absl::Status DeclareTrained(pg::Tx& tx, const resource::Engine& engine, Training& training) {
  auto rule = RuleOf(tx, engine, training.name());
  if (!rule.ok()) return rule.status();
  auto members = team_store::Members(tx, training, learning::ToCivil(training.completion_date()));
  if (!members.ok()) return members.status();
  const auto progress = team_store::Count(*members);
  const int lacking = team_rules::Lacking(*rule, progress);
  if (lacking > 0) return NotTrained(progress, lacking);
  training.set_team_rule(*rule);
  for (const auto& member : *members) {
    if (member.completed()) training.add_completed_members(member.person());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LearningService::StartTeamTraining(rpc::Call& call,
                                                const v1::StartTeamTrainingRequest& request,
                                                Training* response) {
  Training seen;
  auto status = engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    auto training = resource::Table<Training>(*engine_).Get(tx, request.name());
    if (training.ok()) seen = *std::move(training);
    return training.status();
  });
  if (!status.ok() && !absl::IsNotFound(status)) return status;
  // What is not there, or has begun, is refused below, or answered again.
  std::optional<registry::v1::ManagementTeam> team;
  if (seen.state() == Training::STATE_PLANNED) {
    auto found = FindTeam(call, registry_.get(), seen.management_team());
    if (!found.ok()) return found.status();
    team = *std::move(found);
  }
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx&, Training& training) {
        return team_rules::TakeMembers(team.has_value() ? &*team : nullptr, &training);
      },
      response);
}

absl::Status LearningService::EnrolTeam(rpc::Call& call, const v1::EnrolTeamRequest& request,
                                        v1::EnrolTeamResponse* response) {
  return team_store::Enrol(*engine_, call, request, now_(), response);
}

absl::Status LearningService::CompleteTeamTraining(rpc::Call& call,
                                                   const v1::CompleteTeamTrainingRequest& request,
                                                   Training* response) {
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx& tx, Training& training) { return DeclareTrained(tx, *engine_, training); },
      response);
}

absl::Status LearningService::GetTeamTrainingProgress(
    rpc::Call& call, const v1::GetTeamTrainingProgressRequest& request,
    v1::TeamTrainingProgress* response) {
  return engine_->pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto training = resource::Table<Training>(*engine_).Get(tx, request.name());
    if (!training.ok()) return training.status();
    // Taken back or not, it shows what was declared, and by which rule.
    const bool ended =
        training->state() == Training::STATE_COMPLETED || training->state() == Training::STATE_VOID;
    auto rule = RuleOf(tx, *engine_, training->name());
    if (!rule.ok()) return rule.status();
    auto members = team_store::Members(
        tx, *training, ended ? learning::ToCivil(training->completion_date()) : LatestDay(now_()));
    if (!members.ok()) return members.status();
    const auto progress = team_store::Count(*members);
    response->set_team_training(training->name());
    response->set_team_rule(ended ? training->team_rule() : *rule);
    response->set_completed_count(progress.completed);
    response->set_lacking_count(team_rules::Lacking(response->team_rule(), progress));
    for (auto& member : *members) response->add_members()->Swap(&member);
    return absl::OkStatus();
  });
}

absl::Status LearningService::HoldCascadeSession(rpc::Call& call,
                                                 const v1::HoldCascadeSessionRequest& request,
                                                 v1::CascadeSession* response) {
  const auto author = resource::AuthorOf(call, request);
  return TakeStep(
      *engine_, call, request,
      [&](pg::Tx& tx, const v1::CascadeSession& session) -> absl::Status {
        for (const std::string& participant : session.participants()) {
          if (auto s = record_rules::MayAccept(call.identity(), participant); !s.ok()) return s;
        }
        return cascade_store::Hold(tx, *engine_, author, session, LatestDay(now_()));
      },
      response);
}

}  // namespace rsnms::programs
