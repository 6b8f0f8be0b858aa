#include "libs/resource/store.h"

#include "google/rpc/error_details.pb.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using absl::StatusCode;
using google::protobuf::Timestamp;

feed::v1::ChangeKind KindOf(Change change) {
  switch (change) {
    case Change::kCreate:
      return feed::v1::CHANGE_KIND_CREATED;
    case Change::kUpdate:
      return feed::v1::CHANGE_KIND_UPDATED;
    case Change::kDelete:
      return feed::v1::CHANGE_KIND_DELETED;
    case Change::kUndelete:
      return feed::v1::CHANGE_KIND_UNDELETED;
  }
  return feed::v1::CHANGE_KIND_UNSPECIFIED;
}

void SetTime(Message* resource, const FieldDescriptor* field, std::string_view text) {
  if (field == nullptr) return;
  ParseTimestamp(
      text, static_cast<Timestamp*>(resource->GetReflection()->MutableMessage(resource, field)));
}

void Clear(Message* resource, const FieldDescriptor* field) {
  if (field != nullptr) resource->GetReflection()->ClearField(resource, field);
}

}  // namespace

absl::Status Store::NotFound(std::string_view name) const {
  return rpc::NotFound(type_->resource_type(), name);
}

absl::Status Store::Get(pg::Tx& tx, std::string_view name, Lock lock, Message* out) const {
  const auto parts = ParseName(type_->pattern(), name);
  if (!parts) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             Cat("must be ", type_->pattern().Format("{region}", "{id}")));
  }
  const std::string& sql = lock == Lock::kNone    ? sql_.get_one
                           : lock == Lock::kShare ? sql_.lock_share
                                                  : sql_.lock_update;
  auto rows = tx.Query(sql, parts->region, parts->id);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) return lock == Lock::kUpdate ? Unwritable(tx, *parts, name) : NotFound(name);
  return DecodeRow(*type_, (*rows)[0], out);
}

// Policies may show a row and not let it be changed: then a lock finds nothing, a plain read does.
absl::Status Store::Unwritable(pg::Tx& tx, const NameParts& parts, std::string_view name) const {
  auto seen = tx.Query(sql_.get_one, parts.region, parts.id);
  if (!seen.ok()) return seen.status();
  if (seen->empty()) return NotFound(name);
  return rpc::Error(StatusCode::kPermissionDenied, options::v1::COMMON_REASON_PERMISSION_DENIED,
                    "the caller's scope shows the resource, and does not let it be changed")
      .Resource(type_->resource_type(), name);
}

absl::Status Store::Select(pg::Tx& tx, std::string_view where_sql, const pg::Params& params,
                           const std::function<Message*()>& next) const {
  auto rows = tx.Query(Cat(sql_.select, " WHERE ", where_sql), params);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    if (auto s = DecodeRow(*type_, row, next()); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Store::Insert(pg::Tx& tx, const journal::Author& author, Message* r) const {
  const std::string name = type_->NameOf(*r);
  if (const auto parent = ParseParent(name); parent && *parent != "-" && !type_->is_region()) {
    if (type_->pattern().id_kind != options::v1::ID_KIND_UUID) {
      return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                               "must hold the id: it is a code");
    }
    type_->SetName(r, *parent, NewUuid());
  }
  return Write(tx, Change::kCreate, author, nullptr, "", nullptr, r).status();
}

absl::Status Store::Update(pg::Tx& tx, const journal::Author& author, const Message& before,
                           Message* after) const {
  return Write(tx, Change::kUpdate, author, nullptr, "", &before, after).status();
}

absl::Status Store::Delete(pg::Tx& tx, const journal::Author& author, const Message& before) const {
  const std::unique_ptr<Message> after(before.New());
  after->CopyFrom(before);
  return Write(tx, Change::kDelete, author, nullptr, "", &before, after.get()).status();
}

absl::Status Store::Undelete(pg::Tx& tx, const journal::Author& author,
                             const Message& before) const {
  const std::unique_ptr<Message> after(before.New());
  after->CopyFrom(before);
  return Write(tx, Change::kUndelete, author, nullptr, "", &before, after.get()).status();
}

absl::Status Store::Rewrite(pg::Tx& tx, const journal::Author& author, const Message& before,
                            Message* after) const {
  const std::string name = type_->NameOf(before);
  const auto parts = ParseName(type_->pattern(), name);
  if (!parts) return NotFound(name);
  type_->SetName(after, parts->region, parts->id);
  if (ChangedFields(*type_, before, *after).empty()) return absl::OkStatus();
  type_->SetVersion(after, type_->VersionOf(before) + 1);
  const auto params = WriteParams(Change::kUpdate, *parts, author, nullptr, &before, *after);
  if (!params.ok()) return params.status();
  auto rows = tx.Query(sql_.update, *params);
  if (!rows.ok()) return Explain(rows.status(), "");
  if ((*rows)[0][1].is_null()) return Lost(name, false);
  SetTime(after, type_->update_time_field(), (*rows)[0][1].c_str());
  return absl::OkStatus();
}

// Everything that may say no, or complete the image, before the statement.
absl::Status Store::Settle(pg::Tx& tx, Change change, const journal::Author& author, Sender sender,
                           std::string_view path, const Message* before, Message* after) const {
  after->DiscardUnknownFields();
  if (change != Change::kUndelete && before != nullptr && type_->IsDeleted(*before)) {
    return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_DELETED,
                      "the resource is deleted; undelete it first")
        .Resource(type_->resource_type(), type_->NameOf(*before));
  }
  if (change == Change::kCreate || change == Change::kUpdate) {
    if (auto s = ValidateResource(*type_, path, after); !s.ok()) return s;
  }
  if (change == Change::kUpdate && sender == Sender::kClient) {
    if (auto s = AskClientRules(tx, before, *after); !s.ok()) return rpc::UnderField(s, path);
  }
  return rpc::UnderField(AskRules(tx, change, author, before, after), path);
}

