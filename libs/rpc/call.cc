#include "libs/rpc/call.h"

#include <utility>

namespace rsnms::rpc {
namespace {

class Local final : public Call {
 public:
  Local(auth::Identity identity, absl::Time deadline,
        const google::protobuf::MethodDescriptor* method)
      : identity_(std::move(identity)),
        deadline_(deadline),
        method_(method != nullptr ? method : Placeholder()),
        trace_(observe::CurrentTrace() != nullptr ? observe::ChildSpan(*observe::CurrentTrace())
                                                  : observe::NewTrace()) {}

  const google::protobuf::MethodDescriptor& method() const override { return *method_; }
  const auth::Identity& identity() const override { return identity_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override { return absl::Now() >= deadline_; }
  const TraceContext& trace() const override { return trace_; }
  std::string peer() const override { return ""; }

 private:
  // A job has no method; callers that ask get the health check's.
  static const google::protobuf::MethodDescriptor* Placeholder() {
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        "grpc.health.v1.Health.Check");
  }

  const auth::Identity identity_;
  const absl::Time deadline_;
  const google::protobuf::MethodDescriptor* const method_;
  const TraceContext trace_;
};

}  // namespace

pg::TxOptions Call::Tx() const {
  pg::TxOptions options;
  options.scopes = identity().ScopesSetting();
  options.deadline = deadline();
  options.cancelled = [this] { return cancelled(); };
  return options;
}

pg::TxOptions Call::ReadTx() const {
  pg::TxOptions options = Tx();
  options.read_only = true;
  return options;
}

std::unique_ptr<Call> LocalCall(auth::Identity identity, absl::Time deadline,
                                const google::protobuf::MethodDescriptor* method) {
  return std::make_unique<Local>(std::move(identity), deadline, method);
}

}  // namespace rsnms::rpc
