// Signatures of certificates: what is signed, by which key, and the code printed beside the number.
//
// Signed is a JWS (RFC 7515): header `{"alg":…,"kid":…,"typ":"rsnms-certificate"}` and, as payload,
// the certificate's public facts in canonical JSON: keys in the order written here, no white space,
// only what never changes, no person. So anybody with the public key verifies it offline, by any
// JOSE library; what is stored is the signature alone, and the text is made again from the record:
// a record that was touched does not verify.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_KEYS_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_KEYS_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/auth/jose.h"
#include "rsnms/programs/v1/certificate.pb.h"

namespace rsnms::programs {

// The `typ` of the signed text.
inline constexpr char kCertificateType[] = "rsnms-certificate";

// The public facts of a certificate: what is signed.
std::string CanonicalCertificate(const v1::Certificate& certificate);

// 100 bits of the signature's hash in Crockford's base 32, five groups of four: nobody guesses it,
// and nobody reads it wrongly.
std::string VerificationCode(std::string_view signature);
// The code as VerificationCode writes it, however a person typed it: case, spaces, hyphens, O for
// 0, I and L for 1.
std::string NormaliseCode(std::string_view typed);

// The key that signs and those that only verify any more. Immutable; thread-safe.
class CertificateKeys {
 public:
  // `private_pem` is an EC P-256 or Ed25519 key; an empty `key_id` stands for its thumbprint (RFC
  // 7638). `former_jwks` is a JWKS of public keys that signed before; may be empty. Published are
  // their public members alone. INVALID_ARGUMENT says what is wrong with which, and never repeats a
  // key: an unusable entry, a private one, two keys with one `kid`.
  static absl::StatusOr<std::shared_ptr<const CertificateKeys>> Create(
      const std::string& private_pem, const std::string& key_id, const std::string& former_jwks);
  // The same from files; an empty name of the second file stands for none.
  static absl::StatusOr<std::shared_ptr<const CertificateKeys>> FromFiles(
      const std::string& private_key_file, const std::string& key_id,
      const std::string& former_jwks_file);

  // Stores key id, signature and code in the certificate.
  absl::Status Sign(v1::Certificate* certificate) const;
  // The stored signature holds for what is stored.
  bool Verify(const v1::Certificate& certificate) const;
  // The signed text. FAILED_PRECONDITION CERTIFICATE_ALTERED when it would not verify.
  absl::StatusOr<std::string> Jws(const v1::Certificate& certificate) const;
  // Public keys, the present one first.
  const std::string& jwks() const { return jwks_; }

 private:
  CertificateKeys() = default;
  std::string Text(const v1::Certificate& certificate, auth::Algorithm algorithm) const;

  auth::PrivateKey key_;
  std::string key_id_, jwks_;
  auth::KeySet public_keys_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_KEYS_H_