absl::Status Store::Inquire(const rpc::Call& call, const Message& request) const {
  for (const auto& inquiry : inquiries_) {
    if (auto s = inquiry(call, request); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Store::AskClientRules(pg::Tx& tx, const Message* before, const Message& after) const {
  if (before == nullptr) return absl::OkStatus();
  for (const auto& rule : client_rules_) {
    if (auto s = rule(tx, *before, after); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// A row that comes back is judged as a new one, on a copy: it comes back as it was, but for copies
// that say who sees it.
absl::Status Store::AskPreparations(pg::Tx& tx, Change change, const journal::Author& author,
                                    const Message* before, Message* after) const {
  if (change == Change::kDelete) return absl::OkStatus();
  std::unique_ptr<Message> copy;
  if (change == Change::kUndelete && !preparations_.empty()) {
    copy.reset(after->New());
    copy->CopyFrom(*after);
    Clear(copy.get(), type_->delete_time_field());
  }
  for (const auto& prepare : preparations_) {
    std::vector<Engine::Pending> pending = {{copy == nullptr ? before : nullptr,
                                             copy == nullptr ? after : copy.get(), absl::OkStatus(),
                                             &author}};
    if (auto s = prepare(tx, pending); !s.ok()) return s;
    if (!pending[0].status.ok()) return pending[0].status;
  }
  if (copy == nullptr) return absl::OkStatus();
  for (const auto& column : type_->columns()) {
    if (column.output_only && column.options.scope() != options::v1::SCOPE_ROLE_UNSPECIFIED)
      CopyField(column.field, *copy, after);
  }
  return absl::OkStatus();
}

// Preparations, then rules. They know the resource alone: paths of their errors begin there.
absl::Status Store::AskRules(pg::Tx& tx, Change change, const journal::Author& author,
                             const Message* before, Message* after) const {
  if (auto s = AskPreparations(tx, change, author, before, after); !s.ok()) return s;
  for (const auto& rule : rules_) {
    if (auto s = rule(change, before, after); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// The parameters of the write statements (statements.cc gives their order).
absl::StatusOr<pg::Params> Store::WriteParams(Change change, const NameParts& parts,
                                              const journal::Author& author,
                                              const RequestRecord* request, const Message* before,
                                              const Message& after) const {
  std::vector<std::string> changed;
  if (before != nullptr) changed = ChangedFields(*type_, *before, after);
  // A deleted row that is rewritten stays deleted to those who follow.
  const auto kind = change == Change::kUpdate && type_->IsDeleted(after)
                        ? feed::v1::CHANGE_KIND_DELETED
                        : KindOf(change);
  auto params = pg::Params::Of(parts.region, parts.id, type_->VersionOf(after),
                               static_cast<int64_t>(kind), changed);
  params.AddBytes(ImageOf(*type_, after));
  params.Add(author.subject).Add(author.request_id).Add(author.trace_id).Add(author.reason);
  Values values;
  if (auto s = EncodeColumns(*type_, after, &values); !s.ok()) return s;
  for (const auto& value : values) params.Add(value);
  if (before != nullptr) {
    const DeleteMode mode = change == Change::kDelete     ? DeleteMode::kSet
                            : change == Change::kUndelete ? DeleteMode::kClear
                                                          : DeleteMode::kKeep;
    params.Add(static_cast<int64_t>(mode));
  }
  if (request != nullptr) {
    params.Add(request->request_id).Add(request->method).AddBytes(request->hash);
    params.AddBytes(KeepAnswer(*type_, after, true, change == Change::kDelete));
    params.Add(type_->NameOf(after));
  }
  return params;
}

// The statement wrote nothing: somebody else's row stands there.
absl::Status Store::Lost(std::string_view name, bool creating) const {
  if (creating) {
    return rpc::Error(StatusCode::kAlreadyExists, options::v1::COMMON_REASON_ALREADY_EXISTS,
                      Cat(name, " exists"))
        .Resource(type_->resource_type(), name);
  }
  return rpc::Error(StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the resource has changed since it was read")
      .Resource(type_->resource_type(), name);
}

absl::StatusOr<Written> Store::Write(pg::Tx& tx, Change change, const journal::Author& author,
                                     const RequestRecord* request, std::string_view path,
                                     const Message* before, Message* after, Sender sender) const {
  const std::string name = type_->NameOf(before != nullptr ? *before : *after);
  const auto parts = ParseName(type_->pattern(), name);
  if (!parts) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             Cat("must be ", type_->pattern().Format("{region}", "{id}")));
  }
  if (auto s = Settle(tx, change, author, sender, path, before, after); !s.ok()) return s;
  type_->SetName(after, parts->region, parts->id);  // whatever a caller put there
  if (change == Change::kUpdate && ChangedFields(*type_, *before, *after).empty()) {
    if (request == nullptr) return Written::kUnchanged;
    auto fresh = LogRequest(tx, *request, *after, name);
    if (!fresh.ok()) return fresh.status();
    return *fresh ? Written::kUnchanged : Written::kKnown;
  }
  if (change == Change::kDelete) {
    if (auto s = CheckUnreferenced(tx, *parts); !s.ok()) return s;
  }
  const bool creating = before == nullptr;
  type_->SetVersion(after, creating ? 1 : type_->VersionOf(*before) + 1);
  if (creating) Clear(after, type_->create_time_field());
  if (creating) Clear(after, type_->update_time_field());
  if (creating || change == Change::kUndelete) Clear(after, type_->delete_time_field());

  const std::string& sql = creating ? (request != nullptr ? sql_.insert_logged : sql_.insert)
                                    : (request != nullptr ? sql_.update_logged : sql_.update);
  const auto params = WriteParams(change, *parts, author, request, before, *after);
  if (!params.ok()) return rpc::UnderField(params.status(), path);
  if (auto s = DemandLivingReferences(tx, change, *parts, before, *after); !s.ok()) return s;
  auto rows = tx.Query(sql, *params);
  if (!rows.ok()) return Explain(rows.status(), path);
  if ((*rows)[0][0].c_str() == std::string_view("0")) return Written::kKnown;
  const auto time = (*rows)[0][1];
  if (time.is_null()) return Lost(name, creating);
  if (creating) SetTime(after, type_->create_time_field(), time.c_str());
  SetTime(after, type_->update_time_field(), time.c_str());
  if (change == Change::kDelete) SetTime(after, type_->delete_time_field(), time.c_str());
  return Written::kYes;
}

absl::Status Store::Explain(absl::Status status, std::string_view path) const {
  const google::rpc::Status details = rpc::ToProto(status);
  google::rpc::ErrorInfo info;
  for (const auto& any : details.details()) {
    if (any.Is<google::rpc::BadRequest>()) return status;
    if (any.Is<google::rpc::ErrorInfo>()) any.UnpackTo(&info);
  }
  const auto it = info.metadata().find("constraint");
  if (it == info.metadata().end()) return status;
  const auto field = constraint_fields_.find(it->second);
  if (field == constraint_fields_.end()) return status;
  const auto* reason =
      options::v1::CommonReason_descriptor()->FindValueByName(Cat("COMMON_REASON_", info.reason()));
  if (reason == nullptr) return status;
  rpc::Error error(status.code(), *reason, Cat(field->second, ": ", ToStd(status.message())));
  error.Field(path.empty() ? field->second : Cat(path, ".", field->second),
              ToStd(status.message()));
  for (const auto& [key, value] : info.metadata()) error.With(key, value);
  return error;
}

}  // namespace rsnms::resource
