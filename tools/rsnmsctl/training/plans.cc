// Plans of the year: the region's, gathered from orders, and a municipality's for three years.
#include "absl/strings/str_cat.h"
#include "rsnms/programs/v1/orders_service.pb.h"
#include "tools/rsnmsctl/training/year.h"

namespace rsnms::ctl {
namespace {

namespace v1 = programs::v1;

constexpr char kOwnLine[] = "teams";

}  // namespace

std::string RegionPlan(const Desk& desk) { return desk.NameOf("trainingPlans", "region"); }

absl::Status PlanYear(const Desk& desk, const std::vector<TaughtTeam>& teams) {
  const int year = desk.options().year;
  size_t members = 0;
  for (const TaughtTeam& team : teams) members += team.members.size();
  const std::string name = RegionPlan(desk), named = Text("name", name);
  const std::string plan = absl::StrCat(
      Text("title",
           absl::StrCat("План повышения квалификации работников образования на ", year, " год")),
      "start_year: ", year, " end_year: ", year, " lines { ", Text("id", kOwnLine), "year: ", year,
      " topic_codes: 'education-quality-management' places: ", members + 1,
      " listener_category: LISTENER_CATEGORY_MANAGEMENT_TEAM ground: ORDER_GROUND_RESERVE "
      "quarter: 2 } ");
  if (auto s =
          desk.Play({{"Orders/CreateTrainingPlan", Creation(desk, "training_plan", name, plan)},
                     {"Orders/GatherTrainingPlan", named},
                     {"Orders/SubmitTrainingPlan", named},
                     {"Orders/ApproveTrainingPlan",
                      absl::StrCat(named, Text("approval_document", "Приказ департамента № 140"),
                                   On("approval_date", year, 3, 2))}});
      !s.ok()) {
    return s;
  }
  const std::string town =
      teams.empty() || teams.front().municipality.empty() ? "" : teams.front().municipality;
  if (town.empty()) return absl::OkStatus();
  const std::string far = desk.NameOf("trainingPlans", "municipality");
  const std::string next = absl::StrCat(
      Text("municipality", town),
      Text("title", absl::StrCat("Перспективный план обучения на ", year, "–", year + 2, " годы")),
      "start_year: ", year, " end_year: ", year + 2, " lines { id: 'reserve' year: ", year + 1,
      " topic_codes: 'education-quality-management' places: 6 listener_category: "
      "LISTENER_CATEGORY_RESERVE ground: ORDER_GROUND_RESERVE } ");
  return desk.Play({{"Orders/CreateTrainingPlan", Creation(desk, "training_plan", far, next)},
                    {"Orders/GatherTrainingPlan", Text("name", far)},
                    {"Orders/SubmitTrainingPlan", Text("name", far)}});
}

absl::Status LinkPlan(const Desk& desk, const std::vector<std::string>& groups) {
  if (groups.empty()) return absl::OkStatus();
  std::string fields = absl::StrCat(Text("name", RegionPlan(desk)), Text("line", kOwnLine));
  for (const std::string& group : groups) absl::StrAppend(&fields, Text("groups", group));
  return desk.Do({"Orders/SetPlanLineGroups", fields});
}

absl::Status CountPlan(const Desk& desk, TrainingCounts* counts) {
  const auto execution = desk.Ask<v1::TrainingPlanExecution>(
      "Orders/GetTrainingPlanExecution",
      absl::StrCat(Text("name", RegionPlan(desk)), On("as_of_date", desk.options().year, 9, 1)));
  if (!execution.ok()) return execution.status();
  const auto& total = execution->total();
  (*counts)["plan"] = {{"lines", execution->lines_size()}, {"places", total.places()},
                       {"learning", total.learning()},     {"completed", total.completed()},
                       {"dropped", total.dropped()},       {"free", total.free()},
                       {"overdue", total.overdue()}};
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
