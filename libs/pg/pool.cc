#include "libs/pg/pool.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <typeinfo>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "libs/pg/connection.h"
#include "libs/pg/failure.h"
#include "libs/pg/transaction.h"

namespace rsnms::pg {
namespace {

constexpr absl::Duration kWaitSlice = absl::Milliseconds(20);
constexpr char kSqlReadSettings[] =
    "SELECT set_config('transaction_read_only', 'on', true), set_config('rsnms.scopes', $1, true), "
    "set_config('statement_timeout', $2, true)";

// Connections are opened by a thread of the pool, so that a caller never waits longer than it asked
// for, whatever a half-dead server does to the one who connects.
class PgPool final : public Pool {
 public:
  explicit PgPool(PoolOptions options)
      : options_(std::move(options)), opener_([this] { OpenWhileWanted(); }) {}
  ~PgPool() override;

  absl::Status Run(const TxOptions& options, const std::function<absl::Status(Tx&)>& body) override;
  absl::StatusOr<pqxx::result> Read(const TxOptions& options, std::string_view sql,
                                    const Params& params) override;
  absl::Status Ping(absl::Duration timeout) override;
  PoolStats Stats() const override;
  const PoolOptions& options() const override { return options_; }

 private:
  struct Waiter {
    std::condition_variable woken;
    std::unique_ptr<Connection> connection;
    absl::Status status;  // why no connection comes
    bool done = false;
  };

  // A call under way, which destruction waits for.
  class Call {
   public:
    explicit Call(PgPool& pool) : pool_(pool) {
      std::lock_guard lock(pool_.mutex_);
      ++pool_.running_;
    }
    ~Call() {
      std::lock_guard lock(pool_.mutex_);
      --pool_.running_;
      pool_.settled_.notify_one();
    }

   private:
    PgPool& pool_;
  };

  absl::StatusOr<std::unique_ptr<Connection>> Acquire(const TxOptions& options);
  void Wait(std::unique_lock<std::mutex>& lock, const TxOptions& options, Waiter& waiter);
  void Release(std::unique_ptr<Connection> connection);
  void Hand(std::unique_ptr<Connection> connection);
  void DropDead();
  void OpenWhileWanted();
  bool OpeningIsWanted() const { return closing_ || (!waiters_.empty() && open_ < options_.size); }
  Outcome Attempt(Connection& connection, const TxOptions& options,
                  const std::function<absl::Status(Tx&)>& body);
  // Makes ready for another attempt; what forbids it, if anything.
  std::optional<Failure> PrepareRetry(const TxOptions& options, int attempt, bool connection_lost);

  const PoolOptions options_;
  mutable std::mutex mutex_;                       // guards what follows
  std::condition_variable wanted_;                 // OpeningIsWanted may have become true
  std::condition_variable settled_;                // nothing may be lent or waited for any more
  std::vector<std::unique_ptr<Connection>> idle_;  // warmest last
  std::list<Waiter*> waiters_;                     // longest first
  int open_ = 0;                                   // idle, lent or being opened
  int running_ = 0;                                // calls of Run and Read
  int proven_ = 0;                                 // idle or lent
  bool closing_ = false;
  int64_t retries_ = 0;
  int64_t watchdog_kills_ = 0;
  int64_t commits_in_doubt_ = 0;
  std::thread opener_;
};

PgPool::~PgPool() {
  {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return running_ == 0; });
    closing_ = true;
  }
  wanted_.notify_one();
  opener_.join();
}

void PgPool::OpenWhileWanted() {
  std::unique_lock lock(mutex_);
  while (true) {
    wanted_.wait(lock, [this] { return OpeningIsWanted(); });
    if (closing_) return;
    ++open_;
    lock.unlock();
    Failure failure;
    std::unique_ptr<Connection> connection = Connection::Open(options_, failure);
    lock.lock();
    if (connection != nullptr) {
      ++proven_;
      Hand(std::move(connection));
      continue;
    }
    --open_;
    // Whoever waits now would wait in vain.
    for (Waiter* waiter : waiters_) {
      waiter->status = ToStatus(failure);
      waiter->done = true;
      waiter->woken.notify_one();
    }
    waiters_.clear();
  }
}

void PgPool::Hand(std::unique_ptr<Connection> connection) {
  if (waiters_.empty()) {
    idle_.push_back(std::move(connection));
    return;
  }
  Waiter* waiter = waiters_.front();
  waiters_.pop_front();
  waiter->connection = std::move(connection);
  waiter->done = true;
  waiter->woken.notify_one();
}

absl::StatusOr<std::unique_ptr<Connection>> PgPool::Acquire(const TxOptions& options) {
  std::unique_lock lock(mutex_);
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  Waiter waiter;
  waiters_.push_back(&waiter);
  wanted_.notify_one();
  Wait(lock, options, waiter);
  if (waiter.connection != nullptr) return std::move(waiter.connection);
  if (waiter.done) return waiter.status;
  waiters_.remove(&waiter);
  if (auto stopped = Stopped(options)) return ToStatus(*stopped);
  return proven_ == 0 ? Unavailable("08001") : Overloaded();
}

