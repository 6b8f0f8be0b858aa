// The municipality of an order that names its organisation alone.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_PLACES_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_PLACES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_order.pb.h"

namespace rsnms::programs::order_places {

// The municipality the registry's feed told of the organisation; empty for a body of the region, or
// one nobody told of.
absl::StatusOr<std::string> KnownMunicipality(pg::Tx& tx, const std::string& organisation);

// Gives every order that was handed in without its municipality the one the feed has told since, or
// told before the service looked: journalled, and nothing the second time. Needs all regions in
// scope. An order somebody writes meanwhile is left to the next time.
absl::Status PlaceOrders(pg::Tx& tx, const resource::Engine& engine);

}  // namespace rsnms::programs::order_places

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_PLACES_H_
