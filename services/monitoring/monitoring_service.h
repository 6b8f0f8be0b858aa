// The domain methods on profiles, periods, facts and indicators. Standard methods are the engine's;
// passports are passport_service.h's.
#ifndef RSNMS_SERVICES_MONITORING_MONITORING_SERVICE_H_
#define RSNMS_SERVICES_MONITORING_MONITORING_SERVICE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/monitoring/v1/fact.pb.h"
#include "rsnms/monitoring/v1/indicator.pb.h"
#include "rsnms/monitoring/v1/period.pb.h"
#include "rsnms/monitoring/v1/profile.pb.h"
#include "services/monitoring/followers.h"
#include "services/monitoring/profile_catalogue.h"

namespace rsnms::monitoring {

// Rights asked inside methods, beside those the contract declares.
inline constexpr char kMayReadCells[] = "monitoring.cells.read";  // small cells of persons
inline constexpr char kMayTraceSubjects[] =
    "monitoring.subjects.trace";  // who stands behind a number

// Adds the rules of the service's resources to the engine. Once, before it serves.
void AddRules(resource::Engine& engine);

// Thread-safe. Methods are named after their RPCs; contracts and errors stand in the protos.
// QueryCube, ListFactSubjects and ExplainIndicator are in fact_methods.cc.
class MonitoringService {
 public:
  struct Options {
    ProfileCatalogue catalogue;
    std::string page_key;                  // seals page tokens; the same on every replica
    const Followers* followers = nullptr;  // this replica's consumers; null: none
  };
  // `engine` and the followers outlive the service.
  MonitoringService(resource::Engine& engine, Options options)
      : engine_(engine), options_(std::move(options)) {}

  void Serve(rpc::Server& server);

  absl::Status InstallProfile(rpc::Call& call, const v1::InstallProfileRequest& request,
                              v1::Profile* response);
  absl::Status OpenPeriod(rpc::Call& call, const v1::OpenPeriodRequest& request,
                          v1::Period* response);
  absl::Status QueryCube(rpc::Call& call, const v1::QueryCubeRequest& request,
                         v1::QueryCubeResponse* response);
  absl::Status ListFactSubjects(rpc::Call& call, const v1::ListFactSubjectsRequest& request,
                                v1::ListFactSubjectsResponse* response);
  absl::Status GetFeedWatermarks(rpc::Call& call, const v1::GetFeedWatermarksRequest& request,
                                 v1::FeedWatermarks* response);
  absl::Status AwaitCatchUp(rpc::Call& call, const v1::AwaitCatchUpRequest& request,
                            v1::FeedWatermarks* response);
  absl::Status ComputeIndicators(rpc::Call& call, const v1::ComputeIndicatorsRequest& request,
                                 v1::ComputeIndicatorsResponse* response);
  absl::Status RecordIndicatorValues(rpc::Call& call,
                                     const v1::RecordIndicatorValuesRequest& request,
                                     v1::RecordIndicatorValuesResponse* response);
  absl::Status ExplainIndicator(rpc::Call& call, const v1::ExplainIndicatorRequest& request,
                                v1::ExplainIndicatorResponse* response);

 private:
  feed::Consumer* FindConsumer(const std::string& source) const {
    return options_.followers == nullptr ? nullptr : options_.followers->Find(source);
  }

  resource::Engine& engine_;
  const Options options_;
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_MONITORING_SERVICE_H_
