#include "libs/pg/transaction.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace rsnms::pg {
namespace {

constexpr char kSqlScopes[] = "SELECT set_config('rsnms.scopes', $1, true)";
constexpr char kSqlSettingsWithTimeout[] =
    "SELECT set_config('rsnms.scopes', $1, true), set_config('statement_timeout', $2, true)";
constexpr absl::Duration kRollbackLimit = absl::Seconds(1);

std::string_view BeginText(const TxOptions& options) {
  switch (options.isolation) {
    case Isolation::kRepeatableRead:
      return options.read_only ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                               : "BEGIN ISOLATION LEVEL REPEATABLE READ";
    case Isolation::kSerializable:
      return options.read_only ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
                               : "BEGIN ISOLATION LEVEL SERIALIZABLE";
    case Isolation::kReadCommitted:
      break;
  }
  return options.read_only ? "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
                           : "BEGIN ISOLATION LEVEL READ COMMITTED";
}

// Undoing to a savepoint heals what a statement broke, not what the whole transaction must answer
// for.
bool SavepointHeals(const Failure& failure) {
  return (failure.cause == Failure::Cause::kServer || failure.cause == Failure::Cause::kInput) &&
         !IsRetryable(failure) && !LosesConnection(failure);
}

}  // namespace

std::string StatementTimeout(absl::Time deadline) {
  if (deadline == absl::InfiniteFuture()) return "0";
  const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
  return absl::StrCat(std::clamp<int64_t>(left, 1, std::numeric_limits<int32_t>::max()));
}

std::optional<Failure> Stopped(const TxOptions& options) {
  if (options.cancelled && options.cancelled()) return OwnFailure(Failure::Cause::kCancelled);
  if (options.deadline != absl::InfiniteFuture() && absl::Now() >= options.deadline) {
    return OwnFailure(Failure::Cause::kDeadline);
  }
  return std::nullopt;
}

bool SeesRegion(std::string_view scopes, std::string_view region) {
  std::string whole = "regions/";
  whole += region;
  while (!scopes.empty()) {
    const size_t comma = std::min(scopes.find(','), scopes.size());
    const std::string_view scope = scopes.substr(0, comma);
    if (scope == "*" || scope == whole) return true;
    scopes.remove_prefix(std::min(comma + 1, scopes.size()));
  }
  return false;
}

bool HasNul(const Params& params) {
  size_t next_binary = 0;
  for (size_t i = 0; i < params.size(); ++i) {
    if (next_binary < params.binary().size() && params.binary()[next_binary] == i) {
      ++next_binary;
    } else if (params.values()[i] && params.values()[i]->find('\0') != std::string::npos) {
      return true;
    }
  }
  return false;
}

Transaction::Transaction(Connection& connection, const TxOptions& options, absl::Duration grace)
    : connection_(connection), options_(options) {
  limits_.deadline = options.deadline;
  limits_.grace = grace;
  limits_.cancelled = options.cancelled ? &options.cancelled : nullptr;
}

absl::Status Transaction::Fail(Failure failure) {
  Lose(std::move(failure));
  return failure_status_;
}

void Transaction::Lose(Failure failure) {
  if (failure_) return;
  // The server's own read-only state (a standby) is worth another connection; ours is a defect.
  if (options_.read_only && failure.sqlstate == "25006") failure.sqlstate = "25000";
  failure_status_ = ToStatus(failure);
  failure_ = std::move(failure);
}

void Transaction::BodyThrew() {
  failure_.reset();
  Lose(OwnFailure(Failure::Cause::kBody));
}

void Transaction::Begin() {
  if (begun_) return;
  begun_ = true;
  connection_.Enqueue(BeginText(options_));
  if (options_.deadline == absl::InfiniteFuture()) {
    connection_.Enqueue(kSqlScopes, Params::Of(options_.scopes));
  } else {
    connection_.Enqueue(kSqlSettingsWithTimeout,
                        Params::Of(options_.scopes, StatementTimeout(options_.deadline)));
  }
}

std::optional<Failure> Transaction::Prepare(const Params* params) {
  if (failure_) return failure_;
  if (auto stopped = Stopped(options_)) return stopped;
  if (params != nullptr && HasNul(*params)) return OwnFailure(Failure::Cause::kInput);
  Begin();
  return std::nullopt;
}

absl::StatusOr<pqxx::result> Transaction::Query(std::string_view sql, const Params& params) {
  if (auto failure = Prepare(&params)) return Fail(*failure);
  connection_.Enqueue(sql, params);
  deferred_ = false;
  pqxx::result result;
  if (auto failure = connection_.Exchange(limits_, &result)) return Fail(*failure);
  return result;
}

absl::Status Transaction::Defer(std::string_view sql, const Params& params) {
  if (auto failure = Prepare(&params)) return Fail(*failure);
  connection_.Enqueue(sql, params);
  deferred_ = true;
  return absl::OkStatus();
}

absl::Status Transaction::DeferDemand(std::string_view sql, const Params& params) {
  if (auto failure = Prepare(&params)) return Fail(*failure);
  connection_.EnqueueDemand(sql, params);
  deferred_ = demanded_ = true;
  return absl::OkStatus();
}

