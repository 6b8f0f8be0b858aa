// What went wrong between us and PostgreSQL, and the one place that turns it into an absl::Status.
#ifndef RSNMS_LIBS_PG_FAILURE_H_
#define RSNMS_LIBS_PG_FAILURE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace rsnms::pg {

// A failed exchange with the server. Retry and doubt are decided by it, so it is kept apart from
// the status.
struct Failure {
  enum class Cause {
    kServer,     // the server answered with an error
    kBroken,     // the connection is gone
    kDeadline,   // our deadline passed
    kCancelled,  // our caller cancelled
    kInput,      // refused before anything was sent: NUL in a parameter
    kBody,       // a defect of the body: it threw, or its statement cannot be sent
  };
  Cause cause = Cause::kServer;
  std::string sqlstate;    // five characters; empty when the server did not say
  std::string constraint;  // and the other names the server gave, empty when it gave none
  std::string table;
  std::string column;
  // The server's own sentence. It may hold values of the row and pieces of SQL: never put into a
  // status.
  std::string message;
};

// A failure of our own making, without a server's word.
inline Failure OwnFailure(Failure::Cause cause) {
  Failure failure;
  failure.cause = cause;
  return failure;
}

// The whole transaction should be run again: serialization failure, deadlock, a stale prepared
// plan, or a connection that broke before COMMIT.
bool IsRetryable(const Failure& failure);
// The connection must not be used again.
bool LosesConnection(const Failure& failure);
// At COMMIT: nobody knows whether it took place.
bool LeavesCommitInDoubt(const Failure& failure);

// The status of a failure, with google.rpc details (table in pool.h). Logs what a developer needs
// and a caller must not see; never logs values.
absl::Status ToStatus(const Failure& failure);

// Statuses that no server error stands behind.
absl::Status CommitInDoubt();
absl::Status Overloaded();
absl::Status Unavailable(std::string_view sqlstate);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_FAILURE_H_
