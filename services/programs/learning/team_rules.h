// What must hold inside one training of a team, and when a team counts as trained. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_RULES_H_

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/learning_rules.pb.h"
#include "rsnms/programs/v1/team_training.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"

namespace rsnms::programs::team_rules {

// The rule of every write. `latest` is the last day that has begun anywhere in Russia.
// LEARNING_FROZEN for what people change after the start, or delete once it began; OUT_OF_RANGE for
// a start to come, and for a completion before the start or to come.
absl::Status Check(resource::Change change, const v1::TeamTraining* before, v1::TeamTraining* after,
                   absl::CivilDay latest);

// Whether the team, as the registry has it, may begin the training on its first day; null when the
// registry has none: TEAM_UNFIT. Freezes its members.
absl::Status TakeMembers(const registry::v1::ManagementTeam* team, v1::TeamTraining* training);

// How many more members must master the programme before the team counts as trained: 0 when it
// does. LEADER asks for the leader alone; HALF for as many as make twice their number reach that of
// the members; ALL for all. An unspecified rule is HALF. A team without members is never trained.
struct Progress {
  int members = 0, completed = 0;
  bool leader_completed = false;
};
int Lacking(v1::TeamRule rule, const Progress& progress);

}  // namespace rsnms::programs::team_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_TEAM_RULES_H_