absl::Status Transaction::Unscoped(std::string_view region,
                                   const std::function<absl::Status()>& body) {
  if (SeesRegion(options_.scopes, region)) return body();
  if (auto s = Defer(kSqlScopes, Params::Of("*")); !s.ok()) return s;
  absl::Status status = body();
  // Undoing what failed also undoes the setting.
  if (failure_) return status.ok() ? failure_status_ : status;
  auto restored = Defer(kSqlScopes, Params::Of(options_.scopes));
  return status.ok() ? restored : status;
}

absl::StatusOr<int64_t> Transaction::CopyIn(std::string_view table,
                                            const std::vector<std::string>& columns,
                                            const std::function<bool(CopyRow&)>& next) {
  if (auto failure = Prepare(nullptr)) return Fail(*failure);
  auto quote = [](std::string* out, const std::string& name) {
    out->append(QuoteIdentifier(name));
  };
  const std::string copy = absl::StrCat("COPY ", QuoteIdentifier(table), " (",
                                        absl::StrJoin(columns, ", ", quote), ") FROM STDIN");
  deferred_ = false;
  int64_t rows = 0;
  if (auto failure = connection_.CopyIn(copy, next, limits_, rows)) return Fail(*failure);
  return rows;
}

absl::Status Transaction::Script(std::string_view sql) {
  const Params text = Params::Of(sql);
  if (auto failure = Prepare(&text)) return Fail(*failure);
  deferred_ = false;
  if (auto failure = connection_.Script(std::string(sql), limits_)) return Fail(*failure);
  return absl::OkStatus();
}

absl::Status Transaction::Savepoint(const std::function<absl::Status()>& body) {
  if (auto failure = Prepare(nullptr)) return Fail(*failure);
  if (deferred_) {  // what was deferred before belongs outside
    deferred_ = false;
    if (auto failure = connection_.Exchange(limits_, nullptr)) return Fail(*failure);
  }
  const std::string name = absl::StrCat("sp", ++savepoints_);
  connection_.Enqueue(absl::StrCat("SAVEPOINT ", name));
  absl::Status status = body();
  if (status.ok() && !failure_ && deferred_) {
    deferred_ = false;
    if (auto failure = connection_.Exchange(limits_, nullptr)) status = Fail(*failure);
  }
  --savepoints_;
  if (status.ok() && !failure_) {
    connection_.Enqueue(absl::StrCat("RELEASE SAVEPOINT ", name));
    return status;
  }
  if (failure_ && status.ok()) status = failure_status_;
  if (failure_ && !SavepointHeals(*failure_)) return status;
  failure_.reset();
  deferred_ = false;
  connection_.Enqueue(absl::StrCat("ROLLBACK TO SAVEPOINT ", name));
  connection_.Enqueue(absl::StrCat("RELEASE SAVEPOINT ", name));
  if (auto failure = connection_.Exchange(limits_, nullptr)) return Fail(*failure);
  return status;
}

Outcome Transaction::Finish(absl::Status body_status) {
  if (body_status.ok() && !failure_) {
    if (auto stopped = Stopped(options_)) Lose(*stopped);
    // Cannot happen while every failure is noticed: then COMMIT would quietly roll back.
    if (!deferred_ && connection_.InFailedTransaction()) BodyThrew();
  }
  if (body_status.ok() && !failure_) return Commit();
  Outcome outcome;
  // A body that swallows a failure does not make its transaction whole.
  outcome.status = body_status.ok() ? failure_status_ : std::move(body_status);
  outcome.retry = failure_ && IsRetryable(*failure_);
  RollBack();
  return outcome;
}

Outcome Transaction::Commit() {
  Outcome outcome;
  if (!begun_) return outcome;
  if (demanded_ && deferred_) {
    if (auto failure = connection_.Exchange(limits_, nullptr)) {
      outcome.status = Fail(*failure);
      outcome.retry = IsRetryable(*failure);
      RollBack();
      return outcome;
    }
    deferred_ = false;
  }
  if (options_.read_only && options_.isolation != Isolation::kSerializable && !deferred_) {
    // Nothing hangs on the answer: it is read before the connection's next statement.
    connection_.Enqueue("COMMIT");
    connection_.SendAndForget();
    return outcome;
  }
  if (!connection_.Alive()) {
    outcome.status = Fail(OwnFailure(Failure::Cause::kBroken));
    outcome.retry = true;
    return outcome;
  }
  connection_.Enqueue("COMMIT");
  Limits limits = limits_;
  limits.cancellable = false;
  connection_.TakeStandbyWaitCancelled();
  auto failure = connection_.Exchange(limits, nullptr);
  if (!failure && !connection_.TakeStandbyWaitCancelled()) return outcome;
  if (!failure || LeavesCommitInDoubt(*failure)) {
    outcome.in_doubt = true;
    outcome.status = CommitInDoubt();
    return outcome;
  }
  outcome.status = Fail(*failure);
  outcome.retry = IsRetryable(*failure);
  RollBack();
  return outcome;
}

void Transaction::RollBack() {
  if (!begun_ || connection_.broken()) return;
  connection_.Enqueue("ROLLBACK");
  if (options_.read_only) {
    connection_.SendAndForget();
    return;
  }
  Limits limits;
  limits.deadline = absl::Now() + kRollbackLimit;
  limits.grace = limits_.grace;
  limits.cancellable = false;
  connection_.Exchange(limits, nullptr);
}

}  // namespace rsnms::pg
