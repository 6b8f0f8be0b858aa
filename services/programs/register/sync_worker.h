// The background thread that carries living RegisterSync runs to their end, after a restart from
// where they stood.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {

class SyncWorker {
 public:
  // Rests until Start(). `poll` finds the runs other replicas were asked to start.
  SyncWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal, MirrorOptions options,
             absl::Duration poll = absl::Seconds(2));
  // Ends after the present step.
  ~SyncWorker();

  // Begins to work, once the engine was checked against the schema.
  void Start();

  // A run was started, confirmed or cancelled. Cheap, never blocks.
  void Wake();

 private:
  void Loop();
  // One step of each living run that is not backing off; how long to rest afterwards.
  absl::Duration Round();

  RegisterMirror mirror_;
  const absl::Duration poll_;
  absl::flat_hash_map<std::string, absl::Time> rest_until_;  // by run; the loop's own
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_SYNC_WORKER_H_
