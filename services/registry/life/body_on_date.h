// Bodies and posts on a date, as they are known now or were known at a moment.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_BODY_ON_DATE_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_BODY_ON_DATE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/organisation_life.pb.h"

namespace rsnms::registry {

// NOT_FOUND, FAILED_PRECONDITION HISTORY_PRUNED.
absl::Status ReadBodyOn(pg::Tx& tx, const resource::Engine& engine,
                        const v1::GetOrganisationAsOfRequest& request,
                        v1::OrganisationAsOf* response);

// FAILED_PRECONDITION HISTORY_PRUNED.
absl::Status ReadEmploymentsOn(pg::Tx& tx, const resource::Engine& engine,
                               const v1::ListEmploymentsAsOfRequest& request,
                               v1::ListEmploymentsAsOfResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_BODY_ON_DATE_H_
