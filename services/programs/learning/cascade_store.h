// What a held session of the cascade gives.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_STORE_H_

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/cascade_session.pb.h"

namespace rsnms::programs::cascade_store {

// Gives each participant an accepted record, with the competencies the programme covers.
// NOBODY_CAME and those of cascade_rules::CheckParticipants; OUT_OF_RANGE for a day before the
// leader's completion or after `latest`; LEARNER_NOT_EMPLOYED for whoever did not work in the body
// that day, LEARNING_DAYS_OVERFULL for whose day cannot hold it.
absl::Status Hold(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                  const v1::CascadeSession& session, absl::CivilDay latest);

}  // namespace rsnms::programs::cascade_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_STORE_H_
