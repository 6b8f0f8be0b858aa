// Misprints put right: what was wrong from the beginning, unlike what changed on a day.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/organisation_life.pb.h"

namespace rsnms::registry {

// Writes the right values into `body`, locked by the transaction. FAILED_PRECONDITION
// ORGANISATION_CLOSED, NOT_APPORTIONED.
absl::Status Correct(pg::Tx& tx, const resource::Engine& engine,
                     const v1::CorrectOrganisationRequest& request, v1::Organisation* body);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_
