// Bodies under a change: locked, founded, closed.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_BODIES_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_BODIES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// Reads bodies and holds them: nobody is taken on, moved or closed meanwhile. INVALID_ARGUMENT
// INVALID_PARENT for one of another region, NOT_FOUND.
absl::StatusOr<std::map<std::string, v1::Organisation>> HoldBodies(
    Ledger& ledger, const std::string& region, const std::vector<std::string>& names);

// Lets one writer change the links of the region, in all hierarchies.
absl::Status HoldHierarchies(Ledger& ledger, const std::string& region);

// Creates a body that begins on `day`, standing where `model` stands unless that is below one of
// `ending`; answers its name. `path` leads the paths of errors.
absl::StatusOr<std::string> FoundBody(Ledger& ledger, const std::string& region,
                                      v1::Organisation body, const std::string& model,
                                      const std::vector<std::string>& ending, absl::CivilDay day,
                                      const std::string& path);

// Closes a body with the day before `day` as its last, and ends its links to bodies above.
absl::Status CloseBody(Ledger& ledger, const v1::Organisation& body,
                       const std::vector<std::string>& successors, absl::CivilDay day);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_BODIES_H_
