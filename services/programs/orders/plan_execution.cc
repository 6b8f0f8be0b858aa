#include "services/programs/orders/plan_execution.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/listeners.h"
#include "services/programs/names.h"
#include "services/programs/orders/ground_rules.h"
#include "services/programs/orders/plan_rules.h"

namespace rsnms::programs {
namespace {

using v1::PlanCounts;
using v1::TrainingPlan;

void Add(const PlanCounts& more, PlanCounts* sum) {
  sum->set_places(sum->places() + more.places());
  sum->set_applied(sum->applied() + more.applied());
  sum->set_learning(sum->learning() + more.learning());
  sum->set_completed(sum->completed() + more.completed());
  sum->set_dropped(sum->dropped() + more.dropped());
  sum->set_free(sum->free() + more.free());
  sum->set_overdue(sum->overdue() + more.overdue());
  sum->set_also_counted(sum->also_counted() + more.also_counted());
}

// The learners of a group whom the line is for.
void AddGroup(const PlanTallies& tallies, const std::string& group, v1::ListenerCategory listeners,
              PlanCounts* sum) {
  auto found = tallies.by_group.find(group);
  if (found == tallies.by_group.end()) return;
  for (const auto& [category, counts] : found->second) {
    if (MayBeOf(listeners, category)) Add(counts, sum);
  }
}

absl::flat_hash_map<std::string, const v1::PlanLineGroups*> GroupsByLine(const TrainingPlan& plan) {
  absl::flat_hash_map<std::string, const v1::PlanLineGroups*> groups;
  for (const auto& link : plan.line_groups()) groups[link.line()] = &link;
  return groups;
}

PlanCounts CountsOf(const v1::PlanLine& line, const v1::PlanLineGroups* groups,
                    const PlanTallies& tallies, absl::CivilDay day) {
  PlanCounts counts;
  if (plan_rules::IsGathered(line)) {
    auto found = tallies.by_order_line.find(Cat(line.training_order(), "/", line.ordered().id()));
    if (found != tallies.by_order_line.end()) Add(found->second, &counts);
  }
  if (groups != nullptr) {
    for (const std::string& group : groups->groups()) {
      AddGroup(tallies, group, line.listener_category(), &counts);
    }
  }
  counts.set_places(line.places());
  const int held = counts.applied() + counts.learning() + counts.completed();
  counts.set_free(std::max(0, line.places() - held));
  if (day > ground_rules::LastDay(line.year(), line.quarter(), line.due_date())) {
    counts.set_overdue(std::max(0, line.places() - counts.completed()));
  }
  return counts;
}

}  // namespace

v1::TrainingPlanExecution TellExecution(const TrainingPlan& plan, const PlanTallies& tallies,
                                        absl::CivilDay day) {
  v1::TrainingPlanExecution execution;
  execution.set_training_plan(plan.name());
  *execution.mutable_as_of_date() = ToDate(day);
  const auto groups = GroupsByLine(plan);
  std::map<std::pair<int, int>, PlanCounts> quarters;
  std::map<v1::OrderGround, PlanCounts> grounds;
  execution.mutable_total();
  for (const v1::PlanLine& line : plan.lines()) {
    if (!plan_rules::IsPlanned(line)) continue;
    auto links = groups.find(line.id());
    v1::PlanLineExecution& told = *execution.add_lines();
    told.set_line(line.id());
    told.set_year(line.year());
    told.set_quarter(line.quarter());
    told.set_ground(line.ground());
    *told.mutable_due_date() =
        ToDate(ground_rules::LastDay(line.year(), line.quarter(), line.due_date()));
    *told.mutable_counts() =
        CountsOf(line, links == groups.end() ? nullptr : links->second, tallies, day);
    const int place = line.quarter() == 0 ? 5 : line.quarter();  // any: last in its year
    Add(told.counts(), &quarters[{line.year(), place}]);
    Add(told.counts(), &grounds[line.ground()]);
    Add(told.counts(), execution.mutable_total());
  }
  for (const auto& [at, counts] : quarters) {
    auto& quarter = *execution.add_quarters();
    quarter.set_year(at.first);
    quarter.set_quarter(at.second == 5 ? 0 : at.second);
    *quarter.mutable_counts() = counts;
  }
  for (const auto& [ground, counts] : grounds) {
    auto& told = *execution.add_grounds();
    told.set_ground(ground);
    *told.mutable_counts() = counts;
  }
  return execution;
}

absl::Status MayClose(const TrainingPlan& plan, const v1::TrainingPlanExecution& execution) {
  if (!plan.state_reason().empty()) return absl::OkStatus();
  rpc::Error error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_PLAN_NOT_EXECUTED,
                   "fewer have completed than planned");
  bool executed = true;
  for (const auto& line : execution.lines()) {
    if (line.counts().completed() >= line.counts().places()) continue;
    executed = false;
    error.Field(Cat("lines.", line.line()),
                Cat(line.counts().completed(), " of ", line.counts().places(), " have completed"),
                Cat("обучено ", line.counts().completed(), " из ", line.counts().places()));
  }
  return executed ? absl::OkStatus() : error.ToStatus();
}

}  // namespace rsnms::programs
