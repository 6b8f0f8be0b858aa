// What a new certificate takes from other rows, and who else has its number.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_STORE_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "services/programs/certificates/certificate_keys.h"

namespace rsnms::programs::certificate_store {

// Completes and signs certificates about to be created; leaves others alone. Without keys nothing
// is issued (CERTIFICATE_KEY_MISSING). Writers of one number, and of one completion's first
// document, wait for each other, so that all but one are told whose it is.
resource::Engine::Preparation IssueBy(const resource::Engine& engine,
                                      std::shared_ptr<const CertificateKeys> keys,
                                      std::function<absl::Time()> now);

// Makes whoever issues for one of the completions, or under one of the numbers, wait until the
// transaction ends: taken all at once and in one order, so that two batches never wait for each
// other. Says nothing of whether anything may be issued.
absl::Status Hold(pg::Tx& tx, std::string_view region_code,
                  const google::protobuf::RepeatedPtrField<v1::Certificate>& certificates);

// The certificate in force with this code, whatever the caller's scope; without a name when there
// is none. For VerifyCertificate alone.
absl::StatusOr<v1::Certificate> FindByCode(const resource::Engine& engine, pg::Tx& tx,
                                           std::string_view region_code, std::string_view code);

}  // namespace rsnms::programs::certificate_store

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_CERTIFICATE_STORE_H_
