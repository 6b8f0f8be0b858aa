// W3C trace context: who asked, across processes. https://www.w3.org/TR/trace-context/
#ifndef RSNMS_LIBS_OBSERVE_TRACE_H_
#define RSNMS_LIBS_OBSERVE_TRACE_H_

#include <string>
#include <string_view>

namespace rsnms::observe {

// The place of one call in its trace.
struct TraceContext {
  std::string trace_id;   // 32 lower-case hexadecimal digits
  std::string span_id;    // 16, of the server's span
  std::string parent_id;  // 16 or empty
  std::string state;      // `tracestate`, passed on untouched
  bool sampled = true;
};

// A trace that begins here.
TraceContext NewTrace();
// A span of this server under the caller's `traceparent`; a new trace when that is empty or
// malformed.
TraceContext ServerTrace(std::string_view traceparent, std::string_view tracestate);
// A child span of `parent`, for a call to another service.
TraceContext ChildSpan(const TraceContext& parent);
// The header to send: `00-<trace id>-<span id>-01`.
std::string Traceparent(const TraceContext& trace);

// Names the trace of what this thread does now; log lines carry its id. Scopes nest.
class TraceScope {
 public:
  explicit TraceScope(const TraceContext& trace);  // `trace` outlives the scope
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  const TraceContext* outer_;
};
// The innermost scope of this thread; null outside of any.
const TraceContext* CurrentTrace();

}  // namespace rsnms::observe

#endif  // RSNMS_LIBS_OBSERVE_TRACE_H_
