// Where handlers run: a bounded queue before a fixed pool, and a bounded set of threads for
// streams.
#ifndef RSNMS_LIBS_RPC_WORKERS_H_
#define RSNMS_LIBS_RPC_WORKERS_H_

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace rsnms::rpc {

// Threads that take tasks first in, first out. Thread-safe.
class Workers {
 public:
  // `waiting` is the most tasks that wait for a thread. Threads start when first needed, up to
  // `threads`, and stay.
  Workers(int threads, int waiting);
  // Runs what was accepted, then joins.
  ~Workers();

  // False, without effect, when every thread is busy and the queue is full, or after Stop.
  bool Submit(std::function<void()> task);
  // Accepts nothing more, runs what was accepted, joins. Safe to call twice, not from a task.
  void Stop();

  struct Stats {
    int threads, busy, queued;
  };
  Stats stats() const;

 private:
  void Run();

  const int limit_, waiting_;
  mutable absl::Mutex mutex_;
  absl::CondVar wake_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  int busy_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_WORKERS_H_
