// Bodies and links of a date as they were known at a moment.
#ifndef RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_
#define RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "services/registry/organisation_store.h"

namespace rsnms::registry {

// PERMISSION_DENIED unless the caller's scope covers the whole region of a name.
absl::Status DemandRegion(const rpc::Call& call, const std::string& name);

absl::Time ToTime(const google::protobuf::Timestamp& stamp);

// What the engine's history says, in the registry's words: FAILED_PRECONDITION HISTORY_PRUNED.
absl::Status ExplainHistory(absl::Status status);

// FAILED_PRECONDITION HISTORY_PRUNED.
absl::StatusOr<KnownBodies> KnownOn(pg::Tx& tx, const resource::Engine& engine,
                                    const v1::GetOrganisationTreeRequest& request);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_KNOWN_TREE_H_
