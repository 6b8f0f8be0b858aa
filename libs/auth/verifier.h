// Verifies bearer tokens: JWT signed ES256, RS256 or EdDSA by a key of the configured JWKS; `none`
// and HMAC are refused.
#ifndef RSNMS_LIBS_AUTH_VERIFIER_H_
#define RSNMS_LIBS_AUTH_VERIFIER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/auth/identity.h"

namespace rsnms::auth {

struct VerifierOptions {
  std::string jwks;  // path of a JWKS file (watched), or http(s):// URL (fetched, cached, kept when
                     // the host is away)
  std::string issuer;              // must equal `iss`
  std::string audience = "rsnms";  // must be among `aud`
  absl::Duration skew = absl::Seconds(60);
  absl::Duration refresh = absl::Minutes(5);
  std::string roles_file;  // deploy/roles.textproto
};

// Thread-safe; verified tokens are cached until they expire.
class Verifier {
 public:
  static absl::StatusOr<std::unique_ptr<Verifier>> Create(VerifierOptions options);
  virtual ~Verifier() = default;
  // `authorization` is the metadata value, `Bearer …`. UNAUTHENTICATED on anything doubtful.
  // The identity is shared with the cache: verifying a known token copies nothing.
  virtual absl::StatusOr<std::shared_ptr<const Identity>> Verify(
      std::string_view authorization) const = 0;
};

// Issues tokens for development, tests and service-to-service calls with a private key (PEM).
struct TokenClaims {
  std::string issuer, audience = "rsnms", subject;
  std::vector<std::string> roles, scopes;
  absl::Duration lifetime = absl::Hours(1);
};
// An empty `key_id` stands for the key's thumbprint (RFC 7638), as `rsnms_token keys` names its
// keys.
absl::StatusOr<std::string> IssueToken(const std::string& private_key_pem,
                                       const std::string& key_id, const TokenClaims& claims);

}  // namespace rsnms::auth

#endif  // RSNMS_LIBS_AUTH_VERIFIER_H_
