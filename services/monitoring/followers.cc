#include "services/monitoring/followers.h"

#include "services/monitoring/known_rows.h"
#include "services/monitoring/projection.h"

namespace rsnms::monitoring {

void Followers::Start(pg::Pool* pool,
                      const absl::btree_map<std::string, std::shared_ptr<rpc::Client>>& clients,
                      observe::Metrics* metrics) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& source : Sources()) {
    feed::ConsumerOptions options;
    options.name = kProjectionName;
    options.source = source;
    options.metrics = metrics;
    for (const std::string& type : TypesOf(source)) options.selector.add_resource_types(type);
    const auto apply = [this](pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
      const auto status = ApplyChanges(tx, changes);
      return status.ok() ? statistics_.Count(tx, changes) : status;
    };
    consumers_[source] =
        feed::Consumer::Start(pool, clients.at(source), options, apply,
                              [source](pg::Tx& tx) { return ResetSource(tx, source); });
  }
}

feed::Consumer* Followers::Find(const std::string& source) const {
  absl::MutexLock lock(&mutex_);
  auto found = consumers_.find(source);
  return found == consumers_.end() ? nullptr : found->second.get();
}

}  // namespace rsnms::monitoring
