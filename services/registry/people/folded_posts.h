// Employments that stand on both cards of one person: the commonest reason why a duplicate could
// not be merged. While the cards are one, the employment that says less is deleted.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_FOLDED_POSTS_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_FOLDED_POSTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/journal/journal.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/person_merge.pb.h"

namespace rsnms::registry {

// Whether `kept` says all that `folded` says: equal body, category, post and `main`, and for main
// employments dates within its own, for others everything else equal too.
bool SaysAll(const v1::Employment& kept, const v1::Employment& folded);

// Deletes each living employment of one of the two that another of the other says all of, before
// their references become one person's; what was deleted for which.
absl::StatusOr<std::vector<v1::FoldedEmployment>> FoldEmployments(pg::Tx& tx,
                                                                  resource::Engine& engine,
                                                                  const journal::Author& author,
                                                                  const std::string& survivor,
                                                                  const std::string& duplicate);

// After a person left a tree of merges and references went home: employments whose keeper is
// another person's now find another keeper, or come back. `people` are all of the tree, `ended` the
// merge that ends, which is not written. FAILED_PRECONDITION MERGE_CONFLICT when one cannot come
// back.
absl::Status UnfoldEmployments(pg::Tx& tx, resource::Engine& engine, const journal::Author& author,
                               const std::vector<std::string>& people,
                               const v1::PersonMerge& ended);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_FOLDED_POSTS_H_
