// What the registry says of who asks for training.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_

#include "absl/status/status.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "rsnms/programs/v1/training_order.pb.h"

namespace rsnms::programs {

// The organisation an order names lies in the municipality it names: ORGANISATION_ELSEWHERE, or
// REFERENCE_NOT_FOUND for one the registry does not show the caller. An order that names one of the
// two has nothing to decide, and the registry is not asked. `registry` may be null; UNAVAILABLE
// UPSTREAM_UNAVAILABLE when it would have to be asked and cannot be.
absl::Status CheckOrganisation(const rpc::Call& call, rpc::Client* registry,
                               const v1::TrainingOrder& order);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_
