// What else is taken back with learning, and what keeps it from being taken back.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_TAKING_BACK_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_TAKING_BACK_STORE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/auth/identity.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/cascade_session.pb.h"

namespace rsnms::programs::taking_back_store {

// LEARNING_IN_PRACTICE while something accepted into practice rests on one of the region's records,
// whoever sees it. The caller has locked them: who accepts meanwhile waits, and finds them void.
absl::Status CheckUnused(pg::Tx& tx, std::string_view region, const std::vector<std::string>& ids);

// Makes the accepted records of a session void, with its reason, all or none: SELF_ACCEPTANCE when
// one is the caller's own, LEARNING_IN_PRACTICE.
absl::Status VoidRecordsOf(pg::Tx& tx, const resource::Engine& engine, const auth::Identity& caller,
                           const journal::Author& author, const v1::CascadeSession& session);

}  // namespace rsnms::programs::taking_back_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_TAKING_BACK_STORE_H_
