// The engine over the Museum contract and a real database, called without a network: a stand-in
// server keeps the handlers and runs them as the dispatcher would.
#ifndef RSNMS_LIBS_RESOURCE_TESTING_MUSEUM_H_
#define RSNMS_LIBS_RESOURCE_TESTING_MUSEUM_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/notification.h"
#include "libs/resource/engine.h"
#include "libs/resource/keyring.h"
#include "libs/resource/table.h"
#include "libs/resource/testing/specimen.pb.h"
#include "libs/resource/text.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"
#include "libs/testing/database.h"

namespace rsnms::resource {

namespace museum = ::rsnms::testing::v1;

inline const google::protobuf::ServiceDescriptor* Contract(const std::string& name) {
  return museum::Specimen::descriptor()->file()->FindServiceByName(name);
}

class Handlers final : public rpc::Server {
 public:
  void Serve(const google::protobuf::ServiceDescriptor*) override {}
  void Handle(const google::protobuf::MethodDescriptor* method, UnaryFn handler) override {
    unary[method->name()] = {method, std::move(handler)};
  }
  void HandleAsync(const google::protobuf::MethodDescriptor* method, AsyncFn handler) override {
    async[method->name()] = {method, std::move(handler)};
  }
  void HandleServerStream(const google::protobuf::MethodDescriptor*, ServerStreamFn) override {}
  void HandleClientStream(const google::protobuf::MethodDescriptor* method,
                          ClientStreamFn handler) override {
    stream[method->name()] = {method, std::move(handler)};
  }
  void CheckDomainRequests(std::function<absl::Status(const Message&)>) override {}
  void AddReadiness(std::string, std::function<absl::Status()>) override {}
  absl::Status Start() override { return absl::OkStatus(); }
  int port() const override { return 0; }
  void Drain() override {}
  void ServeUntilSignal() override {}

  template <class Fn>
  using Table =
      absl::flat_hash_map<std::string, std::pair<const google::protobuf::MethodDescriptor*, Fn>>;
  Table<UnaryFn> unary;
  Table<AsyncFn> async;
  Table<ClientStreamFn> stream;

 protected:
  void Refuse(std::string) override {}
};

// Rows of an import, ending well or cut.
class ImportRows final : public rpc::Reader<Message> {
 public:
  ImportRows(std::vector<museum::ImportSpecimensRequest> rows, absl::Status end)
      : rows_(std::move(rows)), end_(std::move(end)) {}
  bool Read(Message* request) override {
    if (at_ == rows_.size()) return false;
    request->CopyFrom(rows_[at_++]);
    return true;
  }
  absl::Status status() const override { return end_; }

 private:
  std::vector<museum::ImportSpecimensRequest> rows_;
  absl::Status end_;
  size_t at_ = 0;
};

inline auth::Identity Caller(std::vector<std::string> scopes, std::string subject = "alice") {
  auth::Identity identity;
  identity.subject = std::move(subject);
  identity.scopes = std::move(scopes);
  return identity;
}

inline std::shared_ptr<const Keyring> Keys(
    const std::string& keys = Cat("index:", std::string(64, 'b'), ",1:", std::string(64, 'c'))) {
  auto ring = Keyring::Parse(keys);
  return ring.ok() ? *ring : nullptr;
}

class Museum {
 public:
  Museum() : database(rsnms::testing::Database::Create("museum", MUSEUM_MIGRATIONS)) {
    EngineOptions options;
    options.secret_key = std::string(32, 'k');
    options.personal_keys = Keys();
    options.after_commit = [this] { ++commits; };
    auto made = Engine::Create(&database->app(), {Contract("Museum")}, options);
    if (!made.ok()) {
      std::fprintf(stderr, "%s\n", made.status().ToString().c_str());
      std::abort();
    }
    engine = *std::move(made);
    if (auto s = engine->Check(); !s.ok()) {
      std::fprintf(stderr, "%s\n", s.ToString().c_str());
      std::abort();
    }
    engine->Serve(handlers);
  }

