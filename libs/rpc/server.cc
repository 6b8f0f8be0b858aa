#include "libs/rpc/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/server_builder.h>
#include <semaphore.h>

#include <csignal>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "libs/observe/log.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/health.h"
#include "rsnms/options/v1/options.pb.h"

namespace rsnms::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr int kCertificateRefreshSeconds = 60;

// Certificates are read again when their files change.
std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerOptions& options) {
  if (options.tls_certificate_file.empty()) return grpc::InsecureServerCredentials();
  namespace tls = grpc::experimental;
  auto provider = std::make_shared<tls::FileWatcherCertificateProvider>(
      options.tls_key_file, options.tls_certificate_file, options.tls_client_ca_file,
      kCertificateRefreshSeconds);
  tls::TlsServerCredentialsOptions credentials(provider);
  credentials.watch_identity_key_cert_pairs();
  if (!options.tls_client_ca_file.empty()) {
    credentials.watch_root_certs();
    credentials.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return tls::TlsServerCredentials(credentials);
}

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// The library's defaults are soft against abuse: a small compressed message may unfold to hundreds
// of megabytes, silent connections are never closed, and a taken port is shared rather than
// refused.
void Harden(const ServerOptions& options, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(options.max_message_bytes);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, options.max_metadata_bytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_concurrent_streams);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, 5'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Millis(options.max_connection_age));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, Millis(options.drain));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, Millis(options.max_connection_idle));
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

bool IsDomain(const MethodDescriptor& method) {
  return method.options().GetExtension(options::v1::method).standard() ==
         options::v1::STANDARD_UNSPECIFIED;
}

sem_t stop_signal;
void OnSignal(int) { sem_post(&stop_signal); }

class GrpcServer final : public Server {
 public:
  GrpcServer(ServerOptions options, const auth::Verifier* verifier)
      : options_(std::move(options)), dispatcher_(options_, verifier) {
    ServeHealth(dispatcher_, health_);
    ServeReflection(dispatcher_, &listed_);
  }
  ~GrpcServer() override { Drain(); }

  void Serve(const ServiceDescriptor* service) override {
    dispatcher_.table().Serve(service);
    health_.AddService(service->full_name());
    listed_.push_back(service->full_name());
  }

  void Handle(const MethodDescriptor* method, UnaryFn handler) override {
    Entry entry;
    entry.method = method;
    entry.kind = Entry::Kind::kUnary;
    entry.unary = std::move(handler);
    if (IsDomain(*method)) {
      entry.unary = [this, own = std::move(entry.unary)](Call& call, const Message& request,
                                                         Message* response) -> absl::Status {
        if (auto status = Judge(request); !status.ok()) return status;
        return own(call, request, response);
      };
    }
    dispatcher_.table().Add(std::move(entry));
  }
  void HandleAsync(const MethodDescriptor* method, AsyncFn handler) override {
    Entry entry;
    entry.method = method;
    entry.kind = Entry::Kind::kAsync;
    entry.async = std::move(handler);
    dispatcher_.table().Add(std::move(entry));
  }
  void HandleServerStream(const MethodDescriptor* method, ServerStreamFn handler) override {
    Entry entry;
    entry.method = method;
    entry.kind = Entry::Kind::kServerStream;
    entry.server_stream = [this, own = std::move(handler)](
                              Call& call, const Message& request,
                              Writer<Message>& writer) -> absl::Status {
      if (auto status = Judge(request); !status.ok()) return status;
      return own(call, request, writer);
    };
    dispatcher_.table().Add(std::move(entry));
  }
  void HandleClientStream(const MethodDescriptor* method, ClientStreamFn handler) override {
    Entry entry;
    entry.method = method;
    entry.kind = Entry::Kind::kClientStream;
    entry.client_stream = std::move(handler);
    dispatcher_.table().Add(std::move(entry));
  }

  void CheckDomainRequests(std::function<absl::Status(const Message&)> check) override {
    check_ = std::move(check);
  }

  void AddReadiness(std::string name, std::function<absl::Status()> probe) override {
    health_.AddReadiness(std::move(name), std::move(probe));
  }

  absl::Status Start() override;
  int port() const override { return port_; }
  void Drain() override;
  void ServeUntilSignal() override;

 protected:
  void Refuse(std::string mismatch) override { dispatcher_.table().Refuse(std::move(mismatch)); }

 private:
  void Measure();
  absl::Status Judge(const Message& request) const {
    return check_ ? check_(request) : absl::OkStatus();
  }

  const ServerOptions options_;
  std::function<absl::Status(const Message&)> check_;
  std::vector<std::string> listed_;
  Health health_;
  Dispatcher dispatcher_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

absl::Status GrpcServer::Start() {
  if (auto status = dispatcher_.table().Check(); !status.ok()) return status;
  for (const char* name : {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                           "grpc.reflection.v1alpha.ServerReflection"}) {
    listed_.emplace_back(name);
  }
  if (options_.metrics != nullptr) Measure();
  grpc::ServerBuilder builder;
  Harden(options_, &builder);
  builder.AddListeningPort(options_.address, Credentials(options_), &port_);
  builder.RegisterCallbackGenericService(&dispatcher_);
  health_.Start();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port_ == 0) {
    server_ = nullptr;
    return absl::UnavailableError("cannot listen on " + options_.address);
  }
  observe::LogInfo("listening", {{"port", port_}});
  return absl::OkStatus();
}

void GrpcServer::Measure() {
  dispatcher_.table().Measure(options_.metrics);
  options_.metrics->Gauge("rsnms_rpc_gathering_calls", "Asynchronous calls not yet answered.", {},
                          [running = dispatcher_.gathering()] { return running->load(); });
  const std::map<std::string, std::shared_ptr<Workers>> pools = {{"unary", dispatcher_.workers()},
                                                                 {"stream", dispatcher_.streams()}};
  for (const auto& pool : pools) {
    const observe::Metrics::Labels labels = {{"pool", pool.first}};
    options_.metrics->Gauge("rsnms_rpc_workers_busy", "Handlers running.", labels,
                            [workers = pool.second] { return workers->stats().busy; });
    options_.metrics->Gauge("rsnms_rpc_queue_calls", "Calls waiting for a thread.", labels,
                            [workers = pool.second] { return workers->stats().queued; });
  }
}

void GrpcServer::Drain() {
  health_.Shutdown();
  dispatcher_.BeginDrain();
  if (server_ != nullptr) {
    server_->Shutdown(absl::ToChronoTime(absl::Now() + options_.drain));
    server_->Wait();
  }
  dispatcher_.Stop();
  server_ = nullptr;
}

void GrpcServer::ServeUntilSignal() {
  sem_init(&stop_signal, 0, 0);
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  while (sem_wait(&stop_signal) != 0) {
  }
  observe::LogInfo("draining");
  Drain();
}

}  // namespace

std::unique_ptr<Server> Server::Create(ServerOptions options, const auth::Verifier* verifier) {
#ifdef NDEBUG
  // The packaged Abseil looks for lock cycles at every lock of ours and of gRPC's: for builds that
  // look for defects, not for those that serve.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  return std::make_unique<GrpcServer>(std::move(options), verifier);
}

const MethodDescriptor* Server::Match(std::string_view method,
                                      const google::protobuf::Descriptor* request,
                                      const google::protobuf::Descriptor* response) {
  std::string name(method);
  std::replace(name.begin(), name.end(), '/', '.');
  const auto* descriptor = DescriptorPool::generated_pool()->FindMethodByName(name);
  if (descriptor == nullptr) {
    Refuse("no contract declares " + std::string(method));
    return nullptr;
  }
  if (descriptor->input_type() != request || descriptor->output_type() != response) {
    Refuse(std::string(method) + " takes " + descriptor->input_type()->full_name() +
           " and answers " + descriptor->output_type()->full_name() + ", its handler takes " +
           request->full_name() + " and answers " + response->full_name());
    return nullptr;
  }
  return descriptor;
}

}  // namespace rsnms::rpc
