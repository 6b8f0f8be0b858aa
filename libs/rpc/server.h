// The gRPC server of a service: one dispatcher over the contract's descriptors. Every call passes
// the same chain: identity → permission → parse → limits → worker → handler →
// status with details.
//
// Handlers are registered by full method name (`rsnms.registry.v1.Registry/GetOrganisation`) with
// their protobuf types; Start() refuses to serve when a handler's types differ from the contract,
// when a declared RPC has no handler or no permission, or when two handlers claim one RPC. No
// generated gRPC classes are needed (ADR 0001).
#ifndef RSNMS_LIBS_RPC_SERVER_H_
#define RSNMS_LIBS_RPC_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "libs/auth/verifier.h"
#include "libs/observe/metrics.h"
#include "libs/observe/spans.h"
#include "libs/rpc/call.h"

namespace rsnms::rpc {

struct ServerOptions {
  std::string address = "127.0.0.1:0";
  int workers = 8;       // threads for unary handlers; size with the connection pool
  int queue = 256;       // waiting unary calls; more are answered RESOURCE_EXHAUSTED with RetryInfo
  int gathering = 1024;  // asynchronous calls not yet answered; more are answered the same
  int streams = 64;      // concurrent streaming calls, a thread each
  // Received; per-message for streams. What is longer is refused unread, without details: a text of
  // five megabytes is still read, and refused by the path of its field.
  int max_message_bytes = 6 << 20;
  int max_metadata_bytes = 16 << 10;
  int max_concurrent_streams = 256;                     // per connection
  absl::Duration default_deadline = absl::Seconds(30);  // unary calls that bring none
  // A streaming peer that neither sends nor takes a message for so long is cut off: it holds a
  // thread.
  absl::Duration stream_idle = absl::Minutes(1);
  absl::Duration max_connection_age = absl::Minutes(30);
  absl::Duration max_connection_idle = absl::Minutes(5);
  absl::Duration drain = absl::Seconds(10);
  std::string tls_certificate_file, tls_key_file,
      tls_client_ca_file;  // empty: plaintext (loopback, mesh); read again when they change
  observe::Metrics* metrics = nullptr;  // may be null; outlives the server
  observe::Tracer* tracer = nullptr;    // may be null; outlives the server
};

using google::protobuf::Message;

// Answers of a streaming handler. Write blocks while the client is slow; false means it went away.
template <class Response>
class Writer {
 public:
  virtual ~Writer() = default;
  virtual bool Write(const Response& response) = 0;
};

// Requests of a client-streaming handler. Read returns false at the end of the stream; `status()`
// tells a clean half-close (OK) from a cut or unparsable stream.
template <class Request>
class Reader {
 public:
  virtual ~Reader() = default;
  virtual bool Read(Request* request) = 0;
  virtual absl::Status status() const = 0;
};

class Server {
 public:
  using Done = std::function<void(absl::Status)>;
  using UnaryFn = std::function<absl::Status(Call&, const Message&, Message*)>;
  // Completes later, on any thread: for handlers that gather concurrent calls. Runs on a gRPC
  // thread: must not block.
  using AsyncFn = std::function<void(std::shared_ptr<Call>, const Message&, Message*, Done)>;
  using ServerStreamFn = std::function<absl::Status(Call&, const Message&, Writer<Message>&)>;
  using ClientStreamFn = std::function<absl::Status(Call&, Reader<Message>&, Message*)>;

  static std::unique_ptr<Server> Create(ServerOptions options, const auth::Verifier* verifier);
  virtual ~Server() = default;

  // Declares a contract this server must fulfil wholly.
  virtual void Serve(const google::protobuf::ServiceDescriptor* service) = 0;

  // Untyped registration, by descriptor.
  virtual void Handle(const google::protobuf::MethodDescriptor* method, UnaryFn handler) = 0;
  virtual void HandleAsync(const google::protobuf::MethodDescriptor* method, AsyncFn handler) = 0;
  virtual void HandleServerStream(const google::protobuf::MethodDescriptor* method,
                                  ServerStreamFn handler) = 0;
  virtual void HandleClientStream(const google::protobuf::MethodDescriptor* method,
                                  ClientStreamFn handler) = 0;

  // `check` is asked of every request of a domain method before its handler, on the handler's
  // thread; standard methods (options.v1.Method.standard) check their own. Set before Start.
  virtual void CheckDomainRequests(std::function<absl::Status(const Message&)> check) = 0;

  // Typed registration:
  //   server.Unary<ApproveRouteRequest, Route>("rsnms.diagnostics.v1.Diagnostics/ApproveRoute", fn)
  // where fn is absl::Status(Call&, const ApproveRouteRequest&, Route*); or, with a method of a
  // class,
  //   server.Unary("rsnms.diagnostics.v1.Diagnostics/ApproveRoute", &service,
  //   &Service::ApproveRoute)
  // A name or types that do not match the contract are answered by Start() with
  // FAILED_PRECONDITION.
  template <class Request, class Response>
  void Unary(std::string_view method,
             std::function<absl::Status(Call&, const Request&, Response*)> fn);
  template <class Request, class Response>
  void ServerStream(std::string_view method,
                    std::function<absl::Status(Call&, const Request&, Writer<Response>&)> fn);
  template <class Request, class Response>
  void ClientStream(std::string_view method,
                    std::function<absl::Status(Call&, Reader<Request>&, Response*)> fn);

  template <class Service, class Request, class Response>
  void Unary(std::string_view method, Service* service,
             absl::Status (Service::*fn)(Call&, const Request&, Response*));
  template <class Service, class Request, class Response>
  void ServerStream(std::string_view method, Service* service,
                    absl::Status (Service::*fn)(Call&, const Request&, Writer<Response>&));
  template <class Service, class Request, class Response>
  void ClientStream(std::string_view method, Service* service,
                    absl::Status (Service::*fn)(Call&, Reader<Request>&, Response*));

  // Sources of readiness; health says NOT_SERVING while any of them fails (polled every second).
  virtual void AddReadiness(std::string name, std::function<absl::Status()> probe) = 0;

  // Compares handlers with contracts, then binds and serves. FAILED_PRECONDITION lists every
  // mismatch; UNAVAILABLE when the address is taken.
  virtual absl::Status Start() = 0;
  virtual int port() const = 0;
  // Health to NOT_SERVING, GOAWAY, running calls get `drain` to end, then are cancelled.
  virtual void Drain() = 0;
  // Blocks until SIGTERM or SIGINT, then drains.
  virtual void ServeUntilSignal() = 0;

 protected:
  // Remembers a mismatch for Start().
  virtual void Refuse(std::string mismatch) = 0;

 private:
  // The method of that name when it takes and answers these types; otherwise null, and Start() will
  // say why.
  const google::protobuf::MethodDescriptor* Match(std::string_view method,
                                                  const google::protobuf::Descriptor* request,
                                                  const google::protobuf::Descriptor* response);
};

}  // namespace rsnms::rpc

#include "libs/rpc/server_inl.h"

#endif  // RSNMS_LIBS_RPC_SERVER_H_
