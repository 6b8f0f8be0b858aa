// The training year of an invented region, through the contracts people use.
#include "tools/rsnmsctl/training/year.h"

#include "tools/rsnmsctl/training/counts.h"
#include "tools/rsnmsctl/training/roll.h"

namespace rsnms::ctl {

absl::Status HoldTrainingYear(Session& session, const CampaignOptions& options,
                              const std::string& campaign) {
  const Desk desk(session, options);
  const auto programmes = ReadProgrammes(session, desk.parent());
  if (!programmes.ok()) return programmes.status();
  Roll roll(desk, *programmes);
  if (auto s = roll.Read(); !s.ok()) return s;

  auto learners = AlongRoutes(desk, campaign);
  if (!learners.ok()) return learners.status();
  const auto teams = ChooseTeams(desk);
  if (!teams.ok()) return teams.status();
  if (auto s = OrderTraining(desk, *programmes, &*learners); !s.ok()) return s;
  if (auto s = PlanYear(desk, *teams); !s.ok()) return s;

  // Along the routes first: who has mastered a programme so does not learn it with the team.
  if (auto s = roll.Lead(*std::move(learners)); !s.ok()) return s;
  const std::string quality = QualityProgramme(*programmes);
  if (auto s = roll.Lead(MembersOf(desk, *teams, quality)); !s.ok()) return s;
  if (auto s = roll.FinishGroups(); !s.ok()) return s;
  if (auto s = LinkPlan(desk, roll.GroupsOf(quality)); !s.ok()) return s;
  if (auto s = ExecuteOrders(desk); !s.ok()) return s;

  if (auto s = IssueCertificates(desk, *programmes); !s.ok()) return s;
  return ReportToFrdo(desk);
}

absl::StatusOr<TrainingCounts> EndTrainingYear(Session& session, const CampaignOptions& options,
                                               const std::string& campaign) {
  const Desk desk(session, options);
  const auto programmes = ReadProgrammes(session, desk.parent());
  if (!programmes.ok()) return programmes.status();
  Roll roll(desk, *programmes);
  if (auto s = roll.Read(); !s.ok()) return s;
  if (auto s = RecordLearning(desk, LearnersOf(roll)); !s.ok()) return s;
  const auto teams = ChooseTeams(desk);
  if (!teams.ok()) return teams.status();
  if (auto s = TrainTeams(desk, *teams, QualityProgramme(*programmes)); !s.ok()) return s;
  if (auto s = TakeApplications(desk, *programmes, roll); !s.ok()) return s;
  std::string cascade;
  if (auto s = WriteProgrammes(desk, *programmes, roll, &cascade); !s.ok()) return s;
  if (auto s = TeachOn(desk, roll, cascade); !s.ok()) return s;
  auto counts = CountTraining(session, desk.parent());
  if (!counts.ok()) return counts;
  if (auto s = CountPlan(desk, &*counts); !s.ok()) return s;
  if (auto s = CountCoverage(desk, campaign, &*counts); !s.ok()) return s;
  return counts;
}

}  // namespace rsnms::ctl
