#include "libs/journal/sealer.h"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "libs/journal/seal.h"
#include "libs/observe/log.h"

namespace rsnms::journal {
namespace {

constexpr absl::Duration kStepLimit = absl::Seconds(30);
constexpr absl::Duration kEpochLimit = absl::Minutes(30);
constexpr absl::Duration kLongestBackOff = absl::Seconds(2);

constexpr char kSqlNewestXid[] = "SELECT pg_snapshot_xmax(pg_current_snapshot())";

pg::PoolOptions OwnConnection(pg::PoolOptions options) {
  options.size = 1;
  options.application_name += "-sealer";
  return options;
}

pg::TxOptions Limits(absl::Duration limit) {
  pg::TxOptions options;
  options.scopes = "*";
  options.deadline = absl::Now() + limit;
  return options;
}

class ThreadSealer : public Sealer {
 public:
  ThreadSealer(pg::Pool* pool, SealerOptions options)
      : options_(options), pool_(pg::Pool::Create(OwnConnection(pool->options()))) {
    thread_ = std::thread([this] { Loop(); });
  }

  ~ThreadSealer() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

  void Wake() override {
    absl::MutexLock lock(&mutex_);
    woken_ = true;
  }

  int OnSealed(std::function<void(int64_t)> listener) override {
    absl::MutexLock lock(&listeners_mutex_);
    listeners_[++last_listener_] = std::move(listener);
    return last_listener_;
  }

  void Forget(int listener) override {
    absl::MutexLock lock(&listeners_mutex_);
    listeners_.erase(listener);
  }

  absl::Status Flush(absl::Duration timeout) override;

  SealerState state() const override {
    absl::MutexLock lock(&mutex_);
    return state_;
  }

 private:
  void Loop();
  absl::StatusOr<Step> Advance();
  void Record(const absl::StatusOr<Step>& step);
  // Waits for the next step; false when it is time to stop.
  bool Rest(const absl::StatusOr<Step>& step);

  const SealerOptions options_;
  const std::unique_ptr<pg::Pool> pool_;
  Walk walk_;  // the thread's
  absl::Duration back_off_ = absl::ZeroDuration();
  absl::BitGen random_;

  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t clear_below_ ABSL_GUARDED_BY(mutex_) = 0;
  SealerState state_ ABSL_GUARDED_BY(mutex_);

  absl::Mutex listeners_mutex_;
  std::map<int, std::function<void(int64_t)>> listeners_ ABSL_GUARDED_BY(listeners_mutex_);
  int last_listener_ ABSL_GUARDED_BY(listeners_mutex_) = 0;

  std::thread thread_;
};

absl::StatusOr<Step> ThreadSealer::Advance() {
  Step step;
  auto status = pool_->Run(Limits(kStepLimit), [&](pg::Tx& tx) -> absl::Status {
    auto tried = SealStep(tx, walk_, options_.batch);
    if (tried.ok()) step = *std::move(tried);
    return tried.status();
  });
  if (!status.ok()) return status;
  if (step.epoch_ended) {
    observe::LogInfo("a new epoch of the journal begins");
    auto begun =
        pool_->Run(Limits(kEpochLimit), [&](pg::Tx& tx) { return BeginEpoch(tx, options_.batch); });
    if (!begun.ok()) return begun;
    step.more = true;
  }
  return step;
}

void ThreadSealer::Record(const absl::StatusOr<Step>& step) {
  int64_t grown = 0;
  {
    absl::MutexLock lock(&mutex_);
    if (state_.last_status.code() != step.status().code() && !step.ok()) {
      observe::LogWarning("the sealer cannot work", {{"status", step.status().ToString()}});
    }
    state_.last_status = step.status();
    if (!step.ok()) return;
    state_.last_step = absl::Now();
    if (!step->mine || step->epoch_ended) return;
    walk_ = step->walk;
    clear_below_ = walk_.clear_below;
    if (step->position != state_.position) grown = step->position;
    state_.position = step->position;
    state_.epoch = step->epoch;
    state_.lag = step->lag;
    state_.rows += step->sealed;
  }
  if (grown == 0) return;
  absl::MutexLock lock(&listeners_mutex_);
  for (const auto& [number, listener] : listeners_) listener(grown);
}

bool ThreadSealer::Rest(const absl::StatusOr<Step>& step) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  if (!step.ok()) {
    back_off_ = std::clamp(back_off_ * 2, options_.poll, kLongestBackOff);
    const double jitter = absl::Uniform(random_, 0.5, 1.0);
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), back_off_ * jitter);
    return !stopping_;
  }
  back_off_ = absl::ZeroDuration();
  if (step->more) return true;
  mutex_.AwaitWithTimeout(absl::Condition(&stopping_), options_.gather);
  auto due = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stopping_ || woken_; };
  mutex_.AwaitWithTimeout(absl::Condition(&due), options_.poll);
  woken_ = false;
  return !stopping_;
}

void ThreadSealer::Loop() {
  while (true) {
    const auto step = Advance();
    Record(step);
    if (!Rest(step)) return;
  }
}

absl::Status ThreadSealer::Flush(absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  uint64_t target = 0;
  auto limits = Limits(timeout);
  limits.read_only = true;
  // Every transaction that has committed by now has an id below the snapshot's end.
  auto status = pool_->Run(limits, [&](pg::Tx& tx) -> absl::Status {
    auto rows = tx.Query(kSqlNewestXid);
    if (!rows.ok()) return rows.status();
    if (!absl::SimpleAtoi((*rows)[0][0].c_str(), &target)) return absl::InternalError("xid");
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  auto reached = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return clear_below_ >= target; };
  if (mutex_.AwaitWithDeadline(absl::Condition(&reached), deadline)) return absl::OkStatus();
  return absl::DeadlineExceededError("changes are left unsealed");
}

}  // namespace

std::unique_ptr<Sealer> Sealer::Start(pg::Pool* pool, SealerOptions options) {
  return std::make_unique<ThreadSealer>(pool, options);
}

}  // namespace rsnms::journal
