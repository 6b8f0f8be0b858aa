#include "services/programs/orders/organisation_lookup.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5), kShortPatience = absl::Seconds(1);

absl::Status Away(std::string_view why) {
  return rpc::Error(absl::StatusCode::kUnavailable, options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE,
                    Cat("registry: ", why))
      .RetryAfter(absl::Seconds(5));
}

absl::StatusOr<registry::v1::Organisation> Ask(const rpc::Call& call, rpc::Client* registry,
                                               const std::string& name, absl::Duration patience) {
  registry::v1::GetOrganisationRequest request;
  request.set_name(name);
  registry::v1::Organisation organisation;
  const auto status =
      registry->Unary("rsnms.registry.v1.Registry/GetOrganisation", request, &organisation,
                      std::min(call.deadline(), absl::Now() + patience), true, &call);
  if (!status.ok()) return status;
  return organisation;
}

}  // namespace

std::string MunicipalityOf(const rpc::Call& call, rpc::Client* registry, const std::string& name) {
  if (registry == nullptr) return "";
  const auto organisation = Ask(call, registry, name, kShortPatience);
  if (!organisation.ok() || organisation->has_delete_time()) return "";
  return organisation->municipality();
}

absl::Status CheckOrganisation(const rpc::Call& call, rpc::Client* registry,
                               const std::string& name, const std::string& municipality) {
  if (name.empty() || municipality.empty()) return absl::OkStatus();
  if (registry == nullptr) return Away("this installation names no such service");
  const auto organisation = Ask(call, registry, name, kPatience);
  if (!organisation.ok() && !absl::IsNotFound(organisation.status())) {
    return Away(absl::StatusCodeToString(organisation.status().code()));
  }
  if (!organisation.ok() || organisation->has_delete_time()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                      "the registry shows no such organisation")
        .Field("organisation", "does not exist", "организация не найдена");
  }
  if (organisation->municipality() == municipality) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_ORGANISATION_ELSEWHERE,
                    "the organisation does not lie in the municipality")
      .Field("municipality", "must be the organisation's", "муниципалитет не тот, где организация");
}

}  // namespace rsnms::programs
