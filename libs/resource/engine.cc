#include "libs/resource/engine.h"

#include <cstdio>
#include <cstdlib>
#include <set>

#include "google/api/resource.pb.h"
#include "libs/resource/access_log.h"
#include "libs/resource/engine_core.h"
#include "libs/resource/keyring.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/sealing.h"
#include "libs/resource/text.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {

using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

absl::StatusOr<std::unique_ptr<Engine>> Engine::Create(
    pg::Pool* pool, const std::vector<const ServiceDescriptor*>& services, EngineOptions options) {
  if (options.secret_key.size() != kSecretBytes) {
    return absl::InvalidArgumentError("secret_key must have 32 bytes");
  }
  auto engine = std::make_unique<EngineCore>(pool, std::move(options));
  if (auto s = engine->Read(services); !s.ok()) return s;
  return engine;
}

journal::Author AuthorOf(const rpc::Call& call, const Message& request) {
  journal::Author author;
  author.subject = call.identity().subject;
  author.trace_id = call.trace().trace_id;
  const auto text = [&](const char* name) -> std::string {
    const auto* field = request.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING) {
      return "";
    }
    return request.GetReflection()->GetString(request, field);
  };
  author.request_id = text("request_id");
  author.reason = text("reason");
  return author;
}

const Rows& RowsOf(const Engine& engine, const Descriptor* resource) {
  return static_cast<const EngineCore&>(engine).StoreOf(resource);
}

EngineCore::EngineCore(pg::Pool* pool, EngineOptions options)
    : pool_(pool),
      options_(std::move(options)),
      page_key_(DeriveKey(options_.secret_key, KeyPurpose::kPageTokens)),
      request_key_(DeriveKey(options_.secret_key, KeyPurpose::kRequestHashes)),
      gatherer_(pool, options_.gather_lanes) {}

absl::Status EngineCore::Read(const std::vector<const ServiceDescriptor*>& services) {
  for (const auto* service : services) {
    if (auto s = ReadResources(service->file(), service->file()->package()); !s.ok()) return s;
  }
  for (const auto* service : services) {
    if (auto s = ReadMethods(service); !s.ok()) return s;
  }
  LinkReferrers();
  return absl::OkStatus();
}

