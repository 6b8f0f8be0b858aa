#include "libs/rpc/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/support/channel_arguments.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/sync_stream.h>

#include <algorithm>
#include <random>
#include <utility>

#include "absl/synchronization/notification.h"
#include "libs/rpc/status.h"

namespace rsnms::rpc {
namespace {

using google::protobuf::Message;
using grpc::internal::RpcMethod;
using options::v1::COMMON_REASON_INVALID_REQUEST;
using options::v1::COMMON_REASON_UPSTREAM_UNAVAILABLE;

constexpr int kAttempts = 4;
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr unsigned kCertificateRefreshSeconds = 60;

std::shared_ptr<grpc::ChannelCredentials> Credentials(const ClientOptions& options) {
  if (options.tls_ca_file.empty()) return grpc::InsecureChannelCredentials();
  namespace tls = grpc::experimental;
  tls::TlsChannelCredentialsOptions credentials;
  credentials.set_certificate_provider(std::make_shared<tls::FileWatcherCertificateProvider>(
      options.tls_key_file, options.tls_certificate_file, options.tls_ca_file,
      kCertificateRefreshSeconds));
  credentials.watch_root_certs();
  if (!options.tls_certificate_file.empty()) credentials.watch_identity_key_cert_pairs();
  return tls::TlsCredentials(credentials);
}

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(options.max_message_bytes);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // In spite of its name the time one attempt may take: a far or busy peer needs more than the
  // pause between attempts.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  return grpc::CreateCustomChannel(options.target, Credentials(options), arguments);
}

grpc::ByteBuffer Pack(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, &bytes, &own_buffer);
  return bytes;
}

absl::Status Unpack(grpc::ByteBuffer* bytes, Message* message) {
  grpc::ProtoBufferReader reader(bytes);
  const bool parsed = reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
  bytes->Clear();
  if (parsed) return absl::OkStatus();
  return Error(absl::StatusCode::kInternal, COMMON_REASON_INVALID_REQUEST,
               "the answer is not a valid " + message->GetTypeName());
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status proto;
  if (!status.error_details().empty() && proto.ParseFromString(status.error_details()) &&
      proto.code() == static_cast<int>(status.error_code())) {
    return FromProto(proto);
  }
  // We never cancel a call whose status we look at, and our servers say who did. A bare CANCELLED
  // is the library's answer to calls that arrive while a server shuts down.
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
      status.error_code() == grpc::StatusCode::CANCELLED) {
    return Error(absl::StatusCode::kUnavailable, COMMON_REASON_UPSTREAM_UNAVAILABLE,
                 status.error_message());
  }
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

// Full jitter: callers that failed together do not come back together.
absl::Duration Pause(int attempt) {
  static thread_local std::mt19937 random{std::random_device{}()};
  return kFirstPause * std::uniform_real_distribution<double>(0.5, 1.5)(random) * (1 << attempt);
}

class GrpcClient final : public Client {
 public:
  explicit GrpcClient(ClientOptions options)
      : options_(std::move(options)), channel_(Connect(options_)), stub_(channel_) {}

  absl::Status Unary(std::string_view method, const Message& request, Message* response,
                     absl::Time deadline, bool idempotent, const Call* parent) override;
  absl::Status ServerStream(std::string_view method, const Message& request, Message* message,
                            const std::function<bool()>& on_message, absl::Time deadline) override;
  absl::Status ClientStream(std::string_view method, Message* message,
                            const std::function<bool()>& next, Message* response,
                            absl::Time deadline) override;

 private:
  // Deadline, token and trace of a call.
  void Prepare(absl::Time deadline, const Call* parent, grpc::ClientContext* context) const;
  absl::Status Once(const std::string& path, const Message& request, Message* response,
                    absl::Time deadline, const Call* parent);

  const ClientOptions options_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
};

