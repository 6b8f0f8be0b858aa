// Misprints put right: what was wrong from the beginning, unlike what changed on a day.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_

#include "absl/status/status.h"
#include "rsnms/registry/v1/organisation_life.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

// Writes the right values into `body`, locked by the transaction. FAILED_PRECONDITION
// ORGANISATION_CLOSED, NOT_APPORTIONED, CHANGE_OUT_OF_ORDER.
absl::Status Correct(Ledger& ledger, const v1::CorrectOrganisationRequest& request,
                     v1::Organisation* body);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_CORRECTION_H_
