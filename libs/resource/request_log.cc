#include "libs/resource/request_log.h"

#include "libs/resource/names.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/sealing.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using google::protobuf::Timestamp;

constexpr char kSqlFind[] =
    "SELECT method, request_hash, response, resource_name, create_time FROM request_log "
    "WHERE actor = $1 AND request_id = $2";
constexpr char kSqlInsert[] =
    "INSERT INTO request_log (actor, request_id, method, request_hash, response, resource_name) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
constexpr char kSqlComplete[] =
    "UPDATE request_log SET response = $3 WHERE actor = $1 AND request_id = $2";
// Rows that a running request has locked are left for the next time.
constexpr char kSqlForget[] =
    "DELETE FROM request_log WHERE (actor, request_id) IN (SELECT actor, request_id FROM "
    "request_log "
    "WHERE create_time < now() - make_interval(secs => $1::bigint) ORDER BY create_time "
    "LIMIT $2::integer FOR UPDATE SKIP LOCKED)";

Timestamp* Mutable(Message* resource, const FieldDescriptor* field) {
  return static_cast<Timestamp*>(resource->GetReflection()->MutableMessage(resource, field));
}

std::string Stripped(const Message& response) {
  const std::unique_ptr<Message> copy(response.New());
  copy->CopyFrom(response);
  StripPersonal(copy.get());
  return SerializeDeterministic(*copy);
}

}  // namespace

absl::StatusOr<std::optional<RequestRecord>> ReadRequestRecord(const rpc::Call& call,
                                                               const Message& request,
                                                               std::string_view key) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->type() != FieldDescriptor::TYPE_STRING) return std::nullopt;
  RequestRecord record;
  record.request_id = request.GetReflection()->GetString(request, field);
  if (record.request_id.empty()) return std::nullopt;
  if (!IsUuid(record.request_id)) {
    return rpc::InvalidField("request_id", options::v1::COMMON_REASON_INVALID_REQUEST_ID,
                             "must be a UUID in lower case", "укажите UUID строчными буквами");
  }
  record.actor = call.identity().subject;
  record.method = request.GetDescriptor()->full_name();  // one message per RPC
  const std::unique_ptr<Message> bare(request.New());
  bare->CopyFrom(request);
  bare->GetReflection()->ClearField(bare.get(), field);
  record.hash = Hmac(key, Cat(record.method, "\n", SerializeDeterministic(*bare)));
  return record;
}

absl::StatusOr<std::optional<LoggedAnswer>> FindAnswer(pg::Tx& tx, const RequestRecord& record) {
  auto rows = tx.Query(kSqlFind, record.actor, record.request_id);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return std::nullopt;
  const auto& row = (*rows)[0];
  if (record.method != row[0].c_str() || record.hash != pg::FromBytea(row[1].c_str())) {
    return rpc::Error(absl::StatusCode::kAlreadyExists,
                      options::v1::COMMON_REASON_REQUEST_ID_REUSED,
                      "request_id was used before with another request")
        .Field("request_id", "was used before with another request")
        .ToStatus();
  }
  LoggedAnswer answer;
  answer.response = pg::FromBytea(row[2].c_str());
  answer.resource_name = row[3].c_str();
  ParseTimestamp(row[4].c_str(), &answer.time);
  return answer;
}

absl::StatusOr<bool> LogRequest(pg::Tx& tx, const RequestRecord& record, const Message& response,
                                std::string_view resource_name) {
  auto params = pg::Params::Of(record.actor, record.request_id, record.method);
  params.AddBytes(record.hash).AddBytes(Stripped(response)).Add(resource_name);
  auto rows = tx.Execute(kSqlInsert, params);
  if (!rows.ok()) return rows.status();
  return *rows == 1;
}

absl::Status LogResponse(pg::Tx& tx, const RequestRecord& record, const Message& response) {
  auto params = pg::Params::Of(record.actor, record.request_id);
  params.AddBytes(Stripped(response));
  return tx.Execute(kSqlComplete, params).status();
}

absl::StatusOr<int64_t> ForgetRequests(pg::Tx& tx, absl::Duration kept, int batch) {
  return tx.Execute(kSqlForget, absl::ToInt64Seconds(kept), batch);
}

std::string KeepAnswer(const Type& type, const Message& resource, bool written, bool deleting) {
  const std::unique_ptr<Message> copy(resource.New());
  copy->CopyFrom(resource);
  StripPersonal(copy.get());
  if (written && type.update_time_field() != nullptr) {
    copy->GetReflection()->ClearField(copy.get(), type.update_time_field());
  }
  if (deleting && type.delete_time_field() != nullptr) {
    Mutable(copy.get(), type.delete_time_field())->Clear();  // present and zero
  }
  return SerializeDeterministic(*copy);
}

void RestoreTimes(const Type& type, const Timestamp& time, Message* resource) {
  for (const auto* field : {type.create_time_field(), type.update_time_field()}) {
    if (field == nullptr || resource->GetReflection()->HasField(*resource, field)) continue;
    *Mutable(resource, field) = time;
  }
  if (type.IsDeleted(*resource)) {
    Timestamp* deleted = Mutable(resource, type.delete_time_field());
    if (deleted->seconds() == 0) *deleted = time;
  }
}

}  // namespace rsnms::resource
