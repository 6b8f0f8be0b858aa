// A plan of training as people read and print it: a row for each line, with how far it has come.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_PLAN_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_PLAN_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "rsnms/programs/v1/training_plan.pb.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

struct TrainingPlanOptions {
  std::string name;  // `regions/86/trainingPlans/…`
  std::string out;   // .csv or .xlsx; empty: to the screen
};

// Heading and rows, in Russian: lines in the plan's order, the sums last. `titles` are those of
// programmes by name; without one the name stands. Pure.
std::vector<std::vector<std::string>> PlanRows(const programs::v1::TrainingPlan& plan,
                                               const programs::v1::TrainingPlanExecution& execution,
                                               const std::map<std::string, std::string>& titles);

// Shows the plan, or writes it to a file.
absl::Status PrintTrainingPlan(Session& session, const TrainingPlanOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_PLAN_H_
