// A pool of PostgreSQL connections with bounded waiting, and the one way to run a transaction.
#ifndef RSNMS_LIBS_PG_POOL_H_
#define RSNMS_LIBS_PG_POOL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"

namespace rsnms::pg {

struct PoolOptions {
  std::string conninfo;  // libpq connection string
  std::string schema;    // search_path of every connection
  std::string application_name = "rsnms";
  int size = 8;                                       // connections, opened lazily, kept
  absl::Duration acquire_timeout = absl::Seconds(2);  // longer waiting answers OVERLOADED
  absl::Duration idle_in_transaction_timeout = absl::Seconds(30);
  absl::Duration watchdog_grace = absl::Milliseconds(500);  // after the deadline the socket is shut
};

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

// How one transaction runs.
struct TxOptions {
  // Resource-name prefixes the transaction may see, comma-separated
  // (`regions/86,regions/61/organisations/…`),
  // `*` for everything (the service's own jobs). Empty shows nothing. Set per transaction as
  // `rsnms.scopes`.
  std::string scopes;
  absl::Time deadline =
      absl::InfiniteFuture();  // becomes statement_timeout and the watchdog's limit
  bool read_only = false;
  Isolation isolation = Isolation::kReadCommitted;
  int max_attempts = 5;             // on serialization failure and deadlock, with jittered back-off
  std::function<bool()> cancelled;  // polled; true stops the running query (never a COMMIT)
};

struct PoolStats {
  int size = 0;     // open connections, lent ones included
  int idle = 0;     // of them free
  int waiting = 0;  // callers waiting for one
  int64_t retries = 0;
  int64_t watchdog_kills = 0;    // sockets shut because the server did not answer
  int64_t commits_in_doubt = 0;  // answered COMMIT_IN_DOUBT
};

// Thread-safe. Destruction waits for running transactions.
class Pool {
 public:
  // Does not connect: a service starts while its database is away and says so in its health.
  static std::unique_ptr<Pool> Create(PoolOptions options);
  virtual ~Pool();

  // Runs `body` inside one transaction and commits when it returns OK; rolls back otherwise and
  // returns its status. `body` may be run again after a serialization failure or deadlock: it must
  // have no effect outside the transaction, and must not make remote calls. Exceptions of libpqxx
  // never leave.
  //
  // Errors beside the body's own (all carry google.rpc details, see libs/rpc/status.h):
  //   RESOURCE_EXHAUSTED OVERLOADED            no connection became free in time
  //   UNAVAILABLE        DATABASE_UNAVAILABLE  cannot connect, or broken before COMMIT was sent
  //   UNKNOWN            COMMIT_IN_DOUBT       broken, or the standby's wait cancelled, at COMMIT
  //   ABORTED            CONCURRENT_UPDATE     attempts used up
  //   DEADLINE_EXCEEDED / CANCELLED            by deadline or caller
  //   ALREADY_EXISTS, FAILED_PRECONDITION …    constraint violations by SQLSTATE class 23
  virtual absl::Status Run(const TxOptions& options,
                           const std::function<absl::Status(Tx&)>& body) = 0;

  // One read-only statement as a transaction of its own, in one round trip: the fast way for point
  // reads. Scopes, deadline, cancellation and retries as in Run; `isolation` and `read_only` are
  // not looked at.
  virtual absl::StatusOr<pqxx::result> Read(const TxOptions& options, std::string_view sql,
                                            const Params& params) = 0;

  // Opens a connection if needed and runs SELECT 1.
  virtual absl::Status Ping(absl::Duration timeout) = 0;

  virtual PoolStats Stats() const = 0;
  virtual const PoolOptions& options() const = 0;
};

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_POOL_H_
