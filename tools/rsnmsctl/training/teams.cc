// Management teams that learn a programme together: those that count as trained are declared so.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/learning_service.pb.h"
#include "tools/rsnmsctl/paging.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;
using v1::TeamTraining;

constexpr size_t kTeams = 12;

}  // namespace

absl::Status TrainTeams(const Desk& desk, std::vector<TaughtTeam> teams,
                        const std::string& programme) {
  if (programme.empty()) return absl::OkStatus();
  if (teams.size() > kTeams) teams.resize(kTeams);
  const int year = desk.options().year;
  std::vector<Acts> stories;
  for (const TaughtTeam& team : teams) {
    const std::string name = desk.NameOf("teamTrainings", team.name);
    stories.push_back(
        {{"Learning/CreateTeamTraining",
          Creation(desk, "team_training", name,
                   absl::StrCat(
                       Text("management_team", team.name), Text("organisation", team.organisation),
                       team.municipality.empty() ? "" : Text("municipality", team.municipality),
                       Text("programme", programme), On("planned_end_date", year, 6, 20)))},
         {"Learning/StartTeamTraining",
          absl::StrCat(Text("name", name), On("start_date", year, 4, 10))}});
  }
  if (auto s = desk.PlayAll(stories); !s.ok()) return s;
  return Together(teams.size(), [&](size_t i) -> absl::Status {
    const std::string named = Text("name", desk.NameOf("teamTrainings", teams[i].name));
    const auto training = desk.Ask<TeamTraining>("Learning/GetTeamTraining", named);
    if (!training.ok()) return training.status();
    if (training->state() != TeamTraining::STATE_IN_PROGRESS) return absl::OkStatus();
    const auto progress =
        desk.Ask<v1::TeamTrainingProgress>("Learning/GetTeamTrainingProgress", named);
    if (!progress.ok()) return progress.status();
    if (progress->lacking_count() > 0) return absl::OkStatus();
    return desk.Do(
        {"Learning/CompleteTeamTraining", absl::StrCat(named, On("completion_date", year, 6, 22))});
  });
}

}  // namespace rsnms::ctl