  template <class Response>
  absl::StatusOr<Response> Call(const std::string& method, const Message& request,
                                const auth::Identity& identity = Caller({"regions/86"})) {
    Response response;
    if (const auto it = handlers.async.find(method); it != handlers.async.end()) {
      absl::Notification finished;
      absl::Status status;
      std::shared_ptr<rpc::Call> call = rpc::LocalCall(identity, Deadline(), it->second.first);
      it->second.second(call, request, &response, [&](absl::Status s) {
        status = std::move(s);
        finished.Notify();
      });
      finished.WaitForNotification();
      if (!status.ok()) return status;
      return response;
    }
    const auto& [descriptor, handler] = handlers.unary.at(method);
    const auto call = rpc::LocalCall(identity, Deadline(), descriptor);
    if (auto s = handler(*call, request, &response); !s.ok()) return s;
    return response;
  }

  absl::StatusOr<options::v1::ImportReport> Import(
      options::v1::ImportHeader header, const std::vector<museum::Specimen>& rows,
      absl::Status end = absl::OkStatus(),
      const auth::Identity& identity = Caller({"regions/86"})) {
    std::vector<museum::ImportSpecimensRequest> stream(1);
    *stream[0].mutable_header() = std::move(header);
    for (const auto& row : rows) *stream.emplace_back().mutable_specimen() = row;
    return ImportStream(std::move(stream), std::move(end), identity);
  }
  absl::StatusOr<options::v1::ImportReport> ImportStream(
      std::vector<museum::ImportSpecimensRequest> stream, absl::Status end = absl::OkStatus(),
      const auth::Identity& identity = Caller({"regions/86"})) {
    ImportRows reader(std::move(stream), std::move(end));
    const auto& [descriptor, handler] = handlers.stream.at("ImportSpecimens");
    const auto call = rpc::LocalCall(identity, Deadline(), descriptor);
    museum::ImportSpecimensResponse response;
    if (auto s = handler(*call, reader, &response); !s.ok()) return s;
    return response.report();
  }

  absl::StatusOr<museum::Specimen> Create(museum::Specimen specimen,
                                          const std::string& request_id = "",
                                          const auth::Identity& identity = Caller({"regions/86"})) {
    museum::CreateSpecimenRequest request;
    request.set_parent("regions/86");
    *request.mutable_specimen() = std::move(specimen);
    request.set_request_id(request_id);
    return Call<museum::Specimen>("CreateSpecimen", request, identity);
  }
  absl::StatusOr<museum::Specimen> Get(const std::string& name,
                                       const auth::Identity& identity = Caller({"regions/86"})) {
    museum::GetSpecimenRequest request;
    request.set_name(name);
    return Call<museum::Specimen>("GetSpecimen", request, identity);
  }
  absl::StatusOr<museum::Specimen> Update(const museum::Specimen& specimen,
                                          const std::vector<std::string>& paths,
                                          const std::string& request_id = "") {
    museum::UpdateSpecimenRequest request;
    *request.mutable_specimen() = specimen;
    for (const auto& path : paths) request.mutable_update_mask()->add_paths(path);
    request.set_request_id(request_id);
    return Call<museum::Specimen>("UpdateSpecimen", request);
  }

  // One value of a query by the owner, everything in scope.
  std::string Value(const std::string& sql) {
    std::string value;
    pg::TxOptions all;
    all.scopes = "*";
    auto s = database->owner().Run(all, [&](pg::Tx& tx) -> absl::Status {
      auto rows = tx.Query(sql);
      if (!rows.ok()) return rows.status();
      value = rows->empty() ? "" : (*rows)[0][0].is_null() ? "NULL" : (*rows)[0][0].c_str();
      return absl::OkStatus();
    });
    return s.ok() ? value : s.ToString();
  }

  static absl::Time Deadline() { return absl::Now() + absl::Seconds(60); }

  std::unique_ptr<rsnms::testing::Database> database;
  std::atomic<int> commits = 0;
  Handlers handlers;
  std::unique_ptr<Engine> engine;
};

inline museum::Specimen Specimen(const std::string& title) {
  museum::Specimen s;
  s.set_title(title);
  return s;
}

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TESTING_MUSEUM_H_
