// Whose scope a call comes with, and the refusal of those it must not.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_SCOPES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_SCOPES_H_

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"

namespace rsnms::programs {

// Whether the scope itself was granted, not one that holds it.
inline bool HasScope(const rpc::Call& call, const std::string& scope) {
  const auto& scopes = call.identity().scopes;
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

inline absl::Status Denied(std::string_view text) {
  return rpc::Error(absl::StatusCode::kPermissionDenied,
                    options::v1::COMMON_REASON_PERMISSION_DENIED, text);
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_SCOPES_H_
