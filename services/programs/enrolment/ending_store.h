// The end of learning: who may say it, and what it takes back when it turns out a mistake.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENDING_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENDING_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/enrolment.pb.h"

namespace rsnms::programs::ending_store {

// The engine's preparation of enrolments: COMPLETED and FAILED are said, and taken back by VOID, by
// who has the programme's provider (where that is no body of the region, the group's) or the whole
// region in scope; without either provider, by whoever sees the enrolment. Never by the learner.
// NOT_THE_PROVIDER, SELF_ACCEPTANCE.
absl::Status CheckRights(pg::Tx& tx, std::vector<resource::Engine::Pending>& rows);

// Takes back the completion of an enrolment that has just become VOID, on its `state_date`; nothing
// when there is none. CERTIFICATE_IN_FORCE while a certificate of it is ISSUED (whoever issues one
// waits for it), LEARNING_IN_PRACTICE while it is accepted into practice.
absl::Status TakeBack(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                      const v1::Enrolment& enrolment);

}  // namespace rsnms::programs::ending_store

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENDING_STORE_H_
