// What selection reads.
#ifndef RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/pg/tx.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::selection_store {

using Selections = google::protobuf::RepeatedPtrField<v1::ProgrammeSelection>;

// The programmes on offer, in the transaction's scopes, that any of the selections can find: a
// Catalogue of them answers each as one of all programmes does. Of each only what Catalogue looks
// at, and of its competencies those wanted.
absl::StatusOr<std::vector<v1::Programme>> ReadCandidates(pg::Tx& tx, const std::string& region,
                                                          const Selections& selections);

}  // namespace rsnms::programs::selection_store

#endif  // RSNMS_SERVICES_PROGRAMS_SELECTION_SELECTION_STORE_H_
