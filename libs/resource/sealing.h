// Keyed hashes and sealed texts, and the keys for them: all derived here from the one secret of an
// installation.
#ifndef RSNMS_LIBS_RESOURCE_SEALING_H_
#define RSNMS_LIBS_RESOURCE_SEALING_H_

#include <optional>
#include <string>
#include <string_view>

namespace rsnms::resource {

// What a key is for. No two purposes share a key, and the secret itself keys nothing.
enum class KeyPurpose {
  kPageTokens,      // of the engine's lists
  kRequestHashes,   // of request_log
  kSnapshotTokens,  // of feed snapshots
  kReportPages,     // of the lists of reports, which are not resources
};
// The secret of an installation has this size, and so have the keys derived from it.
inline constexpr size_t kSecretBytes = 32;
// HMAC-SHA256 of the purpose's label under the secret. The labels never change: tokens in flight
// and stored hashes outlive a release.
std::string DeriveKey(std::string_view secret, KeyPurpose purpose);

// HMAC-SHA256, 32 bytes.
std::string Hmac(std::string_view key, std::string_view data);

// AES-256-GCM under a key of 32 bytes with a random nonce; `bound` is authenticated but not
// carried. URL-safe base64.
std::string Seal(std::string_view key, std::string_view bound, std::string_view text);
// Nothing when it was sealed under another key, for another `bound`, or was touched.
std::optional<std::string> Unseal(std::string_view key, std::string_view bound,
                                  std::string_view sealed);

// The same as bytes: nonce, tag, cipher text.
std::string SealBytes(std::string_view key, std::string_view bound, std::string_view text);
std::optional<std::string> UnsealBytes(std::string_view key, std::string_view bound,
                                       std::string_view sealed);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_SEALING_H_
