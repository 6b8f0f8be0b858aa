// Prometheus metrics with the ecosystem's names (those of go-grpc-prometheus), and gauges read when
// scraped.
#ifndef RSNMS_LIBS_OBSERVE_METRICS_H_
#define RSNMS_LIBS_OBSERVE_METRICS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace rsnms::observe {

// Counters of one RPC. Thread-safe.
class MethodMetrics {
 public:
  virtual ~MethodMetrics() = default;
  virtual void Started() = 0;   // grpc_server_started_total
  virtual void Received() = 0;  // grpc_server_msg_received_total
  virtual void Sent() = 0;      // grpc_server_msg_sent_total
  // grpc_server_handled_total{grpc_code="OK"}, grpc_server_handling_seconds
  virtual void Handled(absl::StatusCode code, double seconds) = 0;
};

// Thread-safe.
class Metrics {
 public:
  using Labels = std::map<std::string, std::string>;

  static std::unique_ptr<Metrics> Create();
  virtual ~Metrics() = default;

  // Counters of one RPC, created at the first call and kept. `type` is `unary`, `server_stream`,
  // `client_stream` or `bidi_stream`; `service` is the full name of the gRPC service.
  virtual MethodMetrics* Method(const std::string& service, const std::string& method,
                                const std::string& type) = 0;

  // A value read at each scrape: depth of a queue, idle connections. Names end in a unit
  // (`_seconds`, `_bytes`). `read` is called on the scraping thread until Conceal or the
  // metrics' destruction.
  virtual void Gauge(const std::string& name, const std::string& help, const Labels& labels,
                     std::function<double()> read) = 0;
  // The same for what only grows; names end in `_total`.
  virtual void Counter(const std::string& name, const std::string& help, const Labels& labels,
                       std::function<double()> read) = 0;

  // Serves /metrics over HTTP on `host:port` until Conceal or destruction. UNAVAILABLE when the
  // port is taken.
  virtual absl::Status Expose(const std::string& listen) = 0;
  // Serves it no more and waits for the scrape under way: after it nobody calls the readings, and
  // what they read may be destroyed. Not at the same time as Expose.
  virtual void Conceal() = 0;
  // What /metrics answers.
  virtual std::string Render() const = 0;
};

// `DeadlineExceeded` for kDeadlineExceeded, as label grpc_code writes it.
const char* CodeName(absl::StatusCode code);

}  // namespace rsnms::observe

#endif  // RSNMS_LIBS_OBSERVE_METRICS_H_
