#include "services/programs/provider_lookup.h"

#include "absl/time/clock.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {

std::function<absl::StatusOr<std::string>(std::string_view region_code, std::string_view inn)>
ProviderLookup(std::shared_ptr<rpc::Client> registry) {
  return [registry](std::string_view region_code,
                    std::string_view inn) -> absl::StatusOr<std::string> {
    registry::v1::ListOrganisationsRequest request;
    request.set_parent(Cat("regions/", region_code));
    request.set_filter(Cat("inn = \"", inn, "\""));
    request.set_page_size(2);
    registry::v1::ListOrganisationsResponse response;
    auto status = registry->Unary("rsnms.registry.v1.Registry/ListOrganisations", request,
                                  &response, absl::Now() + absl::Seconds(5));
    if (!status.ok()) return status;
    return response.organisations_size() == 1 ? response.organisations(0).name() : "";
  };
}

}  // namespace rsnms::programs
