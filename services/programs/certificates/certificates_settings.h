// What the room needs of the process it runs in: keys, the registry, the hashing key.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_SETTINGS_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_SETTINGS_H_

#include "libs/service/host.h"
#include "services/programs/certificates/certificates.h"

namespace rsnms::programs {

// From the environment, beside the host's own settings: RSNMS_CERTIFICATE_KEY, a PEM file with the
// EC P-256 or Ed25519 key that signs certificates and nothing else: they outlive tokens;
// RSNMS_CERTIFICATE_KEY_ID (by default its thumbprint); RSNMS_CERTIFICATE_FORMER_KEYS, a JWKS file
// of public keys that signed before. INVALID_ARGUMENT when keys were named and cannot serve: the
// process must not start, it would publish or drop what nobody meant. With none named, or
// without the registry as an upstream, what needs them is refused and all else works; a warning
// says that no key is named.
absl::StatusOr<CertificatesOptions> CertificatesSettings(const service::Host& host);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATES_SETTINGS_H_
