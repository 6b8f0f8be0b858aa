// Finds which body of a region stands behind a provider of the federal register, by asking the registry.
#ifndef RSNMS_SERVICES_PROGRAMS_PROVIDER_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_PROVIDER_LOOKUP_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/rpc/client.h"

namespace rsnms::programs {

// Answers the organisation's name by ИНН; empty when the region has none, or more than one, with it.
std::function<absl::StatusOr<std::string>(std::string_view region_code, std::string_view inn)>
ProviderLookup(std::shared_ptr<rpc::Client> registry);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_PROVIDER_LOOKUP_H_
