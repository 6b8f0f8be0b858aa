// Checks detached signatures of passports. Pure.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_SIGNATURE_H_
#define RSNMS_TOOLS_FEDERAL_SIM_SIGNATURE_H_

#include <string_view>

#include "rsnms/federal/v1/passport_exchange.pb.h"

namespace rsnms::federal_sim {

// True when the signature over `payload` verifies by the key it carries. Ed25519 and ECDSA P-256;
// anything else, a missing key included, does not verify.
bool Verifies(const federal::v1::DetachedSignature& signature, std::string_view payload);

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_SIGNATURE_H_
