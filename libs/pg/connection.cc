#include "libs/pg/connection.h"

#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "libs/pg/result.h"

namespace rsnms::pg {
namespace {

constexpr size_t kMaxStatements = 256;  // prepared per connection
constexpr absl::Duration kPollSlice = absl::Milliseconds(20);
// The server's own statement_timeout comes first; our cancel is for statements that began late.
constexpr absl::Duration kCancelLag = absl::Milliseconds(20);

}  // namespace

Connection::Connection(PGconn* conn) : conn_(conn) {
  PQsetNoticeReceiver(conn_, &Connection::OnNotice, this);
  PQsetnonblocking(conn_, 1);
  PQenterPipelineMode(conn_);
}

Connection::~Connection() { PQfinish(conn_); }

void Connection::OnNotice(void* self, const PGresult* notice) {
  // The one notice that matters: "canceling wait for synchronous replication". It has no SQLSTATE
  // of its own and its text is translated; the function that raises it is neither.
  const char* function = PQresultErrorField(notice, PG_DIAG_SOURCE_FUNCTION);
  if (function != nullptr && std::string_view(function) == "SyncRepWaitForLSN") {
    static_cast<Connection*>(self)->standby_wait_cancelled_ = true;
  }
}

bool Connection::TakeStandbyWaitCancelled() {
  return std::exchange(standby_wait_cancelled_, false);
}

std::string QuoteIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

const std::string& Connection::Prepared(std::string_view sql) {
  if (auto found = by_sql_.find(sql); found != by_sql_.end()) {
    statements_.splice(statements_.begin(), statements_, found->second);
    return found->second->name;
  }
  if (statements_.size() >= kMaxStatements) {
    const std::string drop = absl::StrCat("DEALLOCATE ", statements_.back().name);
    PQsendQueryParams(conn_, drop.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0);
    expected_.push_back({Expected::Kind::kUnwanted, {}});
    by_sql_.erase(statements_.back().sql);
    statements_.pop_back();
  }
  statements_.push_front({std::string(sql), absl::StrCat("s", next_name_++)});
  auto& statement = statements_.front();
  by_sql_.emplace(statement.sql, statements_.begin());
  PQsendPrepare(conn_, statement.name.c_str(), statement.sql.c_str(), 0, nullptr);
  expected_.push_back({Expected::Kind::kPrepare, statement.sql});
  return statement.name;
}

void Connection::Forget(const std::string& sql) {
  auto found = by_sql_.find(sql);
  if (found == by_sql_.end()) return;
  auto statement = found->second;
  by_sql_.erase(found);
  statements_.erase(statement);
}

void Connection::Enqueue(std::string_view sql, const Params& params) {
  Send(sql, params, Expected::Kind::kStatement);
}

void Connection::EnqueueDemand(std::string_view sql, const Params& params) {
  Send(sql, params, Expected::Kind::kDemand);
}

void Connection::Send(std::string_view sql, const Params& params, Expected::Kind kind) {
  if (broken_) return;
  const std::string& name = Prepared(sql);
  const auto& values = params.values();
  std::vector<const char*> texts(values.size());
  std::vector<int> lengths(values.size());
  std::vector<int> formats(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i) {
    texts[i] = values[i] ? values[i]->c_str() : nullptr;
    lengths[i] = values[i] ? static_cast<int>(values[i]->size()) : 0;
  }
  for (size_t i : params.binary()) formats[i] = 1;
  if (PQsendQueryPrepared(conn_, name.c_str(), static_cast<int>(values.size()), texts.data(),
                          lengths.data(), formats.data(), 0) == 1) {
    expected_.push_back({kind, {}});
  } else {
    unsendable_ = true;  // more parameters than the protocol counts, or a dead wire
  }
}

void Connection::SendAndForget() {
  if (broken_) return;
  if (PQpipelineSync(conn_) != 1) {
    broken_ = true;
    return;
  }
  for (auto& expected : expected_) {
    if (expected.kind == Expected::Kind::kStatement) expected.kind = Expected::Kind::kUnwanted;
  }
  expected_.push_back({Expected::Kind::kSync, {}});
}

std::optional<Failure> Connection::Exchange(const Limits& limits, pqxx::result* last) {
  if (broken_) return Broken();
  std::optional<Failure> first;
  if (PQpipelineSync(conn_) != 1) {
    // The server may have said why before it hung up.
    if (PQstatus(conn_) == CONNECTION_BAD) broken_ = true;
  }
  expected_.push_back({Expected::Kind::kSync, {}});
  while (!expected_.empty()) {
    if (broken_ || !Await(limits)) {
      broken_ = true;
      if (!first) first = Broken();
      break;
    }
    PGresult* answer = PQgetResult(conn_);
    if (answer == nullptr) {
      if (PQstatus(conn_) == CONNECTION_BAD) broken_ = true;
      continue;  // the end of one statement's answers
    }
    Expected expected = std::move(expected_.front());
    expected_.pop_front();
    Read(expected, answer, first, last);
  }
  FinishCancel(limits);
  if (std::exchange(unsendable_, false) && !first) first = OwnFailure(Failure::Cause::kBody);
  return Explained(std::move(first), limits);
}

void Connection::Read(const Expected& expected, PGresult* answer, std::optional<Failure>& first,
                      pqxx::result* last) {
  switch (PQresultStatus(answer)) {
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
      if (expected.kind == Expected::Kind::kDemand && PQntuples(answer) > 0 && !first) {
        first = OwnFailure(Failure::Cause::kServer);
        first->sqlstate = "23503";
        first->constraint = PQgetvalue(answer, 0, 0);
      }
      if (expected.kind == Expected::Kind::kStatement && last != nullptr) {
        *last = MakeResult(answer);
        return;
      }
      break;
    case PGRES_PIPELINE_SYNC:
      // A synchronisation point out of turn means that we lost count.
      if (expected.kind != Expected::Kind::kSync) broken_ = true;
      break;
    case PGRES_PIPELINE_ABORTED:
      if (expected.kind == Expected::Kind::kPrepare) Forget(expected.sql);
      break;
    default: {
      Failure failure = FailureOf(answer);
      if (expected.kind == Expected::Kind::kPrepare) Forget(expected.sql);
      if (!first && (expected.kind != Expected::Kind::kUnwanted || broken_)) {
        first = std::move(failure);
      }
    }
  }
  PQclear(answer);
}

Failure Connection::Broken() {
  Failure failure;
  failure.cause = Failure::Cause::kBroken;
  failure.sqlstate = "08006";
  return failure;
}

Failure Connection::FailureOf(const PGresult* answer) {
  auto field = [&](int code) {
    const char* text = PQresultErrorField(answer, code);
    return std::string(text == nullptr ? "" : text);
  };
  Failure failure;
  failure.sqlstate = field(PG_DIAG_SQLSTATE);
  if (failure.sqlstate.empty()) {
    broken_ = true;
    return Broken();
  }
  failure.constraint = field(PG_DIAG_CONSTRAINT_NAME);
  failure.table = field(PG_DIAG_TABLE_NAME);
  failure.column = field(PG_DIAG_COLUMN_NAME);
  failure.message = field(PG_DIAG_MESSAGE_PRIMARY);
  const std::string severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == "FATAL" || severity == "PANIC" || LosesConnection(failure)) broken_ = true;
  return failure;
}

