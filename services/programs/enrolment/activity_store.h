// The last day each learner was seen learning.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_ACTIVITY_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_ACTIVITY_STORE_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/training_service.pb.h"

namespace rsnms::programs::activity_store {

// Moves the days on, all or none; answers how many moved. Errors name the element: INVALID_NAME,
// NOT_FOUND, INVALID_STATE, OUT_OF_RANGE.
absl::StatusOr<int> Record(pg::Tx& tx, const resource::Engine& engine,
                           const journal::Author& author, const v1::RecordActivityRequest& request,
                           absl::Time now);

}  // namespace rsnms::programs::activity_store

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_ACTIVITY_STORE_H_
