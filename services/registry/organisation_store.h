// SQL on bodies: what others need to know of them, and trees.
#ifndef RSNMS_SERVICES_REGISTRY_ORGANISATION_STORE_H_
#define RSNMS_SERVICES_REGISTRY_ORGANISATION_STORE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {

// Facts by resource name, of those that exist and are visible. Holds the rows against change until
// the transaction ends, so that nobody closes a body while somebody is taken on.
absl::StatusOr<absl::flat_hash_map<std::string, OrganisationFacts>> FindOrganisations(
    pg::Tx& tx, const std::vector<std::string>& names);

// Somebody works, or worked, in the body, or it has or had a management team: its municipality is
// copied elsewhere.
absl::StatusOr<bool> MunicipalityIsCopied(pg::Tx& tx, const std::string& organisation);

// FAILED_PRECONDITION TREE_TOO_LARGE.
absl::Status ReadTree(pg::Tx& tx, const v1::GetOrganisationTreeRequest& request,
                      v1::OrganisationTree* tree);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ORGANISATION_STORE_H_
