#include "libs/rpc/exchange.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include <utility>

#include "google/rpc/error_details.pb.h"
#include "libs/observe/log.h"
#include "libs/rpc/bad_text.h"
#include "libs/rpc/dispatcher.h"
#include "libs/rpc/status.h"

namespace rsnms::rpc {
namespace {

using options::v1::COMMON_REASON_CANCELLED;
using options::v1::COMMON_REASON_DEADLINE_EXCEEDED;
using options::v1::COMMON_REASON_INVALID_FORMAT;
using options::v1::COMMON_REASON_INVALID_REQUEST;
using options::v1::COMMON_REASON_OVERLOADED;

constexpr absl::Duration kSlow = absl::Seconds(1);

std::string_view Metadata(const grpc::GenericCallbackServerContext& context, const char* key) {
  const auto it = context.client_metadata().find(key);
  if (it == context.client_metadata().end()) return {};
  return {it->second.data(), it->second.size()};
}

const std::shared_ptr<const auth::Identity>& Anonymous() {
  static const auto& anonymous = *new std::shared_ptr<const auth::Identity>(new auth::Identity());
  return anonymous;
}

bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// The wire form; what is the program's fault names the trace under which the log tells more.
grpc::Status Wire(const absl::Status& status, const std::string& trace_id) {
  google::rpc::Status proto = ToProto(status);
  if (IsOurFault(static_cast<absl::StatusCode>(proto.code()))) {
    for (auto& detail : *proto.mutable_details()) {
      google::rpc::ErrorInfo info;
      if (!detail.UnpackTo(&info)) continue;
      (*info.mutable_metadata())["trace_id"] = trace_id;
      detail.PackFrom(info);
    }
  }
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

}  // namespace

ServerCall::ServerCall(const Entry& entry, const grpc::GenericCallbackServerContext& context,
                       absl::Duration default_deadline,
                       std::shared_ptr<const std::atomic<bool>> draining)
    : entry_(entry),
      draining_(std::move(draining)),
      trace_(
          observe::ServerTrace(Metadata(context, "traceparent"), Metadata(context, "tracestate"))),
      peer_(context.peer()),
      deadline_(absl::FromChrono(context.deadline())),
      identity_(Anonymous()) {
  const bool unary = entry.kind == Entry::Kind::kUnary || entry.kind == Entry::Kind::kAsync;
  const absl::Time now = absl::Now();
  // A deadline beyond a year is none.
  if (deadline_ > now + absl::Hours(24 * 365)) {
    deadline_ = unary ? now + default_deadline : absl::InfiniteFuture();
  }
}

bool ServerCall::cancelled() const {
  if (cancelled_) return true;
  if (entry_.kind == Entry::Kind::kServerStream && *draining_) return true;
  return absl::Now() >= deadline_;
}

Exchange::Exchange(Dispatcher& dispatcher, const Entry& entry,
                   grpc::GenericCallbackServerContext* context)
    : dispatcher_(dispatcher),
      entry_(entry),
      context_(context),
      start_(absl::Now()),
      call_(std::make_shared<ServerCall>(entry, *context, dispatcher.options().default_deadline,
                                         dispatcher.draining())) {}

void Exchange::Begin() {
  if (entry_.metrics != nullptr) entry_.metrics->Started();
  if (auto status = dispatcher_.Admit(entry_, *context_, call_.get()); !status.ok()) {
    return End(status);
  }
  Proceed();
}

void Exchange::End(const absl::Status& status) {
  if (status.ok()) {
    Record(absl::StatusCode::kOk, status);
    return Finish(grpc::Status::OK);
  }
  // A stream that stopped because of the drain shall be resumed elsewhere.
  const bool moved = status.code() == absl::StatusCode::kCancelled && call_->draining() &&
                     !call_->cancelled_by_caller();
  const absl::Status shown = moved ? Error(absl::StatusCode::kUnavailable, COMMON_REASON_OVERLOADED,
                                           "the server is shutting down; connect again")
                                         .RetryAfter(absl::Milliseconds(200))
                                   : status;
  const grpc::Status wire = Wire(shown, call_->trace().trace_id);
  Record(static_cast<absl::StatusCode>(wire.error_code()), status);
  Finish(wire);
}

void Exchange::Answer(const Message& response) {
  bool own_buffer = false;
  const grpc::Status packed =
      grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(response, &answer_, &own_buffer);
  if (!packed.ok()) {
    return End(absl::InternalError("cannot serialise " + response.GetTypeName()));
  }
  if (entry_.metrics != nullptr) entry_.metrics->Sent();
  Record(absl::StatusCode::kOk, absl::OkStatus());
  StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
}

absl::Status Exchange::Parse(grpc::ByteBuffer* bytes, Message* message) {
  if (entry_.metrics != nullptr) entry_.metrics->Received();
  grpc::ProtoBufferReader reader(bytes);
  const bool parsed =
      reader.status().ok() && message->ParseFromZeroCopyStream(&reader) && reader.status().ok();
  std::string bad_text;
  if (!parsed) {
    grpc::ProtoBufferReader again(bytes);
    bad_text = FindBadText(*message->GetDescriptor(), &again);
  }
  bytes->Clear();
  if (parsed) return absl::OkStatus();
  if (!bad_text.empty()) {
    return InvalidField(bad_text, COMMON_REASON_INVALID_FORMAT, "is not valid UTF-8",
                        "текст не в кодировке UTF-8");
  }
  return Error(absl::StatusCode::kInvalidArgument, COMMON_REASON_INVALID_REQUEST,
               "the bytes are not a valid " + message->GetTypeName())
      .Field("", "damaged or nested too deeply",
             "сообщение повреждено или вложено слишком глубоко");
}

template <class Handler>
absl::Status Exchange::Guard(const Handler& handler) {
  const observe::TraceScope scope(call_->trace());
  try {
    return handler();
  } catch (const std::exception& error) {
    return absl::InternalError(std::string("exception: ") + error.what());
  } catch (...) {
    return absl::InternalError("exception of an unknown kind");
  }
}

absl::Status Exchange::StillWanted() const {
  if (absl::Now() >= call_->deadline()) {
    return Error(absl::StatusCode::kDeadlineExceeded, COMMON_REASON_DEADLINE_EXCEEDED,
                 "the deadline passed before the call could run");
  }
  if (call_->cancelled_by_caller()) {
    return Error(absl::StatusCode::kCancelled, COMMON_REASON_CANCELLED, "the caller went away");
  }
  return absl::OkStatus();
}

void Exchange::Record(absl::StatusCode code, const absl::Status& status) {
  const absl::Time end = absl::Now();
  const absl::Duration took = end - start_;
  if (entry_.metrics != nullptr) entry_.metrics->Handled(code, absl::ToDoubleSeconds(took));
  if (observe::Tracer* tracer = dispatcher_.options().tracer; tracer != nullptr) {
    tracer->Record({call_->trace(), entry_.name, observe::Span::Kind::kServer, start_, end, code});
  }
  auto level = spdlog::level::debug;
  if (IsOurFault(code)) {
    level = spdlog::level::err;
  } else if (took >= kSlow && entry_.kind != Entry::Kind::kServerStream) {
    level = spdlog::level::warn;
  } else if (code != absl::StatusCode::kOk) {
    level = spdlog::level::info;
  }
  if (!observe::Logs(level)) return;
  const observe::TraceScope scope(call_->trace());
  observe::Log(level, "call",
               {{"method", entry_.name},
                {"code", observe::CodeName(code)},
                {"duration_ms", absl::ToDoubleMilliseconds(took)},
                {"subject", call_->identity().subject},
                {"error", std::string(status.message())}});
}

void UnaryExchange::OnReadDone(bool ok) {
  if (!ok) {
    return End(Error(absl::StatusCode::kInvalidArgument, COMMON_REASON_INVALID_REQUEST,
                     "the call holds no message"));
  }
  request_ = entry_.request->New(&arena_);
  if (auto status = Parse(&bytes_, request_); !status.ok()) return End(status);
  response_ = entry_.response->New(&arena_);
  if (entry_.kind == Entry::Kind::kAsync) return RunAsync();
  if (!dispatcher_.workers()->Submit([this] { Run(); })) End(dispatcher_.Overloaded());
}

void UnaryExchange::Run() {
  absl::Status status = StillWanted();
  if (status.ok()) {
    status = Guard([this] { return entry_.unary(*call_, *request_, response_); });
  }
  if (!status.ok()) return End(status);
  Answer(*response_);
}

void UnaryExchange::RunAsync() {
  if (auto status = StillWanted(); !status.ok()) return End(status);
  const std::shared_ptr<std::atomic<int>> running = dispatcher_.gathering();
  if (!entry_.open && running->fetch_add(1) >= dispatcher_.options().gathering) {
    running->fetch_sub(1);
    return End(dispatcher_.Overloaded());
  }
  const auto done = [this, call = call_, running](absl::Status status) {
    if (!call->TakeAnswer()) return;
    if (!entry_.open) running->fetch_sub(1);
    if (!status.ok()) return End(status);
    Answer(*response_);
  };
  const absl::Status started = Guard([&] {
    entry_.async(call_, *request_, response_, done);
    return absl::OkStatus();
  });
  if (!started.ok()) done(started);
}

void ServerStreamExchange::OnReadDone(bool ok) {
  if (!ok) {
    return End(Error(absl::StatusCode::kInvalidArgument, COMMON_REASON_INVALID_REQUEST,
                     "the call holds no message"));
  }
  request_ = entry_.request->New(&arena_);
  if (auto status = Parse(&bytes_, request_); !status.ok()) return End(status);
  if (!dispatcher_.streams()->Submit([this] { Run(); })) End(dispatcher_.Overloaded());
}

void ServerStreamExchange::Run() {
  absl::Status status = StillWanted();
  if (status.ok()) {
    status = Guard([this] { return entry_.server_stream(*call_, *request_, *this); });
  }
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &ServerStreamExchange::Settled));
  }
  End(status);
}

