// SQL on posts and on management teams: the periods that must not overlap, and the numbers of
// educators.
#ifndef RSNMS_SERVICES_REGISTRY_EMPLOYMENT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_EMPLOYMENT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// Periods of the living main employments of these people: key is the person's name, id the
// employment's.
absl::StatusOr<PeriodBook> ReadMainPeriods(pg::Tx& tx, const std::vector<std::string>& persons);

// Periods of the living teams of these bodies: key is the organisation's name, id the team's.
absl::StatusOr<PeriodBook> ReadTeamPeriods(pg::Tx& tx,
                                           const std::vector<std::string>& organisations);

absl::Status CountEducators(pg::Tx& tx, const v1::CountEducatorsRequest& request,
                            v1::CountEducatorsResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EMPLOYMENT_STORE_H_
