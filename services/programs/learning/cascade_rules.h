// What must hold inside one session of the cascade, and what a held one gives. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/cascade_session.pb.h"

namespace rsnms::programs::cascade_rules {

// The rule of every write: LEARNING_FROZEN, REPEATED_PARTICIPANT, LEADER_PARTICIPATES.
absl::Status Check(resource::Change change, const v1::CascadeSession* before,
                   v1::CascadeSession* after);

// Each once, none of them the leader: REPEATED_PARTICIPANT, LEADER_PARTICIPATES.
absl::Status CheckParticipants(const v1::CascadeSession& session);

}  // namespace rsnms::programs::cascade_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_CASCADE_RULES_H_
