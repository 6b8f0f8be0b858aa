// What becomes of a package: receipts, cancellation.
#ifndef RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_RECEIPTS_H_
#define RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_RECEIPTS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/programs/v1/frdo.pb.h"

namespace rsnms::programs {

// The register's words with what could be somebody's number or address blotted out: it quotes the
// values it rejects. Names cannot be told from other words.
std::string WithoutPersonal(std::string_view words);

// CancelFrdoPackage: rows without a receipt become CANCELLED with their package.
absl::Status CancelPackage(resource::Engine& engine, rpc::Call& call,
                           const v1::CancelFrdoPackageRequest& request, v1::FrdoPackage* response);

// RecordFrdoReceipts.
absl::Status RecordReceipts(resource::Engine& engine, rpc::Call& call,
                            const v1::RecordFrdoReceiptsRequest& request, absl::Time now,
                            v1::FrdoPackage* response);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CERTIFICATES_FRDO_RECEIPTS_H_