void GrpcClient::Prepare(absl::Time deadline, const Call* parent,
                         grpc::ClientContext* context) const {
  if (deadline != absl::InfiniteFuture()) context->set_deadline(absl::ToChronoTime(deadline));
  if (options_.token) {
    if (const std::string token = options_.token(); !token.empty()) {
      context->AddMetadata("authorization", "Bearer " + token);
    }
  }
  const TraceContext* trace = parent != nullptr ? &parent->trace() : observe::CurrentTrace();
  if (trace == nullptr) return;
  context->AddMetadata("traceparent", observe::Traceparent(*trace));
  if (!trace->state.empty()) context->AddMetadata("tracestate", trace->state);
}

absl::Status GrpcClient::Once(const std::string& path, const Message& request, Message* response,
                              absl::Time deadline, const Call* parent) {
  grpc::ClientContext context;
  Prepare(deadline, parent, &context);
  const grpc::ByteBuffer bytes = Pack(request);
  grpc::ByteBuffer answer;
  grpc::Status status;
  absl::Notification done;
  stub_.UnaryCall(&context, path, {}, &bytes, &answer, [&](grpc::Status result) {
    status = std::move(result);
    done.Notify();
  });
  done.WaitForNotification();
  if (!status.ok()) return FromGrpc(status);
  return Unpack(&answer, response);
}

absl::Status GrpcClient::Unary(std::string_view method, const Message& request, Message* response,
                               absl::Time deadline, bool idempotent, const Call* parent) {
  const std::string path = "/" + std::string(method);
  for (int attempt = 1;; ++attempt) {
    absl::Status status = Once(path, request, response, deadline, parent);
    if (!absl::IsUnavailable(status) || !idempotent || attempt == kAttempts) return status;
    const absl::Duration pause = Pause(attempt - 1);
    if (absl::Now() + pause >= deadline) return status;
    if (parent != nullptr && parent->cancelled()) return status;
    absl::SleepFor(pause);
  }
}

absl::Status GrpcClient::ServerStream(std::string_view method, const Message& request,
                                      Message* message, const std::function<bool()>& on_message,
                                      absl::Time deadline) {
  const std::string path = "/" + std::string(method);
  grpc::ClientContext context;
  Prepare(deadline, nullptr, &context);
  const std::unique_ptr<grpc::ClientReader<grpc::ByteBuffer>> reader(
      grpc::internal::ClientReaderFactory<grpc::ByteBuffer>::Create(
          channel_.get(), RpcMethod(path.c_str(), RpcMethod::SERVER_STREAMING), &context,
          Pack(request)));
  absl::Status outcome;
  bool wanted = true;
  grpc::ByteBuffer bytes;
  while (wanted && reader->Read(&bytes)) {
    outcome = Unpack(&bytes, message);
    wanted = outcome.ok() && on_message();
  }
  if (!wanted) context.TryCancel();
  const grpc::Status status = reader->Finish();
  return wanted ? FromGrpc(status) : outcome;
}

absl::Status GrpcClient::ClientStream(std::string_view method, Message* message,
                                      const std::function<bool()>& next, Message* response,
                                      absl::Time deadline) {
  const std::string path = "/" + std::string(method);
  grpc::ClientContext context;
  Prepare(deadline, nullptr, &context);
  grpc::ByteBuffer answer;
  const std::unique_ptr<grpc::ClientWriter<grpc::ByteBuffer>> writer(
      grpc::internal::ClientWriterFactory<grpc::ByteBuffer>::Create(
          channel_.get(), RpcMethod(path.c_str(), RpcMethod::CLIENT_STREAMING), &context, &answer));
  bool accepted = true;
  while (accepted && next()) accepted = writer->Write(Pack(*message));
  if (accepted) writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status);
  return Unpack(&answer, response);
}

}  // namespace

std::unique_ptr<Client> Client::Create(ClientOptions options) {
  return std::make_unique<GrpcClient>(std::move(options));
}

}  // namespace rsnms::rpc
