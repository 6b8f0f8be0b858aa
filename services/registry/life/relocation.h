// Bodies that come to lie in another municipality: one, or all of a municipality that is reformed.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_RELOCATION_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_RELOCATION_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/registry/v1/organisation_life.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// Runs the request inside the ledger's transaction. INVALID_ARGUMENT BODY_NAMED_TWICE,
// OUT_OF_RANGE, REQUIRED_FIELD_MISSING; FAILED_PRECONDITION ORGANISATION_CLOSED,
// CHANGE_OUT_OF_ORDER, MUNICIPALITY_IN_USE (it lies there already), SUMS_DIFFER.
absl::StatusOr<v1::OrganisationChange> Relocate(Ledger& ledger,
                                                const v1::RelocateOrganisationsRequest& request);

// All copies of a body's municipality, whatever their dates: it was written wrongly from the
// beginning.
absl::Status RewriteCopies(Ledger& ledger, const v1::Organisation& body,
                           const std::string& municipality);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_RELOCATION_H_
