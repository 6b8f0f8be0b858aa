#include "tools/rsnmsctl/training_plan.h"

#include <cstdio>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "tools/rsnmsctl/screen.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::ctl {
namespace {

using programs::v1::PlanCounts;
using programs::v1::PlanLine;
using programs::v1::TrainingPlan;
using programs::v1::TrainingPlanExecution;
using Rows = std::vector<std::vector<std::string>>;

const char* Ground(programs::v1::OrderGround ground) {
  switch (ground) {
    case programs::v1::ORDER_GROUND_DEFICIT:
      return "дефициты";
    case programs::v1::ORDER_GROUND_ATTESTATION:
      return "аттестация";
    case programs::v1::ORDER_GROUND_RESERVE:
      return "кадровый резерв";
    case programs::v1::ORDER_GROUND_APPOINTMENT:
      return "назначение";
    case programs::v1::ORDER_GROUND_LOW_RESULTS:
      return "низкие результаты";
    default:
      return "";
  }
}

std::string Last(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::string Subject(const PlanLine& line, const std::map<std::string, std::string>& titles) {
  if (!line.programme().empty()) {
    auto title = titles.find(line.programme());
    return title == titles.end() ? line.programme() : title->second;
  }
  std::vector<std::string> codes;
  for (const std::string& competency : line.competencies()) codes.push_back(Last(competency));
  codes.insert(codes.end(), line.topic_codes().begin(), line.topic_codes().end());
  return absl::StrJoin(codes, ", ");
}

void AddCounts(const PlanCounts& counts, std::vector<std::string>* row) {
  for (const int count : {counts.places(), counts.applied(), counts.learning(), counts.completed(),
                          counts.free(), counts.overdue()}) {
    row->push_back(std::to_string(count));
  }
}

absl::StatusOr<std::map<std::string, std::string>> Titles(Session& session,
                                                          const TrainingPlan& plan) {
  std::map<std::string, std::string> titles;
  for (const PlanLine& line : plan.lines()) {
    if (line.programme().empty() || titles.contains(line.programme())) continue;
    programs::v1::GetProgrammeRequest request;
    request.set_name(line.programme());
    programs::v1::Programme programme;
    auto status = session.Call("rsnms.programs.v1.Programs/GetProgramme", request, &programme);
    // One that is out of sight keeps its name.
    if (!status.ok() && !absl::IsNotFound(status) && !absl::IsPermissionDenied(status)) {
      return status;
    }
    titles[line.programme()] = status.ok() ? programme.title() : line.programme();
  }
  return titles;
}

absl::Status Save(const Rows& rows, const std::string& path) {
  auto file = absl::EndsWith(path, ".xlsx") ? sheet::CreateXlsx(path, "План обучения")
                                            : sheet::CreateCsv(path);
  if (!file.ok()) return file.status();
  for (const auto& row : rows) {
    std::vector<sheet::Cell> cells;
    for (const std::string& text : row) cells.push_back({text, {}, {}});
    if (auto s = (*file)->Add(cells); !s.ok()) return s;
  }
  return (*file)->Finish();
}

}  // namespace

Rows PlanRows(const TrainingPlan& plan, const TrainingPlanExecution& execution,
              const std::map<std::string, std::string>& titles) {
  Rows rows = {{"Код", "Год", "Квартал", "Чему учат", "Основание", "Откуда", "Мест",
                "Подали заявление", "Учатся", "Обучены", "Свободно", "Просрочено"}};
  std::map<std::string, PlanCounts> counts;
  for (const auto& line : execution.lines()) counts[line.line()] = line.counts();
  for (const PlanLine& line : plan.lines()) {
    if (!line.exclusion_reason().empty()) continue;
    std::vector<std::string>& row = rows.emplace_back();
    row = {line.id(),
           std::to_string(line.year()),
           line.quarter() == 0 ? "любой" : std::to_string(line.quarter()),
           Subject(line, titles),
           Ground(line.ground()),
           line.training_order().empty() ? "план" : "заявка " + Last(line.training_order())};
    AddCounts(counts[line.id()], &row);
  }
  std::vector<std::string>& sum = rows.emplace_back(std::vector<std::string>(6));
  sum[0] = "Всего";
  AddCounts(execution.total(), &sum);
  return rows;
}

absl::Status PrintTrainingPlan(Session& session, const TrainingPlanOptions& options) {
  programs::v1::GetTrainingPlanRequest get;
  get.set_name(options.name);
  TrainingPlan plan;
  if (auto s = session.Call("rsnms.programs.v1.Orders/GetTrainingPlan", get, &plan); !s.ok()) {
    return s;
  }
  programs::v1::GetTrainingPlanExecutionRequest ask;
  ask.set_name(options.name);
  TrainingPlanExecution execution;
  auto told = session.Call("rsnms.programs.v1.Orders/GetTrainingPlanExecution", ask, &execution);
  if (!told.ok()) return told;
  auto titles = Titles(session, plan);
  if (!titles.ok()) return titles.status();
  const Rows rows = PlanRows(plan, execution, *titles);
  if (!options.out.empty()) return Save(rows, options.out);
  Table table(rows.front());
  for (size_t i = 1; i < rows.size(); ++i) table.Add(rows[i]);
  std::printf("%s\n", plan.title().c_str());
  table.Print();
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
