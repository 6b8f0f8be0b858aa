// Whether learners worked where their records say, by what the registry's feed tells.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_EMPLOYMENT_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_EMPLOYMENT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "rsnms/programs/v1/cascade_session.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"

namespace rsnms::programs::employment_store {

// LEARNER_NOT_EMPLOYED unless the learner held a post, of any kind, in the body on some day the
// learning is planned for. Posts are found by every name a merged person had. Who is not known to
// have one is not refused until the registry was read whole: UNAVAILABLE UPSTREAM_UNAVAILABLE, as
// of a site that cannot be asked about.
absl::Status CheckLearner(pg::Tx& tx, const v1::LearningRecord& record);

// The same of everybody who came to a session, on its day; the field path says who.
absl::Status CheckParticipants(pg::Tx& tx, const v1::CascadeSession& session);

}  // namespace rsnms::programs::employment_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_EMPLOYMENT_STORE_H_
