// Orders of training beside other rows: programmes of their lines, enrolments that carry them out.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_order.pb.h"

namespace rsnms::programs::order_store {

// How far the order has come, by the enrolments in the transaction's scopes; overdue as of `day`.
absl::StatusOr<v1::TrainingOrderExecution> Execution(pg::Tx& tx, const v1::TrainingOrder& order,
                                                     absl::CivilDay day = absl::CivilDay());

// Preparation of orders: programmes of lines somebody wrote exist and teach what the lines ask for
// (CheckLineProgrammes), grounds are judged and get their terms while the order is written
// (Grounds), nobody applies or learns by what ends (order_rules::MayEnd). What is found is found by
// `latest`.
absl::Status PrepareOrders(pg::Tx& tx, const resource::Engine& engine, absl::CivilDay latest,
                           std::vector<resource::Engine::Pending>& rows);

// Preparation of enrolments: who is enrolled by an order fits its line, and a place of it is left:
// orders are locked in the order of their ids, so that racing enrolments never exceed the places.
// What continues an enrolment in another group keeps its place.
absl::Status CheckOrders(pg::Tx& tx, const resource::Engine& engine,
                         std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs::order_store

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_STORE_H_
