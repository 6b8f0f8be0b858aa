// Sends spans to an OpenTelemetry collector over gRPC.
#ifndef RSNMS_LIBS_RPC_OTLP_H_
#define RSNMS_LIBS_RPC_OTLP_H_

#include <memory>
#include <string>

#include "libs/observe/spans.h"

namespace rsnms::rpc {

// A tracer whose batches go to `endpoint` (`127.0.0.1:4317`, plaintext) as
// opentelemetry.proto.collector.trace.v1.TraceService/Export. While the collector is away spans are
// dropped.
std::unique_ptr<observe::Tracer> OtlpTracer(const std::string& endpoint,
                                            observe::TracerOptions options);

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_OTLP_H_
