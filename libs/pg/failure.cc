#include "libs/pg/failure.h"

#include <spdlog/spdlog.h>

#include "absl/time/time.h"
#include "libs/rpc/status.h"

namespace rsnms::pg {
namespace {

using absl::StatusCode;
using options::v1::CommonReason;

constexpr absl::Duration kRetryDelay = absl::Milliseconds(500);

bool InClass(const Failure& failure, std::string_view two) {
  return failure.sqlstate.starts_with(two);
}

bool IsShutdown(const Failure& failure) {
  return failure.sqlstate == "57P01" || failure.sqlstate == "57P02" ||
         failure.sqlstate == "57P03" || failure.sqlstate == "57P05" || failure.sqlstate == "25P03";
}

// A plan prepared before a migration changed its tables.
bool IsStalePlan(const Failure& failure) {
  return failure.sqlstate == "26000" ||
         (failure.sqlstate == "0A000" && failure.message.find("cached plan") != std::string::npos);
}

absl::Status Named(StatusCode code, CommonReason reason, std::string_view text,
                   const Failure& failure) {
  rpc::Error error(code, reason, text);
  error.With("sqlstate", failure.sqlstate);
  if (!failure.constraint.empty()) error.With("constraint", failure.constraint);
  if (!failure.table.empty()) error.With("table", failure.table);
  if (!failure.column.empty()) error.With("column", failure.column);
  return error;
}

// SQLSTATE class 23 and its kin: a rule kept by the database.
absl::Status IntegrityStatus(const Failure& failure) {
  if (failure.sqlstate == "23505") {
    return Named(StatusCode::kAlreadyExists, options::v1::COMMON_REASON_ALREADY_EXISTS,
                 "a row with this unique value exists", failure);
  }
  if (failure.sqlstate == "23503") {
    // Both sides of a foreign key have one code; only the sentence tells them apart (English
    // lc_messages).
    if (failure.message.starts_with("update or delete on table")) {
      return Named(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_STILL_REFERENCED,
                   "other rows refer to this one", failure);
    }
    return Named(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND,
                 "a referenced row does not exist", failure);
  }
  return Named(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_CONSTRAINT_VIOLATED,
               "a constraint refuses the change", failure);
}

bool IsBadValue(const Failure& failure) {
  for (std::string_view state :
       {"22001", "22003", "22007", "22008", "22021", "22P02", "22P03", "22P05"}) {
    if (failure.sqlstate == state) return true;
  }
  return false;
}

// Sentences about data quote it; those about SQL and the server name tables and columns, and may be
// logged.
bool QuotesValues(const Failure& failure) {
  for (std::string_view harmless : {"0A", "25", "26", "42", "XX"}) {
    if (InClass(failure, harmless)) return false;
  }
  return true;
}

absl::Status ServerStatus(const Failure& failure) {
  if (InClass(failure, "23") || failure.sqlstate == "P0001") return IntegrityStatus(failure);
  if (failure.sqlstate == "40003") return CommitInDoubt();
  if (InClass(failure, "40") || failure.sqlstate == "55P03" || IsStalePlan(failure)) {
    return Named(StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                 "concurrent transactions collided", failure);
  }
  if (InClass(failure, "08") || IsShutdown(failure) || failure.sqlstate == "53300" ||
      failure.sqlstate == "25006") {
    return Unavailable(failure.sqlstate);
  }
  if (InClass(failure, "53")) {
    return rpc::Error(StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                      "the database is out of resources")
        .With("sqlstate", failure.sqlstate)
        .RetryAfter(absl::Seconds(5));
  }
  if (failure.sqlstate == "57014") {
    return Named(StatusCode::kCancelled, options::v1::COMMON_REASON_CANCELLED,
                 "the statement was cancelled", failure);
  }
  if (failure.sqlstate == "42501") {
    return Named(StatusCode::kPermissionDenied, options::v1::COMMON_REASON_PERMISSION_DENIED,
                 "the row lies outside the caller's scope", failure);
  }
  if (IsBadValue(failure)) {
    return Named(StatusCode::kInvalidArgument, options::v1::COMMON_REASON_INVALID_FORMAT,
                 "the database refuses a value", failure);
  }
  // A defect of ours.
  spdlog::error("postgres refused a statement: sqlstate={} table={} column={} message={}",
                failure.sqlstate, failure.table, failure.column,
                QuotesValues(failure) ? "-" : failure.message);
  return Named(StatusCode::kInternal, options::v1::COMMON_REASON_INTERNAL,
               "the database refused a statement", failure);
}

}  // namespace

bool IsRetryable(const Failure& failure) {
  if (failure.cause == Failure::Cause::kBroken) return true;
  if (failure.cause != Failure::Cause::kServer) return false;
  return failure.sqlstate == "40001" || failure.sqlstate == "40P01" || IsStalePlan(failure) ||
         failure.sqlstate == "25006" || (IsShutdown(failure) && failure.sqlstate != "25P03");
}

bool LosesConnection(const Failure& failure) {
  if (failure.cause == Failure::Cause::kBroken) return true;
  return failure.cause == Failure::Cause::kServer &&
         (IsShutdown(failure) || InClass(failure, "08") || IsStalePlan(failure) ||
          failure.sqlstate == "25006");
}

bool LeavesCommitInDoubt(const Failure& failure) {
  // Somebody cancelled the commit's deferred triggers: the server says so and has rolled back.
  if (failure.sqlstate == "57014") return false;
  return failure.cause != Failure::Cause::kServer || IsShutdown(failure) ||
         InClass(failure, "08") || failure.sqlstate == "40003";
}

absl::Status ToStatus(const Failure& failure) {
  switch (failure.cause) {
    case Failure::Cause::kServer:
      return ServerStatus(failure);
    case Failure::Cause::kBroken:
      return Unavailable(failure.sqlstate);
    case Failure::Cause::kDeadline:
      return rpc::Error(StatusCode::kDeadlineExceeded, options::v1::COMMON_REASON_DEADLINE_EXCEEDED,
                        "the deadline passed during database work");
    case Failure::Cause::kCancelled:
      return rpc::Error(StatusCode::kCancelled, options::v1::COMMON_REASON_CANCELLED,
                        "the call was cancelled during database work");
    case Failure::Cause::kInput:
      return rpc::Error(StatusCode::kInvalidArgument, options::v1::COMMON_REASON_NUL_CHARACTER,
                        "a text value holds the NUL character");
    case Failure::Cause::kBody:
      break;
  }
  return rpc::Error(StatusCode::kInternal, options::v1::COMMON_REASON_INTERNAL,
                    "a defect in a transaction's body");
}

absl::Status CommitInDoubt() {
  return rpc::Error(StatusCode::kUnknown, options::v1::COMMON_REASON_COMMIT_IN_DOUBT,
                    "the outcome of the commit is unknown; repeat with the same request_id");
}

absl::Status Overloaded() {
  return rpc::Error(StatusCode::kResourceExhausted, options::v1::COMMON_REASON_OVERLOADED,
                    "no database connection became free in time")
      .RetryAfter(kRetryDelay);
}

absl::Status Unavailable(std::string_view sqlstate) {
  rpc::Error error(StatusCode::kUnavailable, options::v1::COMMON_REASON_DATABASE_UNAVAILABLE,
                   "the database is unavailable");
  if (!sqlstate.empty()) error.With("sqlstate", sqlstate);
  return error.RetryAfter(kRetryDelay);
}

}  // namespace rsnms::pg
