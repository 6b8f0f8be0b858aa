// The functions matrix: what is uncovered and which joint functions the partner does not answer.
// Pure.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_FUNCTIONS_REPORT_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_FUNCTIONS_REPORT_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rsnms/registry/v1/function_assignment.pb.h"

namespace rsnms::registry {

// Names of organisations that act as each subject, by the subject's name.
using Acting = absl::flat_hash_map<std::string, std::vector<std::string>>;

// `subjects` and `functions` are all of the profile, in the order of the act.
v1::FunctionsReport MakeReport(const v1::SystemProfile& profile,
                               const std::vector<v1::SystemSubject>& subjects,
                               const std::vector<v1::FunctionAssignment>& functions,
                               const Acting& acting);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_FUNCTIONS_REPORT_H_
