// The background thread that carries living RegisterSync runs to their end, after a restart from
// where they stood.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/programs/register/register_mirror.h"
#include "services/programs/waking_thread.h"

namespace rsnms::programs {

class SyncWorker {
 public:
  // Rests until Start(). `poll` finds the runs other replicas were asked to start.
  SyncWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal, MirrorOptions options,
             absl::Duration poll = absl::Seconds(2));

  // Begins to work, once the engine was checked against the schema.
  void Start() {
    thread_.Start([this] { return Round(); });
  }

  // A run was started, confirmed or cancelled. Cheap, never blocks.
  void Wake() { thread_.Wake(); }

 private:
  // One step of each living run that is not backing off; how long to rest afterwards.
  absl::Duration Round();

  RegisterMirror mirror_;
  const absl::Duration poll_;
  absl::flat_hash_map<std::string, absl::Time> rest_until_;  // by run; the loop's own
  WakingThread thread_;                                      // last: ends first
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_
