// Idempotency: what a request with a request_id did is kept beside its effect, in the same
// transaction.
//
// The same caller, request_id and request get the first answer again; another request under a used
// id is refused with ALREADY_EXISTS REQUEST_ID_REUSED, until the id is forgotten: then it is new.
// Of racing requests with one id the first to insert wins; the others wait for its transaction and
// replay.
#ifndef RSNMS_LIBS_RESOURCE_REQUEST_LOG_H_
#define RSNMS_LIBS_RESOURCE_REQUEST_LOG_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/pg/tx.h"
#include "libs/resource/type.h"
#include "libs/rpc/call.h"

namespace rsnms::resource {

// Identifies a request. `method` is the full name of the RPC's request message, which no other RPC
// of a service takes.
struct RequestRecord {
  std::string actor, request_id, method, hash;
};

// Nothing when the request has no request_id. INVALID_ARGUMENT INVALID_REQUEST_ID when it is not a
// UUID. The hash is keyed: a reader of the table cannot guess the personal data of a request.
absl::StatusOr<std::optional<RequestRecord>> ReadRequestRecord(const rpc::Call& call,
                                                               const Message& request,
                                                               std::string_view key);

// Retention: forgets ids used longer than `kept` ago, at most `batch`. Answers how many.
absl::StatusOr<int64_t> ForgetRequests(pg::Tx& tx, absl::Duration kept, int batch);

// What was answered.
struct LoggedAnswer {
  std::string response, resource_name;
  google::protobuf::Timestamp time;  // of the write
};
// Nothing when the id is new. ALREADY_EXISTS when it was used by another request.
absl::StatusOr<std::optional<LoggedAnswer>> FindAnswer(pg::Tx& tx, const RequestRecord& record);

// Inserts the row alone; false when the id is known already (waiting for a racing transaction
// first).
absl::StatusOr<bool> LogRequest(pg::Tx& tx, const RequestRecord& record, const Message& response,
                                std::string_view resource_name);
// Completes a row inserted before its answer was known.
absl::Status LogResponse(pg::Tx& tx, const RequestRecord& record, const Message& response);

// The answer of a write as it is kept: without personal fields, and with the times the statement is
// about to set left out (`deleting` marks delete_time so). RestoreTimes puts them back from the
// row's own time.
std::string KeepAnswer(const Type& type, const Message& resource, bool written, bool deleting);
void RestoreTimes(const Type& type, const google::protobuf::Timestamp& time, Message* resource);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_REQUEST_LOG_H_
