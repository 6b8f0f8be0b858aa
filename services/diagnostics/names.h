// Names of this service's resources: taking them apart, and ids that follow from what they
// identify.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_NAMES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_NAMES_H_

#include <string>
#include <string_view>

namespace rsnms::diagnostics {

// `regions/86/routes/x` -> `86`; `regions/86` -> `86`; empty when the text is neither.
std::string_view RegionOf(std::string_view name);
// `regions/86/routes/x` -> `x`; empty when there is no id.
std::string_view IdOf(std::string_view name);

// One person, one instrument, one campaign: the same three names give the same session, so that a
// repeated start or submission meets what is stored. A UUID of version 8 over SHA-256 (RFC 9562).
std::string SessionName(std::string_view region, std::string_view campaign,
                        std::string_view instrument, std::string_view person);
// The result of a session has the session's id.
std::string ResultName(std::string_view session);
// One route per result, with the result's id.
std::string RouteName(std::string_view result);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_NAMES_H_
