// Handlers of the standard methods. Requests are judged before the database is asked; permission
// was judged by the server before that.
#include <algorithm>

#include "google/protobuf/field_mask.pb.h"
#include "libs/resource/access_log.h"
#include "libs/resource/engine_core.h"
#include "libs/resource/importer.h"
#include "libs/resource/list.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"
#include "libs/resource/update_mask.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

using absl::StatusCode;

constexpr int kMaxBatchNames = 1000;

absl::Status InvalidName(const Type& type, std::string_view path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_INVALID_NAME,
                           Cat("must be ", type.pattern().Format("{region}", "{id}")),
                           "имя записи не соответствует образцу");
}

const Message& ResourceOf(const Method& method, const Message& request) {
  return request.GetReflection()->GetMessage(request, method.resource);
}

absl::Status MissingResource(const Method& method) {
  return rpc::InvalidField(method.resource->name(),
                           options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING, "is required",
                           "поле обязательно");
}

// The name a created resource will have, from parent and id.
absl::StatusOr<std::string> NewName(const Type& type, const Method& method,
                                    const Message& request) {
  std::string id = StringOf(request, method.resource_id);
  std::string_view region;
  const std::string parent_text = StringOf(request, method.parent);
  if (!type.is_region() || !parent_text.empty()) {
    const auto parent = ParseParent(parent_text);
    if (!parent || *parent == "-") {
      return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                               "must be regions/{code}", "укажите regions/{код}");
    }
    if (!type.is_region()) region = *parent;
  }
  const bool assigned = type.pattern().id_kind == options::v1::ID_KIND_UUID;
  if (id.empty() && assigned) id = NewUuid();
  const std::string path = method.resource_id == nullptr ? "name" : method.resource_id->name();
  if (id.empty()) {
    return rpc::InvalidField(path, options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING, "is required",
                             "поле обязательно");
  }
  if (!type.pattern().IsId(id)) {
    return rpc::InvalidField(
        path, options::v1::COMMON_REASON_INVALID_NAME,
        assigned ? "must be a UUID in lower case" : "must match [a-z0-9][a-z0-9_-]{0,62}",
        "недопустимый идентификатор");
  }
  return type.pattern().Format(region, id);
}

}  // namespace

void EngineCore::Register(rpc::Server& server, const Method& method, const Store& store) {
  const Method* m = &method;
  const Store* s = &store;
  if (method.standard == options::v1::STANDARD_GET) {
    server.HandleAsync(method.rpc,
                       [this, m, s](std::shared_ptr<rpc::Call> call, const Message& request,
                                    Message* response, rpc::Server::Done done) {
                         Get(*m, *s, std::move(call), request, response, std::move(done));
                       });
    return;
  }
  if (method.standard == options::v1::STANDARD_IMPORT) {
    server.HandleClientStream(
        method.rpc, [this, m, s](rpc::Call& call, rpc::Reader<Message>& reader, Message* out) {
          bool committed = false;
          auto status = RunImport(*pool_, *s, *m, request_key_, call, reader, out, &committed);
          if (committed) WakeSealer();
          return status;
        });
    return;
  }
  using Handler = absl::Status (EngineCore::*)(const Method&, const Store&, rpc::Call&,
                                               const Message&, Message*);
  Handler handler = nullptr;
  switch (method.standard) {
    case options::v1::STANDARD_BATCH_GET:
      handler = &EngineCore::BatchGet;
      break;
    case options::v1::STANDARD_LIST:
      handler = &EngineCore::List;
      break;
    case options::v1::STANDARD_CREATE:
      handler = &EngineCore::CreateOne;
      break;
    case options::v1::STANDARD_UPDATE:
      handler = &EngineCore::UpdateOne;
      break;
    case options::v1::STANDARD_DELETE:
      handler = &EngineCore::DeleteOne;
      break;
    case options::v1::STANDARD_TRANSITION:
      handler = &EngineCore::Transit;
      break;
    default:
      handler = &EngineCore::UndeleteOne;
  }
  server.Handle(method.rpc,
                [this, m, s, handler](rpc::Call& call, const Message& request, Message* response) {
                  return (this->*handler)(*m, *s, call, request, response);
                });
}