// The package's stored messages, from the service's file and what it imports.
absl::Status EngineCore::ReadResources(const FileDescriptor* file, std::string_view package) {
  if (file->package() != package) return absl::OkStatus();
  for (int i = 0; i < file->message_type_count(); ++i) {
    const Descriptor* message = file->message_type(i);
    if (!message->options().HasExtension(options::v1::resource)) continue;
    if (by_message_.contains(message->full_name())) continue;
    auto type = Type::Create(message);
    if (!type.ok()) return type.status();
    if ((*type)->encrypted() && options_.personal_keys == nullptr) {
      return absl::InvalidArgumentError(
          Cat(message->full_name(), " has encrypted fields: keys of personal data are needed"));
    }
    (*type)->SetKeys(options_.personal_keys);
    stores_.push_back(std::make_unique<Store>(*std::move(type)));
    Store* store = stores_.back().get();
    if (auto s = BeginInInitialStates(store); !s.ok()) return s;
    by_message_[message->full_name()] = store;
    if (!by_type_.try_emplace(store->type().resource_type(), store).second) {
      return absl::InvalidArgumentError(
          Cat("two messages declare ", store->type().resource_type()));
    }
  }
  for (int i = 0; i < file->dependency_count(); ++i) {
    if (auto s = ReadResources(file->dependency(i), package); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// A created resource begins in the states its contract declares.
absl::Status EngineCore::BeginInInitialStates(Store* store) {
  for (const auto& column : store->type().columns()) {
    const std::string& initial = column.options.initial();
    if (initial.empty()) continue;
    const auto* states = column.field->enum_type();
    const auto* value =
        states == nullptr ? nullptr : states->FindValueByName(Cat(column.enum_prefix, initial));
    if (value == nullptr || column.kind != Kind::kEnum || !column.output_only) {
      return absl::InvalidArgumentError(Cat(column.field->full_name(), ": `initial` wants an ",
                                            "output-only enum and one of its values"));
    }
    store->AddRule([field = column.field, number = value->number()](Change change, const Message*,
                                                                    Message* after) {
      const auto* reflection = after->GetReflection();
      if (change == Change::kCreate && reflection->GetEnumValue(*after, field) == 0) {
        reflection->SetEnumValue(after, field, number);
      }
      return absl::OkStatus();
    });
  }
  return absl::OkStatus();
}

absl::Status EngineCore::ReadMethods(const ServiceDescriptor* service) {
  for (int i = 0; i < service->method_count(); ++i) {
    const auto* rpc = service->method(i);
    const auto& options = rpc->options().GetExtension(options::v1::method);
    const auto unfit = [&](std::string_view why) {
      return absl::InvalidArgumentError(Cat(rpc->full_name(), ": ", why));
    };
    if (options.permission().empty()) return unfit("declares no permission");
    if (options.standard() == options::v1::STANDARD_UNSPECIFIED) continue;
    const auto it = by_type_.find(options.resource());
    if (it == by_type_.end()) {
      return unfit(Cat("works on the unknown resource `", options.resource(), "`"));
    }
    auto method = BindMethod(rpc, options.standard(), it->second->type());
    if (!method.ok()) return method.status();
    if (options.standard() == options::v1::STANDARD_GET ||
        options.standard() == options::v1::STANDARD_LIST) {
      it->second->mutable_type().AddReadPermission(options.permission());
    }
    methods_.emplace_back(*std::move(method), it->second);
  }
  return absl::OkStatus();
}

void EngineCore::LinkReferrers() {
  for (const auto& store : stores_) {
    for (auto& column : store->mutable_type().mutable_columns()) {
      if (column.kind != Kind::kReference && column.kind != Kind::kReferences) continue;
      const auto it = by_type_.find(column.target.type);
      if (it == by_type_.end()) continue;
      const Type& target = it->second->type();
      const Column* merged = target.Find("merged_into");
      if (merged != nullptr && merged->target.type == target.resource_type()) {
        column.target.merging_table = target.table();
      }
      it->second->AddReferrer(*store, column);
      store->AddReference(column, *it->second);
    }
  }
}

absl::Status EngineCore::Check() {
  pg::TxOptions options;
  options.scopes = "*";
  return pool_->Run(options, [&](pg::Tx& tx) -> absl::Status {
    for (const auto& store : stores_) {
      if (auto s = CheckSchema(tx, *store); !s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

void EngineCore::Serve(rpc::Server& server) {
  server.CheckDomainRequests(ValidateRequest);
  for (const auto& [method, store] : methods_) Register(server, method, *store);
}

Store& EngineCore::StoreOf(const Descriptor* resource) const {
  const auto it = by_message_.find(resource->full_name());
  if (it == by_message_.end()) {
    std::fprintf(stderr, "%s is not a resource of this engine\n", resource->full_name().c_str());
    std::abort();
  }
  return *it->second;
}

void EngineCore::RuleFor(const Descriptor* resource,
                         std::function<absl::Status(Change, const Message*, Message*)> rule) {
  StoreOf(resource).AddRule(std::move(rule));
}

void AddClientRule(Engine& engine, const Descriptor* resource, ClientRule rule) {
  static_cast<EngineCore&>(engine).StoreOf(resource).AddClientRule(std::move(rule));
}

void AddInquiry(Engine& engine, const Descriptor* resource, Inquiry inquiry) {
  static_cast<EngineCore&>(engine).StoreOf(resource).AddInquiry(std::move(inquiry));
}

void EngineCore::PrepareFor(const Descriptor* resource, Preparation preparation) {
  StoreOf(resource).AddPreparation(std::move(preparation));
}

const Type* EngineCore::FindType(std::string_view resource_type) const {
  const auto it = by_type_.find(std::string(resource_type));
  return it == by_type_.end() ? nullptr : &it->second->type();
}

std::vector<const Type*> EngineCore::types() const {
  std::vector<const Type*> types;
  for (const auto& store : stores_) types.push_back(&store->type());
  return types;
}

absl::Status EngineCore::WriteMessage(rpc::Call& call, const Message& request,
                                      const Descriptor* resource,
                                      const std::function<absl::Status(pg::Tx&, Message&)>& change,
                                      Message* response) {
  const Store& store = StoreOf(resource);
  const auto* descriptor = request.GetDescriptor();
  const auto text = [&](const char* field) {
    return StringOf(request, descriptor->FindFieldByName(field));
  };
  const std::string name = text("name"), etag = text("etag");
  if (!ParseName(store.type().pattern(), name)) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             Cat("must be ", store.type().pattern().Format("{region}", "{id}")),
                             "имя записи не соответствует образцу");
  }
  if (auto s = CheckEtagForm(etag, "etag"); !s.ok()) return s;
  const bool validate_only = BoolOf(request, descriptor->FindFieldByName("validate_only"));
  const auto author = AuthorOf(call, request);
  return RunWrite(call, request, store, validate_only, response,
                  [&](pg::Tx& tx, const RequestRecord* record) -> absl::StatusOr<Written> {
                    const auto before = store.type().New();
                    auto s = LockForChange(tx, store, name, etag, false, before.get());
                    if (!s.ok()) return s;
                    response->CopyFrom(*before);
                    if (s = change(tx, *response); !s.ok()) return s;
                    return store.Write(tx, Change::kUpdate, author, record, "", before.get(),
                                       response);
                  });
}

absl::Status EngineCore::RunWrite(rpc::Call& call, const Message& request, const Store& store,
                                  bool validate_only, Message* response, const Body& body) {
  auto record = ReadRequestRecord(call, request, request_key_);
  if (!record.ok()) return record.status();
  const RequestRecord* logged = *record && !validate_only ? &**record : nullptr;
  const Type& type = store.type();
  bool validated = false, known = false, read = false;
  const absl::Status status = pool_->Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    validated = known = false;
    response->Clear();
    auto written = body(tx, logged);
    if (!written.ok()) return written.status();
    known = *written == Written::kKnown;
    if (known) return absl::CancelledError("the request id is known");
    // An answer that shows a stored row and leaves no journal row is a read.
    read = *written == Written::kUnchanged || (validate_only && type.VersionOf(*response) > 1);
    if (!validate_only) {
      return read ? RecordReads(tx, call, type, {type.NameOf(*response)}) : absl::OkStatus();
    }
    if (auto s = tx.Script("SET CONSTRAINTS ALL IMMEDIATE"); !s.ok()) return s;
    validated = true;
    return absl::CancelledError("validated");
  });
  if (validated) {
    if (!read || !type.personal()) return absl::OkStatus();
    return pool_->Run(call.Tx(), [&](pg::Tx& tx) {
      return RecordReads(tx, call, type, {type.NameOf(*response)});
    });
  }
  if (status.ok()) {
    WakeSealer();
    return status;
  }
  // A repeated request fails in its own ways (stale etag, existing name, a row it refers to is
  // gone, or out of the caller's scope): its first answer outweighs them.
  const bool asked_again = known || absl::IsAborted(status) || absl::IsAlreadyExists(status) ||
                           absl::IsFailedPrecondition(status) || absl::IsNotFound(status) ||
                           absl::IsInvalidArgument(status) || absl::IsPermissionDenied(status);
  response->Clear();
  if (logged == nullptr || !asked_again) return store.Explain(status, "");
  auto replayed = Replay(call, *logged, &store, response);
  if (!replayed.ok()) return replayed.status();
  return *replayed ? absl::OkStatus() : store.Explain(status, "");
}

absl::StatusOr<bool> EngineCore::Replay(rpc::Call& call, const RequestRecord& record,
                                        const Store* store, Message* response) {
  bool found = false;
  const absl::Status status = pool_->Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    auto answer = FindAnswer(tx, record);
    if (!answer.ok()) return answer.status();
    found = answer->has_value();
    if (!found) return absl::OkStatus();
    response->ParseFromString((*answer)->response);
    if (store == nullptr) return absl::OkStatus();
    RestoreTimes(store->type(), (*answer)->time, response);
    if (!store->type().personal()) return absl::OkStatus();
    if (auto s = ReadPersonalAgain(tx, *store, response); !s.ok()) return s;
    return RecordReads(tx, call, store->type(), {store->type().NameOf(*response)});
  });
  if (!status.ok()) return status;
  return found;
}

// Personal fields are not kept with the answer: they are read from the resource as it stands.
absl::Status EngineCore::ReadPersonalAgain(pg::Tx& tx, const Store& store,
                                           Message* response) const {
  const auto stored = store.type().New();
  auto s = store.Get(tx, store.type().NameOf(*response), Lock::kNone, stored.get());
  if (!s.ok()) return s;
  for (const auto& column : store.type().columns()) {
    if (column.personal) CopyField(column.field, *stored, response);
  }
  return absl::OkStatus();
}

absl::Status EngineCore::Transact(rpc::Call& call, const Message& request, Message* response,
                                  const std::function<absl::Status(pg::Tx&)>& body) {
  const bool validate_only =
      BoolOf(request, request.GetDescriptor()->FindFieldByName("validate_only"));
  auto record = ReadRequestRecord(call, request, request_key_);
  if (!record.ok()) return record.status();
  const bool logged = record->has_value() && !validate_only;
  bool validated = false, known = false;
  const absl::Status status = pool_->Run(call.Tx(), [&](pg::Tx& tx) -> absl::Status {
    validated = known = false;
    if (response != nullptr) response->Clear();
    if (logged) {
      const std::unique_ptr<Message> nothing(request.New());
      auto fresh = LogRequest(tx, **record, *nothing, "");
      if (!fresh.ok()) return fresh.status();
      known = !*fresh;
      if (known) return absl::CancelledError("the request id is known");
    }
    if (auto s = body(tx); !s.ok()) return s;
    if (logged && response != nullptr) return LogResponse(tx, **record, *response);
    if (!validate_only) return absl::OkStatus();
    if (auto s = tx.Script("SET CONSTRAINTS ALL IMMEDIATE"); !s.ok()) return s;
    validated = true;
    return absl::CancelledError("validated");
  });
  if (validated) return absl::OkStatus();
  if (status.ok()) WakeSealer();
  if (!known) return status;
  const std::unique_ptr<Message> ignored(request.New());
  auto replayed = Replay(call, **record, nullptr, response != nullptr ? response : ignored.get());
  if (!replayed.ok()) return replayed.status();
  return *replayed ? absl::OkStatus() : status;
}

absl::Status CheckEtagForm(std::string_view etag, std::string_view path) {
  if (etag.empty() || ParseEtag(etag)) return absl::OkStatus();
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_ETAG,
                           "is not an etag of this service", "метка версии записана неверно");
}

absl::Status LockForChange(pg::Tx& tx, const Store& store, std::string_view name,
                           std::string_view etag, bool may_be_deleted, Message* before) {
  if (auto s = store.Get(tx, name, Lock::kUpdate, before); !s.ok()) return s;
  if (!etag.empty() && ParseEtag(etag) != store.type().VersionOf(*before)) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the resource has changed since this etag was read")
        .Resource(store.type().resource_type(), name);
  }
  if (!may_be_deleted && store.type().IsDeleted(*before)) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_DELETED,
                      "the resource is deleted; undelete it first")
        .Resource(store.type().resource_type(), name);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::resource
