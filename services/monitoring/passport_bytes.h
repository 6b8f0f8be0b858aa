// Canonical bytes of a passport, their hash and their signature.
//
// The bytes are UTF-8 JSON without white space, keys in the order written here, strings escaped
// only where JSON demands it (control characters as \u00xx), numbers as the strings they are kept
// in. They hold what the passport says and no times of writing, ids or names of machines: the same
// data at the same watermark gives the same bytes on any node.
#ifndef RSNMS_SERVICES_MONITORING_PASSPORT_BYTES_H_
#define RSNMS_SERVICES_MONITORING_PASSPORT_BYTES_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"
#include "rsnms/monitoring/v1/passport.pb.h"

namespace rsnms::monitoring {

std::string CanonicalPassport(const v1::Passport& passport);
// Canonical bytes of one block, as they stand inside the passport's.
std::string CanonicalBlock(const v1::PassportBlock& block);

// Lower-case hexadecimal.
std::string Sha256Hex(const std::string& bytes);
// The submission of these bytes as this passport's revision: a UUID made from the hash of the three
// (RFC 9562, version 8).
std::string SubmissionId(const v1::Passport& passport);

// Holds a private key; thread-safe.
class Signer {
 public:
  // PEM file with an Ed25519 or EC P-256 private key. FAILED_PRECONDITION SIGNING_KEY_MISSING
  // otherwise.
  static absl::StatusOr<std::unique_ptr<Signer>> FromFile(const std::string& path);
  virtual ~Signer() = default;

  // Detached signature, raw (Ed25519) or DER (ECDSA).
  virtual absl::StatusOr<std::string> Sign(const std::string& bytes) const = 0;
  // SubjectPublicKeyInfo, DER.
  virtual const std::string& public_key() const = 0;
};

// How a public key (SubjectPublicKeyInfo, DER) signs; UNSPECIFIED when it is neither of the two.
federal::v1::SignatureAlgorithm AlgorithmOf(const std::string& public_key);
// True when the signature over the bytes holds.
bool VerifySignature(const std::string& public_key, const std::string& bytes,
                     const std::string& signature);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PASSPORT_BYTES_H_
