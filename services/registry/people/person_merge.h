// Merging of duplicate people and its undoing, each in the caller's transaction.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PERSON_MERGE_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PERSON_MERGE_H_

#include "absl/status/status.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/person_merge.pb.h"

namespace rsnms::registry {

// Merges of one region wait for each other. FAILED_PRECONDITION PERSON_DELETED, PERSON_MERGED,
// MERGE_CONFLICT; ABORTED ETAG_MISMATCH; NOT_FOUND.
absl::Status MergePeople(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                         const v1::MergePersonsRequest& request, v1::PersonMerge* merge);

// FAILED_PRECONDITION NOT_MERGED, MERGE_CONFLICT; ALREADY_EXISTS when somebody has the СНИЛС.
absl::Status UnmergePeople(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                           const v1::UnmergePersonsRequest& request, v1::PersonMerge* merge);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PERSON_MERGE_H_
