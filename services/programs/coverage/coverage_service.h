// The service rsnms.programs.v1.Coverage: what is lacking and who teaches it.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/coverage.pb.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class CoverageService {
 public:
  static const google::protobuf::ServiceDescriptor* Contract();

  // `diagnostics` tell deficits; without them only orders can be asked for. `page_key` seals page
  // tokens. Adds the rule of versions' grounds to the engine.
  CoverageService(resource::Engine* engine, std::shared_ptr<rpc::Client> diagnostics,
                  std::string page_key);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

 private:
  absl::Status ListCompetencyCoverage(rpc::Call& call,
                                      const v1::ListCompetencyCoverageRequest& request,
                                      v1::ListCompetencyCoverageResponse* response);
  absl::Status ListUnmetOrderLines(rpc::Call& call, const v1::ListUnmetOrderLinesRequest& request,
                                   v1::ListUnmetOrderLinesResponse* response);

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> diagnostics_;
  const std::string page_key_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_
