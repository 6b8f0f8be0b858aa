#include "services/programs/waking_thread.h"

#include <utility>

namespace rsnms::programs {

WakingThread::~WakingThread() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void WakingThread::Start(std::function<absl::Duration()> round) {
  round_ = std::move(round);
  thread_ = std::thread([this] { Loop(); });
}

void WakingThread::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

bool WakingThread::stopped() {
  absl::MutexLock lock(&mutex_);
  return stop_;
}

void WakingThread::Loop() {
  absl::Duration rest = absl::ZeroDuration();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || woken_; };
      mutex_.AwaitWithTimeout(absl::Condition(&wanted), rest);
      if (stop_) return;
      woken_ = false;
    }
    rest = round_();
  }
}

}  // namespace rsnms::programs
