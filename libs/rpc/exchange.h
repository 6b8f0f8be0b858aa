// One call on the wire, from its arrival to its status. gRPC runs the reactions; handlers run on
// the dispatcher's threads.
#ifndef RSNMS_LIBS_RPC_EXCHANGE_H_
#define RSNMS_LIBS_RPC_EXCHANGE_H_

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "google/protobuf/arena.h"
#include "libs/rpc/call.h"
#include "libs/rpc/table.h"

namespace rsnms::rpc {

class Dispatcher;

// The Call of a request that came over the wire. May outlive its Exchange (asynchronous handlers
// hold it).
class ServerCall final : public Call {
 public:
  ServerCall(const Entry& entry, const grpc::GenericCallbackServerContext& context,
             absl::Duration default_deadline, std::shared_ptr<const std::atomic<bool>> draining);

  const google::protobuf::MethodDescriptor& method() const override { return *entry_.method; }
  const auth::Identity& identity() const override { return *identity_; }
  absl::Time deadline() const override { return deadline_; }
  bool cancelled() const override;
  const TraceContext& trace() const override { return trace_; }
  std::string peer() const override { return peer_; }
  // What the caller brought; see on_behalf.h.
  std::string_view authorization() const { return authorization_; }

  void SetIdentity(std::shared_ptr<const auth::Identity> identity, std::string_view authorization) {
    identity_ = std::move(identity);
    authorization_ = authorization;
  }
  void Cancel() { cancelled_ = true; }
  bool cancelled_by_caller() const { return cancelled_; }
  bool draining() const { return *draining_; }
  // True once: the first answer counts.
  bool TakeAnswer() { return !answered_.exchange(true); }

 private:
  const Entry& entry_;
  const std::shared_ptr<const std::atomic<bool>> draining_;
  const TraceContext trace_;
  const std::string peer_;
  absl::Time deadline_;
  std::shared_ptr<const auth::Identity> identity_;
  std::string authorization_;
  std::atomic<bool> cancelled_{false}, answered_{false};
};

// What all shapes of calls share. Lives until gRPC reports OnDone, which is after End or Answer.
class Exchange : public grpc::ServerGenericBidiReactor {
 public:
  Exchange(Dispatcher& dispatcher, const Entry& entry, grpc::GenericCallbackServerContext* context);
  // Admits the caller, then goes on with Proceed, or ends.
  void Begin();

 protected:
  virtual void Proceed() = 0;

  // Ends the call without a message. OK only for server streams.
  void End(const absl::Status& status);
  // Ends the call with its one message.
  void Answer(const Message& response);
  // INVALID_ARGUMENT when the bytes are not a message of that type.
  absl::Status Parse(grpc::ByteBuffer* bytes, Message* message);
  // Runs a handler: its exceptions become INTERNAL, its log lines carry the trace.
  template <class Handler>
  absl::Status Guard(const Handler& handler);
  // CANCELLED or DEADLINE_EXCEEDED when nobody waits for the answer any more.
  absl::Status StillWanted() const;

  void OnCancel() override { call_->Cancel(); }
  void OnDone() override { delete this; }

  Dispatcher& dispatcher_;
  const Entry& entry_;
  grpc::GenericCallbackServerContext* const context_;
  const absl::Time start_;
  const std::shared_ptr<ServerCall> call_;
  google::protobuf::Arena arena_;

 private:
  void Record(absl::StatusCode code, const absl::Status& status);
  grpc::ByteBuffer answer_;
};

// A unary call: read, then a worker (or an asynchronous handler), then the answer.
class UnaryExchange final : public Exchange {
 public:
  using Exchange::Exchange;
  // The last reactions set a flag and delete: not worth a thread of the library's executor, which
  // would cost each call a wake-up.
  bool InternalInlineable() override { return true; }

 private:
  void Proceed() override { StartRead(&bytes_); }
  void OnReadDone(bool ok) override;
  void Run();
  void RunAsync();

  grpc::ByteBuffer bytes_;
  Message* request_ = nullptr;
  Message* response_ = nullptr;
};

// A server stream: read, then a thread of its own that writes.
class ServerStreamExchange final : public Exchange, private Writer<Message> {
 public:
  using Exchange::Exchange;

 private:
  void Proceed() override { StartRead(&bytes_); }
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void Run();
  bool Write(const Message& response) override;
  bool Settled() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !writing_; }

  grpc::ByteBuffer bytes_, out_;
  Message* request_ = nullptr;
  absl::Mutex mutex_;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
};

// A client stream: a thread of its own that reads, one message ahead.
class ClientStreamExchange final : public Exchange, private Reader<Message> {
 public:
  using Exchange::Exchange;

 private:
  void Proceed() override;
  void OnReadDone(bool ok) override;
  void OnSendInitialMetadataDone(bool ok) override;
  void Run();
  bool Read(Message* request) override;
  absl::Status status() const override { return end_; }
  absl::Status Ending();
  bool Settled() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return settled_; }

  grpc::ByteBuffer bytes_;
  absl::Status end_;   // of the stream of requests; used by the handler's thread only
  bool over_ = false;  // the same
  absl::Mutex mutex_;
  bool settled_ ABSL_GUARDED_BY(mutex_) = false;  // the operation the handler waits for is done …
  bool ok_ ABSL_GUARDED_BY(mutex_) = false;       // … and went well
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_EXCHANGE_H_