// One message is on its way while the handler makes the next.
bool ServerStreamExchange::Write(const Message& response) {
  grpc::ByteBuffer bytes;
  bool own_buffer = false;
  if (!grpc::GenericSerialize<grpc::ProtoBufferWriter, Message>(response, &bytes, &own_buffer)
           .ok()) {
    return false;
  }
  {
    absl::MutexLock lock(&mutex_);
    const absl::Duration patience = dispatcher_.options().stream_idle;
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &ServerStreamExchange::Settled), patience)) {
      context_->TryCancel();
      broken_ = true;
    }
    if (broken_) return false;
    writing_ = true;
    out_.Swap(&bytes);
  }
  if (entry_.metrics != nullptr) entry_.metrics->Sent();
  StartWrite(&out_);
  return true;
}

void ServerStreamExchange::OnWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  broken_ = broken_ || !ok;
}

void ServerStreamExchange::OnCancel() {
  Exchange::OnCancel();
  absl::MutexLock lock(&mutex_);
  broken_ = true;
}

void ClientStreamExchange::Proceed() {
  StartRead(&bytes_);
  if (!dispatcher_.streams()->Submit([this] { Run(); })) End(dispatcher_.Overloaded());
}

void ClientStreamExchange::Run() {
  Message* response = entry_.response->New(&arena_);
  absl::Status status = StillWanted();
  if (status.ok()) {
    status = Guard([&] { return entry_.client_stream(*call_, *this, response); });
  }
  if (!status.ok()) return End(status);
  Answer(*response);
}

