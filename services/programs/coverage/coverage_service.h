// The service rsnms.programs.v1.Coverage: what is lacking and who teaches it.
#ifndef RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/coverage.pb.h"
#include "services/programs/coverage/coverage_report.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class CoverageService {
 public:
  static const google::protobuf::ServiceDescriptor* Contract();

  // `diagnostics` tell deficits; without them only orders can be asked for. `page_key` seals page
  // tokens, `now` says the day. Adds the rule of versions' grounds to the engine.
  CoverageService(resource::Engine* engine, std::shared_ptr<rpc::Client> diagnostics,
                  std::string page_key, std::function<absl::Time()> now = absl::Now);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

 private:
  absl::StatusOr<CoverageFacts> Read(const rpc::Call& call, const std::string& parent);
  absl::Status ListCompetencyCoverage(rpc::Call& call,
                                      const v1::ListCompetencyCoverageRequest& request,
                                      v1::ListCompetencyCoverageResponse* response);
  absl::Status ListUnmetOrderLines(rpc::Call& call, const v1::ListUnmetOrderLinesRequest& request,
                                   v1::ListUnmetOrderLinesResponse* response);

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> diagnostics_;
  const std::string page_key_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_COVERAGE_COVERAGE_SERVICE_H_
