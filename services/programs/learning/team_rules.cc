#include "services/programs/learning/team_rules.h"

#include <algorithm>

#include "libs/rpc/status.h"
#include "services/programs/learning/written.h"

namespace rsnms::programs::team_rules {
namespace {

using learning::ToCivil;
using resource::Change;
using Training = v1::TeamTraining;

}  // namespace

absl::Status Check(Change change, const Training* before, Training* after, absl::CivilDay latest) {
  if (change == Change::kUndelete) return absl::OkStatus();
  if (change == Change::kDelete) {
    return before->state() == Training::STATE_PLANNED ? absl::OkStatus() : learning::Frozen();
  }
  if (before == nullptr) return absl::OkStatus();
  if (before->state() != Training::STATE_PLANNED && learning::WrittenDiffers(*before, *after)) {
    return learning::Frozen();
  }
  if (before->state() == after->state()) return absl::OkStatus();
  if (after->state() == Training::STATE_IN_PROGRESS) {
    return learning::CheckBetween(after->start_date(), absl::CivilDay(1700, 1, 1), latest,
                                  "start_date");
  }
  if (after->state() != Training::STATE_COMPLETED) return absl::OkStatus();
  return learning::CheckBetween(after->completion_date(), ToCivil(after->start_date()), latest,
                                "completion_date");
}

absl::Status TakeMembers(const registry::v1::ManagementTeam* team, Training* training) {
  const auto unfit = [](std::string_view why) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_TEAM_UNFIT, why)
        .ToStatus();
  };
  // Whose a team of others is, is not told.
  if (team == nullptr || team->has_delete_time() ||
      team->organisation() != training->organisation()) {
    return unfit("the body has no such team");
  }
  const absl::CivilDay day = ToCivil(training->start_date());
  if (day < ToCivil(team->formed_date())) return unfit("the team was formed later");
  if (team->has_disbanded_date() && ToCivil(team->disbanded_date()) < day) {
    return unfit("the team was disbanded");
  }
  if (team->members().empty()) return unfit("the team has no members");
  *training->mutable_members() = team->members();
  return absl::OkStatus();
}

int Lacking(v1::TeamRule rule, const Progress& progress) {
  if (progress.members == 0) return 1;
  switch (rule) {
    case v1::TEAM_RULE_LEADER:
      return progress.leader_completed ? 0 : 1;
    case v1::TEAM_RULE_ALL:
      return progress.members - progress.completed;
    default:
      return std::max(0, (progress.members + 1) / 2 - progress.completed);
  }
}

}  // namespace rsnms::programs::team_rules
