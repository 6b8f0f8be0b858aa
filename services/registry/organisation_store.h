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

// Bodies that worked on a date and the links of one hierarchy that held on it: ids, and columns as
// the tables have them, side by side.
struct KnownBodies {
  std::vector<std::string> ids, names, kinds;
  std::vector<std::string> children, parents;
};

// FAILED_PRECONDITION TREE_TOO_LARGE. Bodies bear the names of the date.
absl::Status ReadTree(pg::Tx& tx, const v1::GetOrganisationTreeRequest& request,
                      v1::OrganisationTree* tree);
// The same of what is handed in.
absl::Status BuildTree(const KnownBodies& known, const v1::GetOrganisationTreeRequest& request,
                       v1::OrganisationTree* tree);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ORGANISATION_STORE_H_
