// What must hold inside one plan of training. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_RULES_H_

#include <string_view>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "rsnms/programs/v1/training_plan.pb.h"

namespace rsnms::programs::plan_rules {

inline constexpr int kMostLines = 2000;
inline constexpr int kMostYears = 10;

// The rule of every write: OUT_OF_RANGE for years, LINE_SUBJECT_REQUIRED, REPEATED_LINE,
// PLAN_LINE_GATHERED for what people may not do to gathered lines, PLAN_FROZEN for what they change
// or delete once it is no draft, PLAN_EMPTY. Forgets the reason of a return once it is handed in.
absl::Status Check(resource::Change change, const v1::TrainingPlan* before,
                   v1::TrainingPlan* after);

// Whether an order is one that plans gather: approved and not withdrawn.
bool InForce(const v1::TrainingOrder& order);

// Whether the line was gathered from an order.
bool IsGathered(const v1::PlanLine& line);

// Whether it is planned, and not left out.
bool IsPlanned(const v1::PlanLine& line);

// What the line plans, as a line of an order with the id of the plan's line.
v1::OrderLine Planned(const v1::PlanLine& line);

// Writes into the line what a line of an order asks for; not its id.
void SetPlanned(const v1::OrderLine& asked, v1::PlanLine* line);

// The line of this id; null when there is none.
const v1::PlanLine* FindLine(const v1::TrainingPlan& plan, std::string_view id);

}  // namespace rsnms::programs::plan_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_RULES_H_
