// Plans gathered from orders. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_GATHERING_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_GATHERING_H_

#include <vector>

#include "absl/status/status.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "rsnms/programs/v1/training_plan.pb.h"

namespace rsnms::programs {

// Brings the plan's lines up to `orders`: those in force that are its owner's and of its years, and
// those its lines were gathered from, in any order. New lines are added at the end by year, name of
// the order and place in it. Of a line already there, what people did not change follows the order
// (three-way, field by field, the line as last gathered being the base); what they changed, and
// what they excluded, stays. A line whose order says it is not in force any more is marked; one
// whose order is not among `orders` stays as it is. `gathering` says what was found, and its number
// grows when there was something: gathering again changes nothing. PLAN_FROZEN unless the plan is a
// draft, PLAN_TOO_LARGE; the plan may then be half gathered.
absl::Status Gather(std::vector<v1::TrainingOrder> orders, v1::TrainingPlan* plan);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_GATHERING_H_
