// SQL on people: what others need to know of them.
#ifndef RSNMS_SERVICES_REGISTRY_PERSON_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PERSON_STORE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {

// Facts by resource name, of those who exist and are visible. Holds the rows against change until
// the transaction ends, so that nobody is deleted, or becomes younger, while something is recorded
// about them.
absl::StatusOr<absl::flat_hash_map<std::string, PersonFacts>> FindPersons(
    pg::Tx& tx, const std::vector<std::string>& names);

// The first day of work or learning that is recorded about each, by name, whatever of it the caller
// sees; people without any are not among them.
absl::StatusOr<absl::flat_hash_map<std::string, absl::CivilDay>> FindEarliestDays(
    pg::Tx& tx, const std::vector<std::string>& names);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PERSON_STORE_H_
