// The few pieces of JOSE we need: base64url, JWKS, signatures (RFC 7515, 7517, 7518, 8037).
#ifndef RSNMS_LIBS_AUTH_JOSE_H_
#define RSNMS_LIBS_AUTH_JOSE_H_

#include <openssl/evp.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rsnms::auth {

// The allow-list. `none` and HMAC are not on it.
enum class Algorithm { kEs256, kRs256, kEdDsa };
// `ES256`, `RS256`, `EdDSA`.
const char* AlgorithmName(Algorithm algorithm);
std::optional<Algorithm> AlgorithmByName(std::string_view name);

std::string Base64Url(std::string_view bytes);
// Strict: no padding, no white space, no stray bits.
std::optional<std::string> FromBase64Url(std::string_view text);

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyDeleter>;

// A key and the only algorithm it may be used with: a token cannot choose another.
struct PublicKey {
  Algorithm algorithm;
  Key key;
};

// Public keys by `kid`.
using KeySet = std::map<std::string, PublicKey, std::less<>>;

// Takes the usable keys of a JWKS: P-256, RSA of at least 2048 bits, Ed25519, meant for signatures.
// Others are passed over. INVALID_ARGUMENT when none is left.
absl::StatusOr<KeySet> ParseJwks(std::string_view json);

bool VerifySignature(const PublicKey& key, std::string_view text, std::string_view signature);

// A private key from PEM. INVALID_ARGUMENT when it is none, or of no allowed type.
struct PrivateKey {
  Algorithm algorithm;
  Key key;
};
absl::StatusOr<PrivateKey> ParsePrivateKey(const std::string& pem);
absl::StatusOr<std::string> Sign(const PrivateKey& key, std::string_view text);

// `header` and `claims` are JSON texts; the result is `header.claims.signature`.
absl::StatusOr<std::string> SignToken(const PrivateKey& key, std::string_view header,
                                      std::string_view claims);

// The JWK thumbprint (RFC 7638): the key id of keys that were given none.
std::string Thumbprint(const PrivateKey& key);

// The public half as a JWK named `key_id`, meant for signatures.
std::string PublicJwk(const PrivateKey& key, const std::string& key_id);

// The payload of a compact JWS (`header.payload.signature`) whose header says `typ` = `type` and
// which a key of the set signed, by that key's algorithm. INVALID_ARGUMENT otherwise.
absl::StatusOr<std::string> OpenJws(const KeySet& keys, std::string_view jws,
                                    std::string_view type);

// A new key pair for development and tests: the private key as PEM, the public one as a JWK.
struct KeyPair {
  std::string private_pem;
  std::string jwk;
};
// An empty `key_id` becomes the thumbprint.
absl::StatusOr<KeyPair> GenerateKey(Algorithm algorithm, const std::string& key_id);

}  // namespace rsnms::auth

#endif  // RSNMS_LIBS_AUTH_JOSE_H_
