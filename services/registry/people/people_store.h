// SQL on what is recorded about people.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/consent.pb.h"

namespace rsnms::registry {

// The consent in force for a purpose on a date; empty when there is none.
absl::StatusOr<std::string> FindConsent(pg::Tx& tx, const std::string& person,
                                        v1::ConsentPurpose purpose, const google::type::Date& date);

// For every method that processes personal data beyond the tasks set by law: FAILED_PRECONDITION
// PURPOSE_NEEDS_CONSENT, blaming the field `path`, when the purpose needs a consent and none is in
// force on the date.
absl::Status RequireConsent(pg::Tx& tx, const std::string& person, v1::ConsentPurpose purpose,
                            const google::type::Date& date, std::string_view path);

// Whether the person holds the highest category on a date.
absl::StatusOr<bool> HoldsHighest(pg::Tx& tx, const std::string& person,
                                  const google::type::Date& date);

// Hours of corporate training that ended between two days, both included.
absl::StatusOr<int64_t> CorporateHours(pg::Tx& tx, const std::string& person, absl::CivilDay first,
                                       absl::CivilDay last);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_STORE_H_
