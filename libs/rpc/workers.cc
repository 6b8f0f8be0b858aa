#include "libs/rpc/workers.h"

#include <utility>

namespace rsnms::rpc {

Workers::Workers(int threads, int waiting) : limit_(threads), waiting_(waiting) {}

Workers::~Workers() { Stop(); }

bool Workers::Submit(std::function<void()> task) {
  absl::MutexLock lock(&mutex_);
  const int free = limit_ - busy_;
  if (stopped_ || static_cast<int>(queue_.size()) >= free + waiting_) return false;
  queue_.push_back(std::move(task));
  const int started = static_cast<int>(threads_.size());
  if (started < limit_ && busy_ + static_cast<int>(queue_.size()) > started) {
    threads_.emplace_back([this] { Run(); });
  } else {
    wake_.Signal();
  }
  return true;
}

void Workers::Stop() {
  std::vector<std::thread> threads;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    wake_.SignalAll();
    threads.swap(threads_);
  }
  for (auto& thread : threads) thread.join();
}

Workers::Stats Workers::stats() const {
  absl::MutexLock lock(&mutex_);
  return {static_cast<int>(threads_.size()), busy_, static_cast<int>(queue_.size())};
}

void Workers::Run() {
  mutex_.Lock();
  while (true) {
    while (queue_.empty() && !stopped_) wake_.Wait(&mutex_);
    if (queue_.empty()) break;
    auto task = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    mutex_.Unlock();
    task();
    task = nullptr;
    mutex_.Lock();
    --busy_;
  }
  mutex_.Unlock();
}

}  // namespace rsnms::rpc
