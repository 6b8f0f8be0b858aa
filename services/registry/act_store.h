// Acts of the register as other records cite them.
#ifndef RSNMS_SERVICES_REGISTRY_ACT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_ACT_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/document.pb.h"

namespace rsnms::registry {

// The act of that name. INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when it is absent, deleted
// or not visible; FAILED_PRECONDITION ACT_NOT_APPROVED while it is a draft: a draft names nobody
// and grants nothing.
absl::StatusOr<v1::Document> FindAct(pg::Tx& tx, const resource::Engine& engine,
                                     const std::string& name, const char* path);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ACT_STORE_H_
