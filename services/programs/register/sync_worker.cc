#include "services/programs/register/sync_worker.h"

#include <algorithm>
#include <utility>

#include "libs/observe/log.h"

namespace rsnms::programs {

SyncWorker::SyncWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                       MirrorOptions options, absl::Duration poll)
    : mirror_(engine, std::move(federal), std::move(options)), poll_(poll) {}

absl::Duration SyncWorker::Round() {
  auto living = mirror_.Living();
  if (!living.ok()) return poll_;
  const absl::Time now = absl::Now();
  absl::Duration rest = poll_;
  absl::flat_hash_map<std::string, absl::Time> rest_until;
  for (const v1::RegisterSync& sync : *living) {
    absl::Time& until = rest_until[sync.name()];
    if (auto it = rest_until_.find(sync.name()); it != rest_until_.end()) until = it->second;
    if (until <= now) {
      auto delay = mirror_.Step(sync);
      if (!delay.ok()) {
        observe::LogWarning(
            "a step of the register's mirror failed",
            {{"register_sync", sync.name()}, {"status", delay.status().ToString()}});
      }
      until = absl::Now() + (delay.ok() ? *delay : poll_);
    }
    rest = std::min(rest, std::max(until - absl::Now(), absl::ZeroDuration()));
  }
  rest_until_ = std::move(rest_until);
  return rest;
}

}  // namespace rsnms::programs
