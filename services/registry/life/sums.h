// Sums before a change of bodies are sums after it.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_SUMS_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_SUMS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/organisation_change.pb.h"
#include "services/registry/life/holdings.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// What the bodies of a change have.
struct Sums {
  std::vector<v1::OrganisationSums> dated;  // the day before, on the day, in the far future
  Holdings held;                            // on the day
};

// `disbanded` teams do not count from the day on.
absl::StatusOr<Sums> Measure(Ledger& ledger, const std::string& region,
                             const std::vector<std::string>& bodies,
                             const std::vector<std::string>& disbanded, absl::CivilDay day);

// The sums over all bodies of the change are what they were, less what `ended`: those on the day go
// to `out`. FAILED_PRECONDITION SUMS_DIFFER.
absl::Status CheckSums(Ledger& ledger, const std::string& region, const Sums& before,
                       const std::vector<std::string>& bodies,
                       const std::vector<std::string>& disbanded, const Holdings& ended,
                       absl::CivilDay day, v1::OrganisationSums* out);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_SUMS_H_
