// Profiles that come with the service: textproto files named after their code.
#ifndef RSNMS_SERVICES_MONITORING_PROFILE_CATALOGUE_H_
#define RSNMS_SERVICES_MONITORING_PROFILE_CATALOGUE_H_

#include <string>

#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "rsnms/monitoring/v1/profile.pb.h"

namespace rsnms::monitoring {

// By code (`yugra`); names and times are unset.
using ProfileCatalogue = absl::btree_map<std::string, v1::Profile>;

// Reads every `*.textproto` of a directory and checks it. FAILED_PRECONDITION names the file at
// fault.
absl::StatusOr<ProfileCatalogue> LoadProfiles(const std::string& directory);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PROFILE_CATALOGUE_H_
