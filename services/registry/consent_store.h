// Consents of people, as the areas ask for them before they show or use what goes beyond the tasks
// set by law.
#ifndef RSNMS_SERVICES_REGISTRY_CONSENT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_CONSENT_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/consent.pb.h"

namespace rsnms::registry {

// Those of `persons`, all of one region, who have no consent to the purpose in force on the date.
// Looks past the caller's scope.
absl::StatusOr<std::vector<std::string>> FindWithoutConsent(pg::Tx& tx,
                                                            const std::vector<std::string>& persons,
                                                            v1::ConsentPurpose purpose,
                                                            const google::type::Date& date);

// FAILED_PRECONDITION PURPOSE_NEEDS_CONSENT blaming the field `path`, with the names of those
// without consent in its metadata `persons`.
absl::Status RequireConsents(pg::Tx& tx, const std::vector<std::string>& persons,
                             v1::ConsentPurpose purpose, const google::type::Date& date,
                             std::string_view path);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_CONSENT_STORE_H_
