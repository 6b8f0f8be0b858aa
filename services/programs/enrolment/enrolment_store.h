// Writes of many enrolments and completions at once, inside the caller's transaction.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_STORE_H_

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "rsnms/programs/v1/programs.pb.h"

namespace rsnms::programs::enrolment_store {

// The engine's preparation of enrolments: refuses new ones whose programme is absent
// (REFERENCE_NOT_FOUND), not on offer (PROGRAMME_NOT_OFFERED), or in which the person
// already learns (ALREADY_ENROLLED).
absl::Status CheckProgrammes(pg::Tx& tx, std::vector<resource::Engine::Pending>& rows);

// The rows a batch asks for: ids made where there are none, the initial state set. INVALID_NAME for
// a name of another region or one given twice; INVALID_STATE for an initial state that is not
// living.
absl::StatusOr<std::vector<v1::Enrolment>> Prepare(const v1::BatchCreateEnrolmentsRequest& request,
                                                   std::string_view region_code, absl::Time now);

// Inserts the rows and answers them as stored, in their order. ALREADY_EXISTS when a name is in
// use.
absl::Status CreateAll(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                       std::vector<v1::Enrolment>& rows,
                       v1::BatchCreateEnrolmentsResponse* response);

// Completes the enrolments of one region and answers the completions in the requests' order. An
// error names the element it is about when `batch`.
struct Completing {
  std::string_view region_code;
  absl::Span<const v1::CompleteEnrolmentRequest* const> requests;
  absl::Time now;
  bool batch = false;
};
absl::StatusOr<std::vector<v1::Completion>> CompleteAll(const resource::Engine& engine, pg::Tx& tx,
                                                        const journal::Author& author,
                                                        const Completing& completing);

}  // namespace rsnms::programs::enrolment_store

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_ENROLMENT_STORE_H_
