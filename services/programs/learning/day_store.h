// A person's days over all their records.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"

namespace rsnms::programs::day_store {

// Of records that come to take days of their learners, or more of them (agreed, reported, given by
// a session): LEARNING_DAYS_OVERFULL when these cannot hold all that is agreed and accepted by the
// region's daily maximum. Writers of one learner's records wait for each other.
absl::Status CheckDays(pg::Tx& tx, const resource::Engine& engine,
                       std::vector<resource::Engine::Pending>& rows);

}  // namespace rsnms::programs::day_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_STORE_H_
