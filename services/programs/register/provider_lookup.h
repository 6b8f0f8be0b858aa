// Finds which body of a region stands behind a provider of the federal register, by asking the
// registry.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_PROVIDER_LOOKUP_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_PROVIDER_LOOKUP_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/rpc/client.h"
#include "rsnms/federal/v1/programme_register.pb.h"

namespace rsnms::programs {

// Answers the name of the one organisation with the provider's ИНН, else of the one with its title;
// empty when the region has none, or several.
std::function<absl::StatusOr<std::string>(std::string_view region_code,
                                          const federal::v1::Provider& provider)>
ProviderLookup(std::shared_ptr<rpc::Client> registry);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_PROVIDER_LOOKUP_H_