// Says who stopped the statement: our caller, our deadline, or nobody of ours.
std::optional<Failure> Connection::Explained(std::optional<Failure> failure, const Limits& limits) {
  auto cause = std::exchange(stop_cause_, std::nullopt);
  if (!failure) return failure;
  const bool stopped = failure->sqlstate == "57014" || failure->cause == Failure::Cause::kBroken;
  if (cause && stopped) {
    failure->cause = *cause;
  } else if (failure->sqlstate == "57014" && absl::Now() + kCancelLag >= limits.deadline) {
    failure->cause = Failure::Cause::kDeadline;
  }
  return failure;
}

// Waits until an answer can be taken without blocking. False: the connection is gone.
bool Connection::Await(const Limits& limits) {
  while (PQisBusy(conn_)) {
    const int unsent = PQflush(conn_);
    const short events = static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0));
    if (!Pause(events, limits)) return false;
    if (PQconsumeInput(conn_) == 0) {
      broken_ = true;
      return !PQisBusy(conn_);  // what the server said before it hung up is still to be read
    }
  }
  return true;
}

// One wait for the socket within the limits. False: the limits shut it.
bool Connection::Pause(short events, const Limits& limits) {
  while (true) {
    const absl::Time now = absl::Now();
    if (!CheckLimits(limits, now)) return false;
    absl::Time wake = stop_cause_ ? stop_time_ + limits.grace : limits.deadline + kCancelLag;
    if (limits.cancellable && limits.cancelled != nullptr && !stop_cause_)
      wake = std::min(wake, now + kPollSlice);
    const absl::Duration pause = std::min(wake - now, absl::Hours(1));
    pollfd socket = {PQsocket(conn_), events, 0};
    const int ready = poll(
        &socket, 1, static_cast<int>(absl::ToInt64Milliseconds(pause + absl::Microseconds(999))));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

bool Connection::CheckLimits(const Limits& limits, absl::Time now) {
  if (!stop_cause_) {
    if (limits.cancellable && limits.cancelled != nullptr && (*limits.cancelled)()) {
      StartCancel(Failure::Cause::kCancelled);
    } else if (now >= limits.deadline + kCancelLag) {
      if (limits.cancellable) {
        StartCancel(Failure::Cause::kDeadline);
      } else {
        stop_cause_ = Failure::Cause::kDeadline;
        stop_time_ = now;
      }
    }
  }
  if (!stop_cause_ || now < stop_time_ + limits.grace) return true;
  shutdown(PQsocket(conn_), SHUT_RDWR);
  shut_ = broken_ = true;
  return false;
}

// PQcancel waits for the postmaster, which may be frozen too: it gets a thread of its own that
// nobody waits for.
void Connection::StartCancel(Failure::Cause cause) {
  stop_cause_ = cause;
  stop_time_ = absl::Now();
  PGcancel* handle = PQgetCancel(conn_);
  if (handle == nullptr) return;
  auto done = std::make_shared<std::atomic<bool>>(false);
  try {
    std::thread([handle, done] {
      char error[256];
      PQcancel(handle, error, sizeof error);
      PQfreeCancel(handle);
      done->store(true);
    }).detach();
    cancel_done_ = std::move(done);
  } catch (const std::system_error&) {
    PQfreeCancel(handle);  // no thread to be had: the grace ends it
  }
}

// A cancel still under way could hit the next user's statement.
void Connection::FinishCancel(const Limits& limits) {
  if (!cancel_done_) return;
  const absl::Time limit = absl::Now() + limits.grace;
  while (!broken_ && !cancel_done_->load()) {
    if (absl::Now() >= limit) broken_ = true;
    absl::SleepFor(absl::Milliseconds(1));
  }
  cancel_done_.reset();
}

bool Connection::Alive() {
  if (broken_ || PQstatus(conn_) != CONNECTION_OK) return false;
  pollfd socket = {PQsocket(conn_), POLLIN, 0};
  if (poll(&socket, 1, 0) <= 0) return true;
  if (PQconsumeInput(conn_) == 0 || PQstatus(conn_) != CONNECTION_OK) broken_ = true;
  return !broken_;
}

}  // namespace rsnms::pg
