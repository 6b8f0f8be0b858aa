#include "services/programs/learning/registry_lookup.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);

// NOT_FOUND is an answer; everything else that is not OK means that there is none.
template <class R, class Request>
absl::StatusOr<std::optional<R>> Find(const rpc::Call& call, rpc::Client* registry,
                                      const std::string& method, const std::string& name) {
  if (registry == nullptr) return RegistryAway("this installation names no such service");
  Request request;
  request.set_name(name);
  R found;
  const auto status =
      registry->Unary("rsnms.registry.v1." + method, request, &found,
                      std::min(call.deadline(), absl::Now() + kPatience), true, &call);
  if (absl::IsNotFound(status)) return std::optional<R>();
  if (!status.ok()) return RegistryAway(absl::StatusCodeToString(status.code()));
  return std::optional<R>(std::move(found));
}

}  // namespace

absl::Status RegistryAway(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    Cat("registry: ", why))
      .RetryAfter(absl::Seconds(5));
}

absl::StatusOr<std::optional<registry::v1::Site>> FindSite(const rpc::Call& call,
                                                           rpc::Client* registry,
                                                           const std::string& name) {
  return Find<registry::v1::Site, registry::v1::GetSiteRequest>(call, registry, "Sites/GetSite",
                                                                name);
}

absl::StatusOr<std::optional<registry::v1::ManagementTeam>> FindTeam(const rpc::Call& call,
                                                                     rpc::Client* registry,
                                                                     const std::string& name) {
  return Find<registry::v1::ManagementTeam, registry::v1::GetManagementTeamRequest>(
      call, registry, "Registry/GetManagementTeam", name);
}

}  // namespace rsnms::programs
