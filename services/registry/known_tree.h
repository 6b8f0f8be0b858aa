// Bodies and links of a date as they were known at a moment.
#ifndef RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_
#define RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_

#include "absl/status/statusor.h"
#include "libs/resource/engine.h"
#include "services/registry/organisation_store.h"

namespace rsnms::registry {

// FAILED_PRECONDITION HISTORY_PRUNED.
absl::StatusOr<KnownBodies> KnownOn(pg::Tx& tx, const resource::Engine& engine,
                                    const v1::GetOrganisationTreeRequest& request);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_
