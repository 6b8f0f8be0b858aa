// A profile's file as the resources it becomes. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_ROWS_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_ROWS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/registry/v1/system_profile_file.pb.h"

namespace rsnms::registry {

// What a file says, as full images with names, in the order of the act.
struct ProfileRows {
  v1::SystemProfile profile;
  std::vector<v1::SystemSubject> subjects;
  std::vector<v1::FunctionAssignment> functions;
};

// `parent` is the region. INVALID_ARGUMENT PROFILE_OF_OTHER_REGION, REPEATED_PROFILE_CODE,
// BROKEN_PROFILE_REFERENCE, UNKNOWN_SUBJECT_KIND, JOINT_WITH_ITSELF with paths into `file`;
// FAILED_PRECONDITION SUBJECT_CYCLE.
absl::StatusOr<ProfileRows> ToRows(const v1::SystemProfileFile& file, const std::string& parent);

// Child to parent, one parent each: FAILED_PRECONDITION SUBJECT_CYCLE when somebody stands above
// themselves.
absl::Status CheckNoCycle(const absl::flat_hash_map<std::string, std::string>& parents);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_ROWS_H_
