// Which handler answers which RPC, and whether that is what the contracts say.
#ifndef RSNMS_LIBS_RPC_TABLE_H_
#define RSNMS_LIBS_RPC_TABLE_H_

#include <grpcpp/generic/async_generic_service.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/observe/metrics.h"
#include "libs/rpc/server.h"

namespace rsnms::rpc {

// One RPC. Exactly one of the handlers is set.
struct Entry {
  enum class Kind { kUnary, kAsync, kServerStream, kClientStream, kReactor };

  const google::protobuf::MethodDescriptor* method = nullptr;
  Kind kind = Kind::kUnary;
  std::string name;                  // `rsnms.registry.v1.Registry/GetOrganisation`
  const Message* request = nullptr;  // prototypes
  const Message* response = nullptr;
  std::string permission;
  bool open = false;  // needs no token
  observe::MethodMetrics* metrics = nullptr;

  Server::UnaryFn unary;
  Server::AsyncFn async;
  Server::ServerStreamFn server_stream;
  Server::ClientStreamFn client_stream;
  // Health and reflection speak gRPC themselves, without a thread.
  std::function<grpc::ServerGenericBidiReactor*(grpc::GenericCallbackServerContext*)> reactor;
};

// Filled before the server starts, read-only afterwards.
class Table {
 public:
  void Serve(const google::protobuf::ServiceDescriptor* service) { services_.push_back(service); }
  // `entry` brings method, kind and handler; the rest is read from the contract.
  void Add(Entry entry);
  void Refuse(std::string mismatch) { mismatches_.push_back(std::move(mismatch)); }

  // FAILED_PRECONDITION naming every mismatch between contracts and handlers.
  absl::Status Check() const;
  // Names the counters of every RPC.
  void Measure(observe::Metrics* metrics);

  // By request path, `/package.Service/Method`; null when nobody answers it.
  const Entry* Find(const std::string& path) const;
  const std::vector<const google::protobuf::ServiceDescriptor*>& services() const {
    return services_;
  }

 private:
  void CheckMethod(const google::protobuf::MethodDescriptor& method,
                   std::vector<std::string>* mismatches) const;

  std::vector<const google::protobuf::ServiceDescriptor*> services_;
  absl::flat_hash_map<std::string, std::unique_ptr<Entry>> entries_;
  std::vector<std::string> mismatches_;
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_TABLE_H_
