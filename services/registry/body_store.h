// SQL on bodies and municipalities as documents, agreements and sites refer to them.
#ifndef RSNMS_SERVICES_REGISTRY_BODY_STORE_H_
#define RSNMS_SERVICES_REGISTRY_BODY_STORE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {

// A body as a signed or granted paper names it.
struct Body {
  OrganisationFacts facts;
  std::string official_name;
  v1::OrganisationKind kind = v1::ORGANISATION_KIND_UNSPECIFIED;
};
using Bodies = absl::flat_hash_map<std::string, Body>;

// By resource name, of those that exist and are visible. Holds the rows against change until the
// transaction ends, so that the name frozen is the name at the signature.
absl::StatusOr<Bodies> FindBodies(pg::Tx& tx, const std::vector<std::string>& names);

// The body of that name. INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when it is absent or not
// visible; FAILED_PRECONDITION ORGANISATION_CLOSED when it is deleted.
absl::StatusOr<Body> FindBody(pg::Tx& tx, const std::string& name, std::string_view path);

// INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when one of the municipalities is absent, deleted
// or not visible.
absl::Status CheckMunicipalities(pg::Tx& tx, const std::vector<std::string>& names,
                                 std::string_view path);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_BODY_STORE_H_
