#include "services/monitoring/followers.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/projection.h"

namespace rsnms::monitoring {

namespace {
// Within this a working sealer looks at its journal, committed changes or none.
constexpr absl::Duration kSealerStep = absl::Milliseconds(200);
}  // namespace

void Followers::Start(pg::Pool* pool,
                      const absl::btree_map<std::string, std::shared_ptr<rpc::Client>>& clients,
                      observe::Metrics* metrics) {
  absl::MutexLock lock(&mutex_);
  clients_ = clients;
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

absl::Status Followers::CatchUp(const std::string& source, absl::Time moment,
                                absl::Time until) const {
  feed::Consumer* const consumer = Find(source);
  if (consumer == nullptr) return absl::UnavailableError("the source is not followed");
  std::shared_ptr<rpc::Client> client;
  {
    absl::MutexLock lock(&mutex_);
    client = clients_.at(source);
  }
  while (absl::Now() < until) {
    feed::v1::FeedState state;
    auto asked = client->Unary("rsnms.feed.v1.ChangeFeed/GetFeedState",
                               feed::v1::GetFeedStateRequest(), &state, until);
    if (!asked.ok()) return asked;
    // The state is as old as the sealer's last step. The oldest change it has not sealed was
    // committed after `moment`: all that was committed by then is sealed.
    if (absl::Now() - kSealerStep - absl::Milliseconds(state.lag_millis()) >= moment) {
      return consumer->CatchUp(std::max(until - absl::Now(), absl::ZeroDuration()));
    }
    absl::SleepFor(kSealerStep / 10);
  }
  return absl::DeadlineExceededError("the source has not sealed in time");
}

feed::Consumer* Followers::Find(const std::string& source) const {
  absl::MutexLock lock(&mutex_);
  auto found = consumers_.find(source);
  return found == consumers_.end() ? nullptr : found->second.get();
}

}  // namespace rsnms::monitoring
