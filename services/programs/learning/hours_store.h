// Corporate hours: accepted records and the registry's trainings, added up by person.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_HOURS_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_HOURS_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "rsnms/programs/v1/corporate_hours.pb.h"
#include "rsnms/programs/v1/learning_rules.pb.h"

namespace rsnms::programs::hours_store {

// Columns of a page's key.
inline constexpr size_t kKeyColumns = 1;

// At most `limit` people after the person of the id `after`, in the order of their ids. Of the
// bodies in the transaction's scopes, not of those that host or lead them; `rules` are complete.
// `person` alone, unless that is empty. What is to come after `today` does not count yet.
absl::StatusOr<std::vector<v1::CorporateHours>> Read(pg::Tx& tx,
                                                     const v1::ListCorporateHoursRequest& request,
                                                     const v1::LearningRules& rules,
                                                     const std::string& person,
                                                     const std::optional<std::string>& after,
                                                     int limit, absl::CivilDay today);

// What is lacking of somebody with these hours. Sets the sum, the minimum and the rest.
void Conclude(int minimum, v1::CorporateHours* hours);

}  // namespace rsnms::programs::hours_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_HOURS_STORE_H_
