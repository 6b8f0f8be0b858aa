#include "services/programs/register/provider_lookup.h"

#include "absl/time/clock.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

// A string literal of AIP-160.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '*') return "\"\"";  // matches nothing
    quoted += c;
  }
  return quoted + "\"";
}

absl::StatusOr<std::string> FindOne(rpc::Client& registry, std::string_view region_code,
                                    const std::string& filter) {
  registry::v1::ListOrganisationsRequest request;
  request.set_parent(Cat("regions/", region_code));
  request.set_filter(filter);
  request.set_page_size(2);
  registry::v1::ListOrganisationsResponse response;
  auto status = registry.Unary("rsnms.registry.v1.Registry/ListOrganisations", request, &response,
                               absl::Now() + absl::Seconds(5));
  if (!status.ok()) return status;
  return response.organisations_size() == 1 ? response.organisations(0).name() : "";
}

}  // namespace

std::function<absl::StatusOr<std::string>(std::string_view region_code,
                                          const federal::v1::Provider& provider)>
ProviderLookup(std::shared_ptr<rpc::Client> registry) {
  return [registry](std::string_view region_code,
                    const federal::v1::Provider& provider) -> absl::StatusOr<std::string> {
    if (!provider.inn().empty()) {
      auto found = FindOne(*registry, region_code, Cat("inn = ", Quoted(provider.inn())));
      if (!found.ok() || !found->empty()) return found;
    }
    return FindOne(*registry, region_code, Cat("official_name = ", Quoted(provider.title())));
  };
}

}  // namespace rsnms::programs
