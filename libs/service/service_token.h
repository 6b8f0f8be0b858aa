// The bearer token a service calls other services with: issued by itself, renewed before it
// expires.
#ifndef RSNMS_LIBS_SERVICE_SERVICE_TOKEN_H_
#define RSNMS_LIBS_SERVICE_SERVICE_TOKEN_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace rsnms::service {

// `key_file` holds a PEM private key whose public half the JWKS knows as `key_id`. The token names
// `service:<name>` with role `service` and every scope. The function is thread-safe; it answers
// the last token when a new one cannot be made. INVALID_ARGUMENT when the key does not sign.
absl::StatusOr<std::function<std::string()>> ServiceToken(const std::string& service,
                                                          const std::string& key_file,
                                                          const std::string& key_id,
                                                          const std::string& issuer);

}  // namespace rsnms::service

#endif  // RSNMS_LIBS_SERVICE_SERVICE_TOKEN_H_
