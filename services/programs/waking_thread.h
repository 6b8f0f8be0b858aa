// A background thread that works in rounds: it rests as long as the last round said, or until it is
// woken.
#ifndef RSNMS_SERVICES_PROGRAMS_WAKING_THREAD_H_
#define RSNMS_SERVICES_PROGRAMS_WAKING_THREAD_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace rsnms::programs {

// Thread-safe. A member of its worker declared last: it ends before what its rounds use.
class WakingThread {
 public:
  WakingThread() = default;
  WakingThread(const WakingThread&) = delete;
  WakingThread& operator=(const WakingThread&) = delete;
  // Ends after the present round.
  ~WakingThread();

  // Begins; `round` answers how long to rest afterwards. Once.
  void Start(std::function<absl::Duration()> round);
  // Ends the rest, the present one or the next. Cheap, never blocks.
  void Wake();
  // Long rounds ask between their steps, and end.
  bool stopped();

 private:
  void Loop();

  std::function<absl::Duration()> round_;
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_WAKING_THREAD_H_
