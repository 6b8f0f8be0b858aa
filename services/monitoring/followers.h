// Follows the change feeds of registry, diagnostics and programs.
#ifndef RSNMS_SERVICES_MONITORING_FOLLOWERS_H_
#define RSNMS_SERVICES_MONITORING_FOLLOWERS_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/synchronization/mutex.h"
#include "libs/feed/consumer.h"
#include "libs/pg/pool.h"
#include "libs/rpc/client.h"
#include "services/monitoring/fact_store.h"

namespace rsnms::monitoring {

// The consumers of this replica. Thread-safe: methods may ask while they are not yet started.
class Followers {
 public:
  // Follows every source of Sources(). `clients` are called by their source's name. Once. `metrics`
  // get the lag of each.
  void Start(pg::Pool* pool,
             const absl::btree_map<std::string, std::shared_ptr<rpc::Client>>& clients,
             observe::Metrics* metrics = nullptr);
  // Null for a source that is not followed, or not yet.
  feed::Consumer* Find(const std::string& source) const;
  // Waits until the projection holds every change the source had committed by `moment`, sealed or
  // not yet. DEADLINE_EXCEEDED; UNAVAILABLE when the source is away or not followed.
  absl::Status CatchUp(const std::string& source, absl::Time moment, absl::Time until) const;

 private:
  Statistics statistics_;
  mutable absl::Mutex mutex_;
  absl::btree_map<std::string, std::unique_ptr<feed::Consumer>> consumers_ ABSL_GUARDED_BY(mutex_);
  absl::btree_map<std::string, std::shared_ptr<rpc::Client>> clients_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_FOLLOWERS_H_
