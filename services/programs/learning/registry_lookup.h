// What learning asks of the registry, with the service's own rights: what it answers is compared,
// and never told to the caller.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_LOOKUP_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/site.pb.h"

namespace rsnms::programs {

// UNAVAILABLE UPSTREAM_UNAVAILABLE: the registry did not tell what must be known.
absl::Status RegistryAway(std::string_view why);

// Empty when the registry has none of this name; UNAVAILABLE UPSTREAM_UNAVAILABLE when it cannot be
// asked, or `registry` is null.
absl::StatusOr<std::optional<registry::v1::Site>> FindSite(const rpc::Call& call,
                                                           rpc::Client* registry,
                                                           const std::string& name);
absl::StatusOr<std::optional<registry::v1::ManagementTeam>> FindTeam(const rpc::Call& call,
                                                                     rpc::Client* registry,
                                                                     const std::string& name);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_LOOKUP_H_