void EngineCore::Get(const Method& method, const Store& store, std::shared_ptr<rpc::Call> call,
                     const Message& request, Message* response, rpc::Server::Done done) {
  const std::string name = StringOf(request, method.name);
  const auto parts = ParseName(store.type().pattern(), name);
  if (!parts) return done(InvalidName(store.type(), "name"));
  if (!call->identity().TouchesRegion(parts->region)) return done(store.NotFound(name));
  gatherer_.Get(store, parts->region, parts->id, std::move(call), response, std::move(done));
}

absl::Status EngineCore::BatchGet(const Method& method, const Store& store, rpc::Call& call,
                                  const Message& request, Message* response) {
  const Type& type = store.type();
  const auto* reflection = request.GetReflection();
  const int n = reflection->FieldSize(request, method.names);
  if (n == 0 || n > kMaxBatchNames) {
    return rpc::InvalidField("names",
                             n == 0 ? options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING
                                    : options::v1::COMMON_REASON_OUT_OF_RANGE,
                             Cat("must hold from 1 to ", kMaxBatchNames, " names"),
                             Cat("укажите от 1 до ", kMaxBatchNames, " имён"));
  }
  const std::string parent = StringOf(request, method.parent);
  const auto parent_region = ParseParent(parent);
  if (!parent.empty() && !parent_region) {
    return rpc::InvalidField("parent", options::v1::COMMON_REASON_INVALID_PARENT,
                             "must be regions/{code} or regions/-");
  }
  std::map<std::string, std::vector<std::string>> ids;  // by region
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i) {
    names.push_back(reflection->GetRepeatedString(request, method.names, i));
    const auto parts = ParseName(type.pattern(), names.back());
    const bool inside =
        !parent_region || *parent_region == "-" || (parts && parts->region == *parent_region);
    if (!parts || !inside) return InvalidName(type, Cat("names[", i, "]"));
    ids[std::string(parts->region)].emplace_back(parts->id);
  }
  auto options = type.personal() ? call.Tx() : call.ReadTx();
  return pool_->Run(options, [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    absl::flat_hash_map<std::string, std::unique_ptr<Message>> found;
    for (const auto& [region, list] : ids) {
      auto rows = tx.Query(store.sql().get, region, list);
      if (!rows.ok()) return rows.status();
      for (const auto& row : *rows) {
        auto image = type.New();
        if (auto s = DecodeRow(type, row, image.get()); !s.ok()) return s;
        const std::string name = type.NameOf(*image);
        found[name] = std::move(image);
      }
    }
    for (const auto& name : names) {
      const auto it = found.find(name);
      if (it == found.end()) return store.NotFound(name);
      response->GetReflection()->AddMessage(response, method.items)->CopyFrom(*it->second);
    }
    return RecordReads(tx, call, type, names);
  });
}

absl::Status EngineCore::List(const Method& method, const Store& store, rpc::Call& call,
                              const Message& request, Message* response) {
  auto plan = PlanList(store.type(), method, request, call.identity(), page_key_);
  if (!plan.ok()) return plan.status();
  const auto options = store.type().personal() ? call.Tx() : call.ReadTx();
  return pool_->Run(options, [&](pg::Tx& tx) {
    return ReadPage(tx, store, method, *plan, call, page_key_, response);
  });
}

absl::Status EngineCore::CreateOne(const Method& method, const Store& store, rpc::Call& call,
                                   const Message& request, Message* response) {
  if (!request.GetReflection()->HasField(request, method.resource)) return MissingResource(method);
  auto name = NewName(store.type(), method, request);
  if (!name.ok()) return name.status();
  const auto parts = ParseName(store.type().pattern(), *name);
  if (!call.identity().TouchesRegion(parts->region)) {
    return rpc::Error(StatusCode::kPermissionDenied, options::v1::COMMON_REASON_PERMISSION_DENIED,
                      "the region lies outside the caller's scope (or it might not exist)");
  }
  if (auto s = store.Inquire(call, request); !s.ok()) return s;
  const auto author = AuthorOf(call, request);
  return RunWrite(call, request, store, BoolOf(request, method.validate_only), response,
                  [&](pg::Tx& tx, const RequestRecord* record) {
                    response->CopyFrom(ResourceOf(method, request));
                    ClearOutputOnly(response);
                    store.type().SetName(response, parts->region, parts->id);
                    return store.Write(tx, Change::kCreate, author, record, method.resource->name(),
                                       nullptr, response, Sender::kClient);
                  });
}

