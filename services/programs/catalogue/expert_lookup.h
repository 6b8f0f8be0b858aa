// What the registry says of an expert.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_EXPERT_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_EXPERT_LOOKUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "services/programs/catalogue/review_rules.h"

namespace rsnms::programs {

// How the expert stands to the bodies of the interest. `registry` may be null. UNAVAILABLE
// UPSTREAM_UNAVAILABLE when the registry cannot be asked; an expert it does not have is an answer.
absl::StatusOr<review_rules::ExpertFacts> FindExpert(const rpc::Call& call, rpc::Client* registry,
                                                     const std::string& expert,
                                                     const review_rules::Interest& interest);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_EXPERT_LOOKUP_H_
