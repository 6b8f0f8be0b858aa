// How far a plan of training has come, from counts of enrolments. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_EXECUTION_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_EXECUTION_H_

#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/training_plan.pb.h"

namespace rsnms::programs {

// Enrolments counted: by `{order name}/{id of its line}`, and by name of the group and category of
// the learner for those that name no order. Only applied, learning, completed, dropped
// and also_counted are set.
struct PlanTallies {
  absl::flat_hash_map<std::string, v1::PlanCounts> by_order_line;
  absl::flat_hash_map<std::string, std::map<v1::LearnerCategory, v1::PlanCounts>> by_group;
};

// The report as of `day`; excluded lines are left out. Of a line's groups those learners count who
// may be its listeners (MayBeOf).
v1::TrainingPlanExecution TellExecution(const v1::TrainingPlan& plan, const PlanTallies& tallies,
                                        absl::CivilDay day);

// Whether a plan may be closed: PLAN_NOT_EXECUTED, which names the lines, when fewer have completed
// than a line plans and the plan says not why.
absl::Status MayClose(const v1::TrainingPlan& plan, const v1::TrainingPlanExecution& execution);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_EXECUTION_H_
