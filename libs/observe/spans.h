// Spans for an OpenTelemetry collector: gathered, batched, sent in the background; dropped rather
// than waited for.
#ifndef RSNMS_LIBS_OBSERVE_SPANS_H_
#define RSNMS_LIBS_OBSERVE_SPANS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/observe/trace.h"
#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"

namespace rsnms::observe {

// One finished piece of work.
struct Span {
  enum class Kind { kServer, kClient, kInternal };
  TraceContext trace;
  std::string name;  // `rsnms.registry.v1.Registry/GetOrganisation`
  Kind kind = Kind::kServer;
  absl::Time start, end;
  absl::StatusCode code = absl::StatusCode::kOk;
};

struct TracerOptions {
  std::string service;                         // `service.name` of the resource
  size_t queue = 4096;                         // spans waiting; more are dropped and counted
  size_t batch = 512;                          // spans a request
  absl::Duration interval = absl::Seconds(1);  // longest wait before a smaller batch goes
};

using ExportRequest = opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest;
// Sends one batch; called from the tracer's own thread, may block for seconds. A failed batch is
// dropped.
using ExportFn = std::function<absl::Status(const ExportRequest&)>;

// Thread-safe. Destruction sends what is left, once.
class Tracer {
 public:
  static std::unique_ptr<Tracer> Create(TracerOptions options, ExportFn send);
  virtual ~Tracer() = default;
  // Never blocks. Spans of traces that are not sampled are ignored.
  virtual void Record(Span span) = 0;
  virtual int64_t exported() const = 0;
  virtual int64_t dropped() const = 0;
};

}  // namespace rsnms::observe

#endif  // RSNMS_LIBS_OBSERVE_SPANS_H_
