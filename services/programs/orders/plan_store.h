// Plans of training beside other rows: orders, programmes, groups, enrolments, other plans.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "rsnms/programs/v1/training_plan.pb.h"

namespace rsnms::programs::plan_store {

// Orders a plan is gathered from, in the transaction's scopes: those in force of its years, and
// those its lines came from.
absl::StatusOr<std::vector<v1::TrainingOrder>> Orders(pg::Tx& tx, const resource::Engine& engine,
                                                      const v1::TrainingPlan& plan);

// Whether gathering would give the plan more lines than it holds (plan_rules::kMostLines): counted
// in the transaction's scopes, no order is read.
absl::StatusOr<bool> IsTooLarge(pg::Tx& tx, const v1::TrainingPlan& plan);

// How far the plan has come, by the enrolments and other plans in the transaction's scopes.
absl::StatusOr<v1::TrainingPlanExecution> Execution(pg::Tx& tx, const v1::TrainingPlan& plan,
                                                    absl::CivilDay day);

// Whether another plan of the same owner and years is in force. Whoever asks waits for others who
// did, until they commit. `former` is no other plan.
absl::StatusOr<bool> IsOtherInForce(pg::Tx& tx, const v1::TrainingPlan& plan);

// Whether an amendment of the plan, which the caller holds, is written or on approval.
absl::StatusOr<bool> IsInAmendment(pg::Tx& tx, const v1::TrainingPlan& plan);

// Whether the groups may carry out the line of the plan: REFERENCE_NOT_FOUND, PLAN_GROUP_MISMATCH.
absl::Status CheckGroups(pg::Tx& tx, const resource::Engine& engine, const v1::TrainingPlan& plan,
                         const v1::SetPlanLineGroupsRequest& request);

// Preparation of plans: programmes of lines people wrote exist and teach what the lines plan
// (CheckLineProgrammes; what was gathered is the order's word); what is handed in or
// approved rests on orders in force (PLAN_ORDER_WITHDRAWN), which are held until it is; what is
// closed is fulfilled, as far as the transaction's scopes show, or says why not
// (PLAN_NOT_EXECUTED). Grounds of lines are judged and get their terms while the plan is written
// (Grounds); what is found is found by `latest`.
absl::Status PreparePlans(pg::Tx& tx, const resource::Engine& engine, absl::CivilDay latest,
                          std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs::plan_store

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_PLAN_STORE_H_
