#include "libs/observe/spans.h"

#include <deque>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"

namespace rsnms::observe {
namespace {

namespace otlp = opentelemetry::proto;

void Fill(const Span& span, otlp::trace::v1::Span* out) {
  out->set_trace_id(absl::HexStringToBytes(span.trace.trace_id));
  out->set_span_id(absl::HexStringToBytes(span.trace.span_id));
  out->set_parent_span_id(absl::HexStringToBytes(span.trace.parent_id));
  out->set_trace_state(span.trace.state);
  out->set_name(span.name);
  switch (span.kind) {
    case Span::Kind::kServer:
      out->set_kind(otlp::trace::v1::Span::SPAN_KIND_SERVER);
      break;
    case Span::Kind::kClient:
      out->set_kind(otlp::trace::v1::Span::SPAN_KIND_CLIENT);
      break;
    case Span::Kind::kInternal:
      out->set_kind(otlp::trace::v1::Span::SPAN_KIND_INTERNAL);
      break;
  }
  out->set_start_time_unix_nano(absl::ToUnixNanos(span.start));
  out->set_end_time_unix_nano(absl::ToUnixNanos(span.end));
  auto* code = out->add_attributes();
  code->set_key("rpc.grpc.status_code");
  code->mutable_value()->set_int_value(static_cast<int>(span.code));
  if (span.code != absl::StatusCode::kOk) {
    out->mutable_status()->set_code(otlp::trace::v1::Status::STATUS_CODE_ERROR);
  }
}

class BatchTracer final : public Tracer {
 public:
  BatchTracer(TracerOptions options, ExportFn send)
      : options_(std::move(options)), send_(std::move(send)), thread_([this] { Run(); }) {}

  ~BatchTracer() override {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    thread_.join();
  }

  void Record(Span span) override {
    if (!span.trace.sampled) return;
    absl::MutexLock lock(&mutex_);
    if (stopped_ || waiting_.size() >= options_.queue) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(span));
  }

  int64_t exported() const override {
    absl::MutexLock lock(&mutex_);
    return exported_;
  }
  int64_t dropped() const override {
    absl::MutexLock lock(&mutex_);
    return dropped_;
  }

 private:
  bool Due() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopped_ || waiting_.size() >= options_.batch;
  }

  void Run() {
    bool last = false;
    while (!last) {
      std::deque<Span> spans;
      {
        absl::MutexLock lock(&mutex_);
        mutex_.AwaitWithTimeout(absl::Condition(this, &BatchTracer::Due), options_.interval);
        last = stopped_;
        while (!waiting_.empty() && spans.size() < options_.batch) {
          spans.push_back(std::move(waiting_.front()));
          waiting_.pop_front();
        }
      }
      if (!spans.empty()) Send(spans);
    }
  }

  void Send(const std::deque<Span>& spans) {
    ExportRequest request;
    auto* resource = request.add_resource_spans();
    auto* name = resource->mutable_resource()->add_attributes();
    name->set_key("service.name");
    name->mutable_value()->set_string_value(options_.service);
    auto* scope = resource->add_scope_spans();
    scope->mutable_scope()->set_name("rsnms");
    for (const Span& span : spans) Fill(span, scope->add_spans());
    const bool sent = send_(request).ok();
    absl::MutexLock lock(&mutex_);
    (sent ? exported_ : dropped_) += static_cast<int64_t>(spans.size());
  }

  const TracerOptions options_;
  const ExportFn send_;
  mutable absl::Mutex mutex_;
  std::deque<Span> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t exported_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Tracer> Tracer::Create(TracerOptions options, ExportFn send) {
  return std::make_unique<BatchTracer>(std::move(options), std::move(send));
}

}  // namespace rsnms::observe
