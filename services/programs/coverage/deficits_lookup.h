// What diagnostics say people lack.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_DEFICITS_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_DEFICITS_LOOKUP_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "rsnms/programs/v1/coverage.pb.h"
#include "services/programs/coverage/coverage_report.h"

namespace rsnms::programs {

struct Deficits {
  std::vector<std::string> campaigns;          // asked, by name
  std::map<std::string, DeficitCount> counts;  // by name of the competency
};

// Open deficits by competency over the campaigns of the request, or the latest: each person once,
// those who have closed the deficit left out. Diagnostics count, in whole fives, and withhold
// counts under 5 themselves. `diagnostics` may be null. UNAVAILABLE UPSTREAM_UNAVAILABLE when they
// cannot be asked, or have not told all within 10 s, PERMISSION_DENIED when they refuse the caller,
// NOT_FOUND for a campaign of the request they do not have, INVALID_ARGUMENT INVALID_NAME for one
// of another region. Asked in the service's own name: the caller's right to the region is the
// caller's matter.
absl::StatusOr<Deficits> AskDeficits(const rpc::Call& call, rpc::Client* diagnostics,
                                     const v1::ListCompetencyCoverageRequest& request);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_DEFICITS_LOOKUP_H_
