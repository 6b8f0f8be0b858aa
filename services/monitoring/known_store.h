// Writes of the tables that hold what is known from the feeds, set by set.
#ifndef RSNMS_SERVICES_MONITORING_KNOWN_STORE_H_
#define RSNMS_SERVICES_MONITORING_KNOWN_STORE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "services/monitoring/known_rows.h"

namespace rsnms::monitoring {

// Subjects as (region code, id).
using SubjectSet = absl::btree_set<std::pair<std::string, std::string>>;

// Subjects whose facts may differ after a write.
struct Affected {
  SubjectSet persons, teams, programmes;
};

// Writes a batch and adds to `affected` every subject whose facts may have changed: whom a row
// spoke of before, whom it speaks of now, and those who stand under a body that moved.
absl::Status WriteKnown(pg::Tx& tx, const KnownBatch& batch, Affected& affected);

// Empties what is known from a source.
absl::Status ForgetSource(pg::Tx& tx, const std::string& source);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_KNOWN_STORE_H_
