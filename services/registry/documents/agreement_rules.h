// What must hold inside one agreement. Pure: images in, status out.
#ifndef RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_RULES_H_
#define RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_RULES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/agreement.pb.h"

namespace rsnms::registry::documents {

// Last day of the term as it stands; none when it is open.
std::optional<absl::CivilDay> LastDay(const v1::Agreement& agreement);

// RECORD_FROZEN outside DRAFT; PARTIES_UNFIT, NOT_A_PARTY (an obligation of somebody else),
// END_BEFORE_START; TERM_NOT_OVER, DATES_OUT_OF_ORDER. Derives `organisations`; a draft holds no
// signatures.
absl::Status CheckAgreement(resource::Change change, const v1::Agreement* before,
                            v1::Agreement* after);

// Adds the signature of a party named so on that day; SIGNED with the last one. INVALID_ARGUMENT
// NOT_A_PARTY; FAILED_PRECONDITION PARTY_SIGNED_ALREADY.
absl::Status Sign(const std::string& organisation, const std::string& official_name,
                  const google::type::Date& date, v1::Agreement* agreement);

}  // namespace rsnms::registry::documents

#endif  // RSNMS_SERVICES_REGISTRY_DOCUMENTS_AGREEMENT_RULES_H_