bool ClientStreamExchange::Read(Message* request) {
  if (over_) return false;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Duration patience = dispatcher_.options().stream_idle;
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &ClientStreamExchange::Settled), patience)) {
      over_ = true;
      end_ = Error(absl::StatusCode::kDeadlineExceeded, COMMON_REASON_DEADLINE_EXCEEDED,
                   "the stream of requests stood still for too long");
      return false;
    }
    settled_ = false;
    over_ = !ok_;
  }
  if (over_) {
    end_ = Ending();
    return false;
  }
  end_ = Parse(&bytes_, request);
  over_ = !end_.ok();
  if (!over_) StartRead(&bytes_);
  return !over_;
}

// A half-close and a cut connection both end the reading. They differ in the other direction:
// headers can still be sent after a half-close only, because a cut closes both directions at once.
absl::Status ClientStreamExchange::Ending() {
  StartSendInitialMetadata();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &ClientStreamExchange::Settled));
  if (ok_ && !call_->cancelled_by_caller()) return absl::OkStatus();
  return Error(absl::StatusCode::kCancelled, COMMON_REASON_CANCELLED,
               "the stream of requests was cut before its end");
}

void ClientStreamExchange::OnReadDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  ok_ = ok;
  settled_ = true;
}

void ClientStreamExchange::OnSendInitialMetadataDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  ok_ = ok;
  settled_ = true;
}

}  // namespace rsnms::rpc
