// What makes a profile well formed. Pure.
#ifndef RSNMS_SERVICES_MONITORING_PROFILE_RULES_H_
#define RSNMS_SERVICES_MONITORING_PROFILE_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/monitoring/v1/profile.pb.h"
#include "services/monitoring/expression.h"

namespace rsnms::monitoring {

// An indicator ready to be counted.
struct CompiledIndicator {
  v1::IndicatorDefinition definition;
  Expression numerator;    // the denominator's condition included
  Expression denominator;  // always() for counts
};

// INVALID_ARGUMENT INVALID_PROFILE or INVALID_EXPRESSION, with the path of the field: ids are
// lower-case slugs, not repeated and no fact's name; settings use facts and earlier settings; a
// share has a denominator, a count has none.
absl::StatusOr<std::vector<CompiledIndicator>> CompileProfile(const v1::Profile& profile);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PROFILE_RULES_H_
