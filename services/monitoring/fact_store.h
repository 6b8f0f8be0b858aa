// Facts and cube, derived from what is known, set by set and in the caller's transaction.
//
// Both are functions of the known_* tables and of `period`: RefreshFacts after each batch gives
// what RebuildFacts gives from nothing (monitoring_test proves it on random histories). The rules
// of time stand in rsnms/monitoring/v1/fact.proto.
#ifndef RSNMS_SERVICES_MONITORING_FACT_STORE_H_
#define RSNMS_SERVICES_MONITORING_FACT_STORE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "libs/pg/tx.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/monitoring/v1/fact.pb.h"
#include "services/monitoring/known_store.h"

namespace rsnms::monitoring {

// Keeps other batches and rebuilds out until the transaction ends. Take it before reading what
// facts depend on.
absl::Status EnterGate(pg::Tx& tx);

// Computes the facts of the subjects given anew for every open period of their regions and moves
// them in the cube.
absl::Status RefreshFacts(pg::Tx& tx, const Affected& affected);

// Computes facts and cube of one region's period from nothing.
absl::Status RebuildFacts(pg::Tx& tx, const std::string& region_code, int year);

// RebuildFacts of every open period of every region.
absl::Status RebuildAllFacts(pg::Tx& tx);

// Renews the planner's statistics each time the number of changes of some type applied by this
// process has doubled: a first snapshot fills the tables faster than autovacuum looks at them.
// Thread-safe.
class Statistics {
 public:
  // After a batch, in its transaction.
  absl::Status Count(pg::Tx& tx, const std::vector<feed::v1::Change>& changes);

 private:
  struct Growth {
    int64_t changes = 0, due = 500;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Growth> grown_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_FACT_STORE_H_
