// What grpc.health.v1 says: the truth about readiness, for the server as a whole ("") and for each
// service.
#ifndef RSNMS_LIBS_RPC_HEALTH_H_
#define RSNMS_LIBS_RPC_HEALTH_H_

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.pb.h"

namespace rsnms::rpc {

// Thread-safe. All services of one server share one state: they share its database.
// The service name `liveness` is SERVING as long as the process answers: for probes that restart
// it.
class Health {
 public:
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  ~Health();
  void AddService(std::string name);
  void AddReadiness(std::string name, std::function<absl::Status()> probe);
  // Asks every probe once, then each second on a thread of its own.
  void Start();
  // NOT_SERVING for good.
  void Shutdown();

  // SERVICE_UNKNOWN for a name that is not served.
  Status Check(const std::string& service) const;

  // Calls `changed` (without arguments, on the probing thread) after each change until Unwatch.
  int64_t Watch(std::function<void()> changed);
  // Afterwards `changed` is not running and will not run.
  void Unwatch(int64_t id);

 private:
  void Poll();
  void Probe();
  void Set(bool serving);

  mutable absl::Mutex mutex_;
  std::vector<std::string> services_ ABSL_GUARDED_BY(mutex_);
  struct Readiness {
    std::string name;
    std::function<absl::Status()> probe;
    std::string complaint;  // as last logged
  };
  std::vector<Readiness> probes_;
  bool serving_ ABSL_GUARDED_BY(mutex_) = false;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex watch_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  absl::flat_hash_map<int64_t, std::function<void()>> watchers_ ABSL_GUARDED_BY(watch_mutex_);
  int64_t next_watcher_ ABSL_GUARDED_BY(watch_mutex_) = 1;
  std::thread thread_;
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_HEALTH_H_
