// Teams beside enrolments and completions of their members.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/programs/v1/team_training.pb.h"
#include "services/programs/learning/team_rules.h"

namespace rsnms::programs::team_store {

// The members, the leader first and each once, with who mastered the programme until `day`,
// wherever they learned it. Names of enrolments are those the transaction's scopes show.
absl::StatusOr<std::vector<v1::TeamMemberProgress>> Members(pg::Tx& tx,
                                                            const v1::TeamTraining& training,
                                                            absl::CivilDay day);

// What the rule of the region asks about.
team_rules::Progress Count(const std::vector<v1::TeamMemberProgress>& members);

// TEAM_HAS_LEARNERS while people EnrolTeam enrolled apply or learn, in whatever group by now; what
// members have by themselves does not matter. The training is locked, so nobody is enrolled
// meanwhile. Whole region in scope.
absl::Status MayCancel(pg::Tx& tx, const v1::TeamTraining& training);

// Enrols members in the group, all or none (EnrolTeam).
absl::Status Enrol(resource::Engine& engine, rpc::Call& call, const v1::EnrolTeamRequest& request,
                   absl::Time now, v1::EnrolTeamResponse* response);

}  // namespace rsnms::programs::team_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_STORE_H_
