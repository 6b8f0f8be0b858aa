// The engine's insides, shared by engine.cc (contract, domain methods) and standard_methods.cc
// (handlers).
#ifndef RSNMS_LIBS_RESOURCE_ENGINE_CORE_H_
#define RSNMS_LIBS_RESOURCE_ENGINE_CORE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/engine.h"
#include "libs/resource/gather.h"
#include "libs/resource/methods.h"
#include "libs/resource/store.h"

namespace rsnms::resource {

class EngineCore final : public Engine {
 public:
  EngineCore(pg::Pool* pool, EngineOptions options);

  absl::Status Read(const std::vector<const google::protobuf::ServiceDescriptor*>& services);

  absl::Status Check() override;
  absl::Status SealPersonal() override;
  void Serve(rpc::Server& server) override;
  void RuleFor(const Descriptor* resource,
               std::function<absl::Status(Change, const Message*, Message*)> rule) override;
  void PrepareFor(const Descriptor* resource, Preparation preparation) override;
  absl::Status WriteMessage(rpc::Call& call, const Message& request, const Descriptor* resource,
                            const std::function<absl::Status(pg::Tx&, Message&)>& change,
                            Message* response) override;
  absl::Status Transact(rpc::Call& call, const Message& request, Message* response,
                        const std::function<absl::Status(pg::Tx&)>& body) override;
  const Type& TypeOf(const Descriptor* resource) const override { return StoreOf(resource).type(); }
  const Type* FindType(std::string_view resource_type) const override;
  std::vector<const Type*> types() const override;
  pg::Pool& pool() const override { return *pool_; }
  void WakeSealer() const override {
    if (options_.after_commit) options_.after_commit();
  }

  // Aborts the process for a message that no contract of this engine declares (a programming
  // error).
  Store& StoreOf(const Descriptor* resource) const;

 private:
  using Body = std::function<absl::StatusOr<Written>(pg::Tx&, const RequestRecord*)>;

  absl::Status ReadResources(const google::protobuf::FileDescriptor* file,
                             std::string_view package);
  static absl::Status BeginInInitialStates(Store* store);
  absl::Status ReadMethods(const google::protobuf::ServiceDescriptor* service);
  void LinkReferrers();

  // Runs a write of one resource: idempotent by the request's id, rolled back when only validating,
  // waking the sealer after commit. `body` fills `response`.
  absl::Status RunWrite(rpc::Call& call, const Message& request, const Store& store,
                        bool validate_only, Message* response, const Body& body);
  // The first answer of a known request; nothing when the id is new.
  absl::StatusOr<bool> Replay(rpc::Call& call, const RequestRecord& record, const Store* store,
                              Message* response);
  absl::Status ReadPersonalAgain(pg::Tx& tx, const Store& store, Message* response) const;

  // Handlers of standard methods (standard_methods.cc).
  void Register(rpc::Server& server, const Method& method, const Store& store);
  void Get(const Method& method, const Store& store, std::shared_ptr<rpc::Call> call,
           const Message& request, Message* response, rpc::Server::Done done);
  absl::Status BatchGet(const Method& method, const Store& store, rpc::Call& call,
                        const Message& request, Message* response);
  absl::Status List(const Method& method, const Store& store, rpc::Call& call,
                    const Message& request, Message* response);
  absl::Status CreateOne(const Method& method, const Store& store, rpc::Call& call,
                         const Message& request, Message* response);
  absl::Status UpdateOne(const Method& method, const Store& store, rpc::Call& call,
                         const Message& request, Message* response);
  absl::Status DeleteOne(const Method& method, const Store& store, rpc::Call& call,
                         const Message& request, Message* response);
  absl::Status Transit(const Method& method, const Store& store, rpc::Call& call,
                       const Message& request, Message* response);
  absl::Status UndeleteOne(const Method& method, const Store& store, rpc::Call& call,
                           const Message& request, Message* response);

  pg::Pool* const pool_;
  const EngineOptions options_;
  const std::string page_key_, request_key_;
  std::vector<std::unique_ptr<Store>> stores_;
  absl::flat_hash_map<std::string, Store*> by_message_;  // by full name
  absl::flat_hash_map<std::string, Store*> by_type_;
  std::vector<std::pair<Method, const Store*>> methods_;
  Gatherer gatherer_;  // last: its threads use what stands above
};

// Reads the resource under lock and judges it for a change: NOT_FOUND, FAILED_PRECONDITION DELETED,
// ABORTED ETAG_MISMATCH, INVALID_ARGUMENT INVALID_ETAG. An empty etag matches anything.
absl::Status LockForChange(pg::Tx& tx, const Store& store, std::string_view name,
                           std::string_view etag, bool may_be_deleted, Message* before);
absl::Status CheckEtagForm(std::string_view etag, std::string_view path);

// Compares one store with the catalogue (schema_check.cc): columns, indexes, row level security;
// fills what the catalogue knows better.
absl::Status CheckSchema(pg::Tx& tx, Store& store);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_ENGINE_CORE_H_
