// Certificates on the command line: the signed text, its verification offline, the public keys.
#ifndef RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_H_
#define RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

struct CertificateOptions {
  std::string name;  // `regions/86/certificates/…`
  std::string region, series, number, code;
  std::string file;  // of the signed text
  std::string keys;  // JWKS file
  std::string out;   // where to write; empty: to the screen
};

// Writes the certificate's signed text.
absl::Status SaveSignedCertificate(Session& session, const CertificateOptions& options);
// Writes the public keys as a JWKS.
absl::Status SaveCertificateKeys(Session& session, const CertificateOptions& options);
// Asks the service whether a document with this number and code is in force.
absl::Status CheckCertificate(Session& session, const CertificateOptions& options);

// Verifies the signed text in a file with the keys in another, without any service, and answers the
// facts it states (canonical JSON). INVALID_ARGUMENT, in Russian, when the signature does not hold.
absl::StatusOr<std::string> VerifyCertificateFile(const std::string& file, const std::string& keys);
// The same, and shows the facts.
absl::Status VerifyCertificate(const CertificateOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_CERTIFICATE_H_
