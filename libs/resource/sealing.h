// Keyed hashes and sealed texts, all from the engine's one key.
#ifndef RSNMS_LIBS_RESOURCE_SEALING_H_
#define RSNMS_LIBS_RESOURCE_SEALING_H_

#include <optional>
#include <string>
#include <string_view>

namespace rsnms::resource {

// HMAC-SHA256, 32 bytes.
std::string Hmac(std::string_view key, std::string_view data);

// AES-256-GCM under a key of 32 bytes with a random nonce; `bound` is authenticated but not
// carried. URL-safe base64.
std::string Seal(std::string_view key, std::string_view bound, std::string_view text);
// Nothing when it was sealed under another key, for another `bound`, or was touched.
std::optional<std::string> Unseal(std::string_view key, std::string_view bound,
                                  std::string_view sealed);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_SEALING_H_
