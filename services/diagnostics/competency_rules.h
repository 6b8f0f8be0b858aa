// What a competency must be. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_COMPETENCY_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_COMPETENCY_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/diagnostics/v1/competency.pb.h"

namespace rsnms::diagnostics {

// A child's code begins with its parent's code and a hyphen: INVALID_ARGUMENT CODE_OUTSIDE_PARENT
// otherwise. The first wording is revision 1.
absl::Status CheckCompetency(resource::Change change, const v1::Competency* before,
                             v1::Competency* after);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_COMPETENCY_RULES_H_
