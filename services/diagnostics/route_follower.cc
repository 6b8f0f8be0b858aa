#include "services/diagnostics/route_follower.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/observe/log.h"
#include "libs/resource/table.h"
#include "libs/resource/text.h"
#include "services/diagnostics/learning_store.h"

namespace rsnms::diagnostics {
namespace {

constexpr int kAtOnce = 300;  // marks a transaction
constexpr absl::Duration kBatchLimit = absl::Minutes(1);
constexpr absl::Duration kIdleStep = absl::Seconds(1);
// Marks are seen when the transaction that wakes has committed.
constexpr absl::Duration kEagerStep = absl::Milliseconds(50);
constexpr absl::Duration kEager = absl::Seconds(3);

// Of one region, so that all routes of a batch are locked, in order, before anything else.
constexpr std::string_view kSqlTake =
    "DELETE FROM route_to_follow m USING (SELECT id FROM route_to_follow WHERE region_code = "
    "(SELECT region_code FROM route_to_follow WHERE not_before <= now() ORDER BY id LIMIT 1) "
    "AND not_before <= now() ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) AS taken "
    "WHERE m.id = taken.id RETURNING m.id, m.region_code, m.route_id";
constexpr std::string_view kSqlPutOff =
    "UPDATE route_to_follow SET not_before = now() + interval '1 minute' WHERE id = $1";

pg::TxOptions FollowerTx(const std::function<bool()>& cancelled) {
  pg::TxOptions options;
  options.scopes = "*";
  options.deadline = absl::Now() + kBatchLimit;
  options.cancelled = cancelled;
  return options;
}

// Ids of the marks, whatever became of them.
absl::Status Follow(const resource::Engine& engine, const std::function<bool()>& cancelled,
                    int most, std::vector<int64_t>* marks) {
  const resource::Table<v1::Route> table(engine);
  return engine.pool().Run(FollowerTx(cancelled), [&](pg::Tx& tx) -> absl::Status {
    marks->clear();
    auto taken = tx.Query(kSqlTake, most);
    if (!taken.ok()) return taken.status();
    RouteNames names;
    for (const auto& row : *taken) {
      marks->push_back(row[0].as<int64_t>());
      names.insert(resource::Cat("regions/", row[1].c_str(), "/routes/", row[2].c_str()));
    }
    return FollowLearning(tx, table, names);
  });
}

// Whether the fault lies in what was to be written, not in the database's being away or busy.
bool OfTheRow(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kInternal:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<int> FollowOneByOne(const resource::Engine& engine,
                                   const std::function<bool()>& cancelled, int count) {
  for (int i = 0; i < count; ++i) {
    std::vector<int64_t> mark;
    const auto status = Follow(engine, cancelled, 1, &mark);
    if (status.ok()) continue;
    if (!OfTheRow(status) || mark.empty()) return status;
    observe::LogWarning("a route could not follow its learning: put off",
                        {{"status", absl::StatusCodeToString(status.code())}});
    auto put_off = engine.pool().Run(
        FollowerTx(cancelled), [&](pg::Tx& tx) { return tx.Query(kSqlPutOff, mark[0]).status(); });
    if (!put_off.ok()) return put_off;
  }
  return count;
}

}  // namespace

absl::StatusOr<int> FollowMarked(const resource::Engine& engine, std::function<bool()> cancelled) {
  std::vector<int64_t> marks;
  const auto status = Follow(engine, cancelled, kAtOnce, &marks);
  if (status.ok()) return static_cast<int>(marks.size());
  if (!OfTheRow(status) || marks.empty()) return status;
  return FollowOneByOne(engine, cancelled, static_cast<int>(marks.size()));
}

RouteFollower::RouteFollower(const resource::Engine& engine) : engine_(engine) {
  thread_ = std::thread([this] { Loop(); });
}

RouteFollower::~RouteFollower() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void RouteFollower::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
  eager_until_ = absl::Now() + kEager;
}

bool RouteFollower::Stopping() const {
  absl::MutexLock lock(&mutex_);
  return stopping_;
}

void RouteFollower::Loop() {
  while (!Stopping()) {
    const auto followed = FollowMarked(engine_, [this] { return Stopping(); });
    if (followed.ok() && *followed > 0) continue;
    if (!followed.ok() && !Stopping()) {
      observe::LogWarning("routes cannot be followed now",
                          {{"status", absl::StatusCodeToString(followed.status().code())}});
    }
    Rest(!followed.ok());
  }
}

void RouteFollower::Rest(bool failed) {
  absl::MutexLock lock(&mutex_);
  if (failed || absl::Now() >= eager_until_) {
    const auto ready = [this, failed]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return stopping_ || (woken_ && !failed);
    };
    mutex_.AwaitWithTimeout(absl::Condition(&ready), kIdleStep);
  } else {
    mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kEagerStep);
  }
  woken_ = false;
}

}  // namespace rsnms::diagnostics
