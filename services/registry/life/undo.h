// Taking a change of bodies back.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_UNDO_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_UNDO_H_

#include "absl/status/statusor.h"
#include "rsnms/registry/v1/organisation_change.pb.h"
#include "rsnms/registry/v1/organisation_life.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// Inside a transaction. What the change created is deleted; of what it changed, the fields it
// changed get their earlier values; what it deleted revives. Earlier images come from the journal.
// Errors as the contract says.
absl::StatusOr<v1::OrganisationChange> Undo(Ledger& ledger,
                                            const v1::UndoOrganisationChangeRequest& request);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_UNDO_H_
