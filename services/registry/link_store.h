// SQL on links between bodies.
#ifndef RSNMS_SERVICES_REGISTRY_LINK_STORE_H_
#define RSNMS_SERVICES_REGISTRY_LINK_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "services/registry/link_rules.h"

namespace rsnms::registry {

// Lets one writer at a time change the links of a region and hierarchy, until the transaction ends.
// The same lock as the table's own check takes (migration 0003): what is read afterwards is what
// the previous writer committed.
absl::Status LockHierarchy(pg::Tx& tx, const std::string& region_code, v1::Hierarchy hierarchy);

// All living links of a region and hierarchy that the caller sees, by resource names. A region
// holds thousands.
absl::StatusOr<LinkGraph> ReadGraph(pg::Tx& tx, const std::string& region_code,
                                    v1::Hierarchy hierarchy);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LINK_STORE_H_