absl::Status EngineCore::UpdateOne(const Method& method, const Store& store, rpc::Call& call,
                                   const Message& request, Message* response) {
  const Type& type = store.type();
  const std::string& path = method.resource->name();
  if (!request.GetReflection()->HasField(request, method.resource)) return MissingResource(method);
  const Message& incoming = ResourceOf(method, request);
  const std::string name = type.NameOf(incoming);
  if (!ParseName(type.pattern(), name)) return InvalidName(type, path + ".name");
  const std::string etag = StringOf(incoming, type.etag_field());
  if (auto s = CheckEtagForm(etag, path + ".etag"); !s.ok()) return s;
  google::protobuf::FieldMask mask;
  mask.CopyFrom(request.GetReflection()->GetMessage(request, method.update_mask));
  // A mask that cannot be right is refused whether the resource exists or not.
  const auto trial = type.New();
  if (auto s = ApplyMask(type, mask, path, *trial, trial.get()); !s.ok()) return s;
  if (auto s = store.Inquire(call, request); !s.ok()) return s;
  const auto author = AuthorOf(call, request);
  return RunWrite(call, request, store, BoolOf(request, method.validate_only), response,
                  [&](pg::Tx& tx, const RequestRecord* record) -> absl::StatusOr<Written> {
                    const auto before = type.New();
                    auto s = LockForChange(tx, store, name, etag, false, before.get());
                    if (absl::IsNotFound(s) && BoolOf(request, method.allow_missing)) {
                      response->CopyFrom(incoming);
                      ClearOutputOnly(response);
                      return store.Write(tx, Change::kCreate, author, record, path, nullptr,
                                         response, Sender::kClient);
                    }
                    if (!s.ok()) return s;
                    response->CopyFrom(*before);
                    if (s = ApplyMask(type, mask, path, incoming, response); !s.ok()) return s;
                    return store.Write(tx, Change::kUpdate, author, record, path, before.get(),
                                       response, Sender::kClient);
                  });
}

absl::Status EngineCore::DeleteOne(const Method& method, const Store& store, rpc::Call& call,
                                   const Message& request, Message* response) {
  const std::string name = StringOf(request, method.name), etag = StringOf(request, method.etag);
  if (!ParseName(store.type().pattern(), name)) return InvalidName(store.type(), "name");
  if (auto s = CheckEtagForm(etag, "etag"); !s.ok()) return s;
  const auto author = AuthorOf(call, request);
  return RunWrite(call, request, store, BoolOf(request, method.validate_only), response,
                  [&](pg::Tx& tx, const RequestRecord* record) -> absl::StatusOr<Written> {
                    const auto before = store.type().New();
                    auto s = LockForChange(tx, store, name, etag, true, before.get());
                    if (!s.ok()) return s;
                    // AIP-164: what is deleted already is not there to be deleted.
                    if (store.type().IsDeleted(*before)) return store.NotFound(name);
                    response->CopyFrom(*before);
                    return store.Write(tx, Change::kDelete, author, record, "", before.get(),
                                       response);
                  });
}

absl::Status EngineCore::Transit(const Method& method, const Store& store, rpc::Call& call,
                                 const Message& request, Message* response) {
  if (auto s = ValidateRequest(request); !s.ok()) return s;
  return WriteMessage(
      call, request, store.type().descriptor(),
      [&](pg::Tx&, Message& resource) {
        return MakeStep(method.step, store.type(), request, &resource);
      },
      response);
}

absl::Status EngineCore::UndeleteOne(const Method& method, const Store& store, rpc::Call& call,
                                     const Message& request, Message* response) {
  const std::string name = StringOf(request, method.name), etag = StringOf(request, method.etag);
  if (!ParseName(store.type().pattern(), name)) return InvalidName(store.type(), "name");
  if (auto s = CheckEtagForm(etag, "etag"); !s.ok()) return s;
  const auto author = AuthorOf(call, request);
  return RunWrite(
      call, request, store, BoolOf(request, method.validate_only), response,
      [&](pg::Tx& tx, const RequestRecord* record) -> absl::StatusOr<Written> {
        const auto before = store.type().New();
        auto s = LockForChange(tx, store, name, etag, true, before.get());
        if (!s.ok()) return s;
        if (!store.type().IsDeleted(*before)) {
          return rpc::Error(StatusCode::kAlreadyExists, options::v1::COMMON_REASON_NOT_DELETED,
                            "the resource is not deleted")
              .Resource(store.type().resource_type(), name)
              .ToStatus();
        }
        response->CopyFrom(*before);
        return store.Write(tx, Change::kUndelete, author, record, "", before.get(), response);
      });
}

}  // namespace rsnms::resource
