// One connection to PostgreSQL: statements go through libpq's pipeline (which libpqxx 6.4 does not
// offer), so that BEGIN, the transaction's settings and the first statement are one round trip;
// results are libpqxx's.
#ifndef RSNMS_LIBS_PG_CONNECTION_H_
#define RSNMS_LIBS_PG_CONNECTION_H_

#include <libpq-fe.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <pqxx/result>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "libs/pg/failure.h"
#include "libs/pg/pool.h"
#include "libs/pg/tx.h"

namespace rsnms::pg {

// How long an exchange may take and who may stop it. At the deadline or on cancellation the server
// is asked to cancel; `grace` later the socket is shut, for a frozen server answers nothing.
struct Limits {
  absl::Time deadline = absl::InfiniteFuture();
  absl::Duration grace = absl::Milliseconds(500);
  const std::function<bool()>* cancelled = nullptr;  // polled every 20 ms; null: nobody cancels
  bool cancellable = true;  // false: never ask the server to cancel (COMMIT)
};

// Used by one thread at a time. Functions return what failed first, nullopt when nothing did.
class Connection {
 public:
  // Blocks for at most connect_timeout (2 s unless the conninfo says otherwise) per host.
  static std::unique_ptr<Connection> Open(const PoolOptions& options, Failure& failure);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts a statement into the send buffer, prepared under its text on first use.
  void Enqueue(std::string_view sql, const Params& params = {});
  // The same for a statement that must answer no row: one fails the exchange as a foreign key of
  // that name.
  void EnqueueDemand(std::string_view sql, const Params& params);
  // Sends what is enqueued and reads every answer; `last` receives the last statement's.
  std::optional<Failure> Exchange(const Limits& limits, pqxx::result* last);
  // Sends what is enqueued without waiting; the next exchange reads the answers and forgets them.
  void SendAndForget();
  // Several statements without parameters, by the simple protocol.
  std::optional<Failure> Script(const std::string& sql, const Limits& limits);
  // Runs `copy` (COPY … FROM STDIN in text format) and feeds it.
  std::optional<Failure> CopyIn(const std::string& copy, const std::function<bool(CopyRow&)>& next,
                                const Limits& limits, int64_t& rows);

  // Looks without blocking whether the server has hung up.
  bool Alive();
  // A statement has failed in the running transaction, as the last exchange saw it.
  bool InFailedTransaction() const { return PQtransactionStatus(conn_) == PQTRANS_INERROR; }
  bool broken() const { return broken_; }
  // The limit shut the socket.
  bool shut() const { return shut_; }
  // A COMMIT since the last call was acknowledged although its wait for the standby had been
  // cancelled.
  bool TakeStandbyWaitCancelled();

 private:
  struct Statement {
    std::string sql;
    std::string name;
  };
  struct Expected {
    enum class Kind { kPrepare, kStatement, kDemand, kUnwanted, kSync } kind;
    std::string sql;  // of kPrepare
  };

  explicit Connection(PGconn* conn);
  static void OnNotice(void* self, const PGresult* notice);
  const std::string& Prepared(std::string_view sql);
  void Forget(const std::string& sql);
  void Send(std::string_view sql, const Params& params, Expected::Kind kind);
  bool Await(const Limits& limits);
  bool Pause(short events, const Limits& limits);
  bool CheckLimits(const Limits& limits, absl::Time now);
  void StartCancel(Failure::Cause cause);
  void FinishCancel(const Limits& limits);
  void Read(const Expected& expected, PGresult* answer, std::optional<Failure>& first,
            pqxx::result* last);
  std::optional<Failure> ReadSimple(const Limits& limits);
  std::optional<Failure> LeavePipeline(const Limits& limits);
  std::optional<Failure> Feed(const std::function<bool(CopyRow&)>& next, const Limits& limits,
                              int64_t& rows);
  bool Put(const std::string& chunk, const Limits& limits);
  Failure FailureOf(const PGresult* answer);
  Failure Broken();
  std::optional<Failure> Explained(std::optional<Failure> failure, const Limits& limits);

  PGconn* conn_;
  bool broken_ = false;
  bool shut_ = false;
  bool standby_wait_cancelled_ = false;
  bool unsendable_ = false;  // libpq refused to send a statement
  std::deque<Expected> expected_;
  std::list<Statement> statements_;  // most recently used first
  absl::flat_hash_map<std::string_view, std::list<Statement>::iterator> by_sql_;
  int64_t next_name_ = 1;
  std::optional<Failure::Cause> stop_cause_;
  absl::Time stop_time_;
  std::shared_ptr<std::atomic<bool>> cancel_done_;
};

// A name as SQL wants it, in double quotes.
std::string QuoteIdentifier(std::string_view name);
// A row as COPY's text format wants it.
void AppendCopyRow(std::string& out, const CopyRow& row);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_CONNECTION_H_