void PgPool::Wait(std::unique_lock<std::mutex>& lock, const TxOptions& options, Waiter& waiter) {
  const absl::Time limit = std::min(absl::Now() + options_.acquire_timeout, options.deadline);
  while (!waiter.done) {
    const absl::Time now = absl::Now();
    if (now >= limit || (options.cancelled && options.cancelled())) return;
    const absl::Duration slice = options.cancelled ? kWaitSlice : absl::Hours(1);
    waiter.woken.wait_for(lock, absl::ToChronoNanoseconds(std::min(limit - now, slice)));
  }
}

void PgPool::Release(std::unique_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  if (!connection->broken()) {
    Hand(std::move(connection));
  } else {
    --open_;
    --proven_;
    if (connection->shut()) ++watchdog_kills_;
    wanted_.notify_one();
  }
}

// A broken connection is seldom alone: a restarted server has hung up on all of them.
void PgPool::DropDead() {
  std::lock_guard lock(mutex_);
  const auto dead = std::partition(idle_.begin(), idle_.end(),
                                   [](const auto& connection) { return connection->Alive(); });
  const int count = static_cast<int>(idle_.end() - dead);
  idle_.erase(dead, idle_.end());
  open_ -= count;
  proven_ -= count;
  wanted_.notify_one();
}

Outcome PgPool::Attempt(Connection& connection, const TxOptions& options,
                        const std::function<absl::Status(Tx&)>& body) {
  Transaction tx(connection, options, options_.watchdog_grace);
  absl::Status status;
  try {
    status = body(tx);
  } catch (const std::exception& e) {
    // what() may quote a value of the row; the type tells enough.
    spdlog::error("exception in a transaction's body: {}", typeid(e).name());
    tx.BodyThrew();
  }
  return tx.Finish(std::move(status));
}

std::optional<Failure> PgPool::PrepareRetry(const TxOptions& options, int attempt,
                                            bool connection_lost) {
  if (connection_lost) {
    DropDead();
  } else {
    thread_local absl::InsecureBitGen random;
    const absl::Duration ceiling = absl::Milliseconds(2) * (1 << std::min(attempt, 7));
    absl::SleepFor(ceiling * absl::Uniform(random, 0.0, 1.0));
  }
  if (auto stopped = Stopped(options)) return stopped;
  std::lock_guard lock(mutex_);
  ++retries_;
  return std::nullopt;
}

absl::Status PgPool::Run(const TxOptions& options, const std::function<absl::Status(Tx&)>& body) {
  const Call call(*this);
  for (int attempt = 1;; ++attempt) {
    auto connection = Acquire(options);
    if (!connection.ok()) return connection.status();
    Outcome outcome = Attempt(**connection, options, body);
    const bool lost = (*connection)->broken();
    Release(*std::move(connection));
    if (outcome.in_doubt) {
      std::lock_guard lock(mutex_);
      ++commits_in_doubt_;
    }
    if (!outcome.retry || attempt >= options.max_attempts) return outcome.status;
    if (auto stopped = PrepareRetry(options, attempt, lost)) return ToStatus(*stopped);
  }
}

absl::StatusOr<pqxx::result> PgPool::Read(const TxOptions& options, std::string_view sql,
                                          const Params& params) {
  const Call call(*this);
  Limits limits;
  limits.deadline = options.deadline;
  limits.grace = options_.watchdog_grace;
  limits.cancelled = options.cancelled ? &options.cancelled : nullptr;
  if (HasNul(params)) return ToStatus(OwnFailure(Failure::Cause::kInput));
  for (int attempt = 1;; ++attempt) {
    if (auto stopped = Stopped(options)) return ToStatus(*stopped);
    auto connection = Acquire(options);
    if (!connection.ok()) return connection.status();
    // Statements of one pipeline are one transaction: nothing needs BEGIN and COMMIT.
    (*connection)
        ->Enqueue(kSqlReadSettings, Params::Of(options.scopes, StatementTimeout(options.deadline)));
    (*connection)->Enqueue(sql, params);
    pqxx::result result;
    auto failure = (*connection)->Exchange(limits, &result);
    const bool lost = (*connection)->broken();
    Release(*std::move(connection));
    if (!failure) return result;
    if (failure->sqlstate == "25006") failure->sqlstate = "25000";  // ours, not a standby's
    if (!IsRetryable(*failure) || attempt >= options.max_attempts) return ToStatus(*failure);
    if (auto stopped = PrepareRetry(options, attempt, lost)) return ToStatus(*stopped);
  }
}

absl::Status PgPool::Ping(absl::Duration timeout) {
  TxOptions options;
  options.deadline = absl::Now() + timeout;
  return Read(options, "SELECT 1", Params()).status();
}

PoolStats PgPool::Stats() const {
  std::lock_guard lock(mutex_);
  return {.size = open_,
          .idle = static_cast<int>(idle_.size()),
          .waiting = static_cast<int>(waiters_.size()),
          .retries = retries_,
          .watchdog_kills = watchdog_kills_,
          .commits_in_doubt = commits_in_doubt_};
}

}  // namespace

Pool::~Pool() = default;

std::unique_ptr<Pool> Pool::Create(PoolOptions options) {
  return std::make_unique<PgPool>(std::move(options));
}

}  // namespace rsnms::pg
