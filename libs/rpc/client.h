// Calls to other services by the contract's descriptors: no generated stubs, one error path, trace
// and token carried.
#ifndef RSNMS_LIBS_RPC_CLIENT_H_
#define RSNMS_LIBS_RPC_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "libs/rpc/call.h"

namespace rsnms::rpc {

struct ClientOptions {
  std::string target;                  // `dns:///registry:7001`, `127.0.0.1:7001`
  std::function<std::string()> token;  // bearer token for each call; empty sends none
  int max_message_bytes = 16 << 20;
  std::string tls_ca_file, tls_certificate_file, tls_key_file;  // empty: plaintext
};

// Thread-safe.
class Client {
 public:
  static std::unique_ptr<Client> Create(ClientOptions options);
  virtual ~Client() = default;

  // `method` is `rsnms.registry.v1.Registry/GetOrganisation`. UNAVAILABLE is retried with back-off
  // within the deadline (three times) when `idempotent`. The trace context of `parent` (may be
  // null) is carried on.
  virtual absl::Status Unary(std::string_view method, const google::protobuf::Message& request,
                             google::protobuf::Message* response, absl::Time deadline,
                             bool idempotent = true, const Call* parent = nullptr) = 0;

  // Server stream: `on_message` gets each parsed message (reused object); returning false cancels
  // the call and ServerStream answers OK.
  virtual absl::Status ServerStream(std::string_view method,
                                    const google::protobuf::Message& request,
                                    google::protobuf::Message* message,
                                    const std::function<bool()>& on_message,
                                    absl::Time deadline = absl::InfiniteFuture()) = 0;

  // Client stream: `next` fills `message` and returns false at the end.
  virtual absl::Status ClientStream(std::string_view method, google::protobuf::Message* message,
                                    const std::function<bool()>& next,
                                    google::protobuf::Message* response, absl::Time deadline) = 0;
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_CLIENT_H_
