// What the registry says of who asks for training.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_

#include <string>

#include "absl/status/status.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"

namespace rsnms::programs {

// The organisation an order or a plan names lies in the municipality it names:
// ORGANISATION_ELSEWHERE, or REFERENCE_NOT_FOUND for one the registry does not show the caller.
// When either is empty there is nothing to decide, and the registry is not asked. `registry` may be
// null; UNAVAILABLE UPSTREAM_UNAVAILABLE when it would have to be asked and cannot be.
absl::Status CheckOrganisation(const rpc::Call& call, rpc::Client* registry,
                               const std::string& name, const std::string& municipality);

// The municipality the registry says of the organisation, empty for a body of the region. Nobody
// waits for it long: empty as well when `registry` is null, away or shows the caller no such body.
std::string MunicipalityOf(const rpc::Call& call, rpc::Client* registry, const std::string& name);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORGANISATION_LOOKUP_H_
