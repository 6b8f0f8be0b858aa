// Health and reflection: exchanges that need neither a token nor a thread.
#include <grpcpp/impl/codegen/proto_utils.h>

#include "libs/rpc/dispatcher.h"
#include "libs/rpc/health.h"
#include "libs/rpc/reflection.h"
#include "libs/rpc/status.h"

namespace rsnms::rpc {
namespace {

namespace health = grpc::health::v1;
namespace reflection = grpc::reflection::v1;
using google::protobuf::DescriptorPool;
using google::protobuf::MethodDescriptor;

const MethodDescriptor* Method(const char* name) {
  return DescriptorPool::generated_pool()->FindMethodByName(name);
}

void Pack(const Message& message, grpc::ByteBuffer* bytes) {
  bool own_buffer = false;
  grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(message, bytes, &own_buffer);
}

bool Unpack(grpc::ByteBuffer* bytes, Message* message) {
  grpc::ProtoBufferReader reader(bytes);
  const bool parsed = reader.status().ok() && message->ParseFromZeroCopyStream(&reader);
  bytes->Clear();
  return parsed;
}

// What lingering exchanges share: they are ended once, by the client, by an error or by the drain.
class LingeringExchange : public Lingering {
 public:
  explicit LingeringExchange(Dispatcher& dispatcher) : dispatcher_(dispatcher) {
    if (!dispatcher_.Enlist(this)) {
      End(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "too many open streams"));
    }
  }

  void HangUp() override {
    End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is shutting down"));
  }
  void OnCancel() override { End(grpc::Status::CANCELLED); }
  void OnDone() override {
    dispatcher_.Dismiss(this);
    delete this;
  }

 protected:
  void End(const grpc::Status& status) {
    if (!ended_.exchange(true)) Finish(status);
  }
  bool ended() const { return ended_; }

 private:
  Dispatcher& dispatcher_;
  std::atomic<bool> ended_{false};
};

class ReflectionExchange final : public LingeringExchange {
 public:
  ReflectionExchange(Dispatcher& dispatcher, const std::vector<std::string>* services)
      : LingeringExchange(dispatcher), reflection_(services) {
    if (!ended()) StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return End(grpc::Status::OK);
    reflection::ServerReflectionRequest request;
    if (!Unpack(&in_, &request)) {
      return End(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "unparsable request"));
    }
    out_.Clear();
    Pack(reflection_.Answer(request), &out_);
    StartWrite(&out_);
  }

  void OnWriteDone(bool ok) override {
    if (ok) StartRead(&in_);
  }

 private:
  Reflection reflection_;
  grpc::ByteBuffer in_, out_;
};

// Sends the status now and after each change.
class WatchExchange final : public LingeringExchange {
 public:
  WatchExchange(Dispatcher& dispatcher, Health& health)
      : LingeringExchange(dispatcher), health_(health) {
    if (!ended()) StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    health::HealthCheckRequest request;
    if (!ok || !Unpack(&in_, &request)) {
      return End(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "unparsable request"));
    }
    service_ = request.service();
    watch_ = health_.Watch([this] { Update(); });
    Update();
  }

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
    }
    if (ok) Update();
  }

  void OnDone() override {
    if (watch_ != 0) health_.Unwatch(watch_);
    LingeringExchange::OnDone();
  }

 private:
  void Update() {
    {
      absl::MutexLock lock(&mutex_);
      const auto status = health_.Check(service_);
      if (writing_ || ended() || status == sent_) return;
      writing_ = true;
      sent_ = status;
      health::HealthCheckResponse response;
      response.set_status(status);
      out_.Clear();
      Pack(response, &out_);
    }
    StartWrite(&out_);
  }

  Health& health_;
  std::string service_;
  std::atomic<int64_t> watch_{0};
  grpc::ByteBuffer in_, out_;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  Health::Status sent_ ABSL_GUARDED_BY(mutex_) = health::HealthCheckResponse::UNKNOWN;
};

}  // namespace

void ServeHealth(Dispatcher& dispatcher, Health& health) {
  Entry check;
  check.method = Method("grpc.health.v1.Health.Check");
  check.kind = Entry::Kind::kAsync;
  check.open = true;
  check.async = [&health](std::shared_ptr<Call>, const Message& request, Message* response,
                          const Server::Done& done) {
    const auto& service = static_cast<const health::HealthCheckRequest&>(request).service();
    const Health::Status status = health.Check(service);
    if (status == health::HealthCheckResponse::SERVICE_UNKNOWN) {
      return done(NotFound("grpc.health.v1/Service", service));
    }
    static_cast<health::HealthCheckResponse*>(response)->set_status(status);
    done(absl::OkStatus());
  };
  dispatcher.table().Add(std::move(check));

  Entry watch;
  watch.method = Method("grpc.health.v1.Health.Watch");
  watch.kind = Entry::Kind::kReactor;
  watch.open = true;
  watch.reactor = [&](grpc::GenericCallbackServerContext*) {
    return new WatchExchange(dispatcher, health);
  };
  dispatcher.table().Add(std::move(watch));
}

void ServeReflection(Dispatcher& dispatcher, const std::vector<std::string>* services) {
  for (const char* name : {"grpc.reflection.v1.ServerReflection.ServerReflectionInfo",
                           "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo"}) {
    Entry entry;
    entry.method = Method(name);
    entry.kind = Entry::Kind::kReactor;
    entry.open = true;
    entry.reactor = [&dispatcher, services](grpc::GenericCallbackServerContext*) {
      return new ReflectionExchange(dispatcher, services);
    };
    dispatcher.table().Add(std::move(entry));
  }
}

}  // namespace rsnms::rpc
