// What records of learning, teams, sessions and acceptances ask of other rows: the engine's
// preparations.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STORE_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/learning_rules.pb.h"

namespace rsnms::programs::learning_store {

using Pending = resource::Engine::Pending;

// The region's rules, complete (settings_rules::Complete).
absl::StatusOr<v1::LearningRules> RulesOf(pg::Tx& tx, const resource::Engine& engine,
                                          std::string_view region);

// Records: a certificate of the academy counts once in a region (ALREADY_EXISTS
// CERTIFICATE_NUMBER_TAKEN); writers of one number wait for each other. When agreed, the learner
// worked in the body (employment_store::CheckLearner). What is agreed, reported or given fits the
// learner's days (day_store::CheckDays).
absl::Status PrepareRecords(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows);

// Trainings of teams: the programme is there and on offer (REFERENCE_NOT_FOUND,
// PROGRAMME_NOT_OFFERED), the team does not learn it already (ALREADY_EXISTS TEAM_LEARNS_ALREADY);
// writers of one team and programme wait for each other. Who is enrolled for a team keeps it from
// being cancelled (team_store::MayCancel).
absl::Status PrepareTeams(pg::Tx& tx, std::vector<Pending>& rows);

// Sessions: the programme is of the cascade (REFERENCE_NOT_FOUND, PROGRAMME_NOT_CASCADE), and the
// leader, wherever they learned, has mastered it by the day (CASCADE_LEADER_NOT_TRAINED,
// OUT_OF_RANGE); the completion is noted.
absl::Status PrepareSessions(pg::Tx& tx, std::vector<Pending>& rows);

// Acceptances: what was learned is there (REFERENCE_NOT_FOUND) and the person's
// (acceptance_rules::TakeFrom); it is asked again when one is handed in or accepted, as it may have
// been taken back (LEARNING_NOT_ACCEPTED). Who takes it back meanwhile waits.
absl::Status PrepareAcceptances(pg::Tx& tx, const resource::Engine& engine,
                                std::vector<Pending>& rows);

}  // namespace rsnms::programs::learning_store

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_STORE_H_
