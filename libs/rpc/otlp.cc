#include "libs/rpc/otlp.h"

#include <utility>

#include "libs/rpc/client.h"

namespace rsnms::rpc {

std::unique_ptr<observe::Tracer> OtlpTracer(const std::string& endpoint,
                                            observe::TracerOptions options) {
  ClientOptions client_options;
  client_options.target = endpoint;
  std::shared_ptr<Client> client = Client::Create(std::move(client_options));
  return observe::Tracer::Create(
      std::move(options), [client](const observe::ExportRequest& request) {
        opentelemetry::proto::collector::trace::v1::ExportTraceServiceResponse response;
        return client->Unary("opentelemetry.proto.collector.trace.v1.TraceService/Export", request,
                             &response, absl::Now() + absl::Seconds(5), /*idempotent=*/false);
      });
}

}  // namespace rsnms::rpc
