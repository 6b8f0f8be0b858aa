#include "libs/rpc/dispatcher.h"

#include "libs/rpc/status.h"

namespace rsnms::rpc {
namespace {

using options::v1::COMMON_REASON_OVERLOADED;
using options::v1::COMMON_REASON_PERMISSION_DENIED;
using options::v1::COMMON_REASON_UNAUTHENTICATED;
using options::v1::COMMON_REASON_UNIMPLEMENTED;

constexpr size_t kMostLingering = 256;

grpc::Status ToGrpc(const absl::Status& status) {
  const google::rpc::Status proto = ToProto(status);
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

// Answers at once.
class Refusal final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const absl::Status& status) { Finish(ToGrpc(status)); }
  void OnDone() override { delete this; }
};

}  // namespace

Dispatcher::Dispatcher(const ServerOptions& options, const auth::Verifier* verifier)
    : options_(options),
      verifier_(verifier),
      workers_(std::make_shared<Workers>(options.workers, options.queue)),
      streams_(std::make_shared<Workers>(options.streams, 0)) {}

grpc::ServerGenericBidiReactor* Dispatcher::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  const Entry* entry = table_.Find(context->method());
  if (entry == nullptr) {
    return new Refusal(
        Error(absl::StatusCode::kUnimplemented, COMMON_REASON_UNIMPLEMENTED, "no such method"));
  }
  Exchange* exchange = nullptr;
  switch (entry->kind) {
    case Entry::Kind::kReactor:
      return entry->reactor(context);
    case Entry::Kind::kUnary:
    case Entry::Kind::kAsync:
      exchange = new UnaryExchange(*this, *entry, context);
      break;
    case Entry::Kind::kServerStream:
      exchange = new ServerStreamExchange(*this, *entry, context);
      break;
    case Entry::Kind::kClientStream:
      exchange = new ClientStreamExchange(*this, *entry, context);
      break;
  }
  exchange->Begin();
  return exchange;
}

absl::Status Dispatcher::Admit(const Entry& entry,
                               const grpc::GenericCallbackServerContext& context,
                               ServerCall* call) const {
  if (entry.open) return absl::OkStatus();
  const auto& metadata = context.client_metadata();
  const auto [first, last] = metadata.equal_range("authorization");
  if (first == last || std::next(first) != last || verifier_ == nullptr) {
    return Error(absl::StatusCode::kUnauthenticated, COMMON_REASON_UNAUTHENTICATED,
                 "the call needs exactly one bearer token");
  }
  auto identity = verifier_->Verify({first->second.data(), first->second.size()});
  if (!identity.ok()) {
    return Error(absl::StatusCode::kUnauthenticated, COMMON_REASON_UNAUTHENTICATED,
                 std::string(identity.status().message()));
  }
  call->SetIdentity(*std::move(identity), {first->second.data(), first->second.size()});
  if (!call->identity().May(entry.permission)) {
    return Error(absl::StatusCode::kPermissionDenied, COMMON_REASON_PERMISSION_DENIED,
                 "the caller's roles do not grant " + entry.permission)
        .With("permission", entry.permission);
  }
  return absl::OkStatus();
}

bool Dispatcher::Enlist(Lingering* lingering) {
  absl::MutexLock lock(&mutex_);
  if (*draining_ || lingering_.size() >= kMostLingering) return false;
  lingering_.insert(lingering);
  return true;
}

void Dispatcher::Dismiss(Lingering* lingering) {
  absl::MutexLock lock(&mutex_);
  lingering_.erase(lingering);
}

void Dispatcher::BeginDrain() {
  absl::MutexLock lock(&mutex_);
  *draining_ = true;
  for (Lingering* lingering : lingering_) lingering->HangUp();
}

void Dispatcher::Stop() {
  workers_->Stop();
  streams_->Stop();
}

absl::Status Dispatcher::Overloaded() const {
  return Error(absl::StatusCode::kResourceExhausted, COMMON_REASON_OVERLOADED,
               "the server is busy; retry later")
      .RetryAfter(absl::Milliseconds(200));
}

}  // namespace rsnms::rpc
