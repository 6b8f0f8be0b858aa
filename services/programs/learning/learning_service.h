// The service rsnms.programs.v1.Learning: learning beside programmes, teams, the cascade, and what
// became of learning in practice. Standard methods and most steps are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_SERVICE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/learning_service.pb.h"
#include "services/programs/learning/report_pages.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class LearningService {
 public:
  // The contract it fulfils; its resources refer to those of Programs.
  static const google::protobuf::ServiceDescriptor* Contract();

  // Adds the rules of its resources to the engine. `registry` tells about sites and teams; it may
  // be null, then what needs it is UNAVAILABLE. `page_key` is the host's, for
  // resource::KeyPurpose::kReportPages. `now` says the day.
  LearningService(resource::Engine* engine, std::shared_ptr<rpc::Client> registry,
                  std::string page_key, std::function<absl::Time()> now = absl::Now);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status AgreeLearningRecord(rpc::Call& call, const v1::AgreeLearningRecordRequest& request,
                                   v1::LearningRecord* response);
  absl::Status AcceptLearningRecord(rpc::Call& call, const v1::AcceptLearningRecordRequest& request,
                                    v1::LearningRecord* response);
  absl::Status AcceptPracticeAcceptance(rpc::Call& call,
                                        const v1::AcceptPracticeAcceptanceRequest& request,
                                        v1::PracticeAcceptance* response);
  absl::Status StartTeamTraining(rpc::Call& call, const v1::StartTeamTrainingRequest& request,
                                 v1::TeamTraining* response);
  absl::Status EnrolTeam(rpc::Call& call, const v1::EnrolTeamRequest& request,
                         v1::EnrolTeamResponse* response);
  absl::Status CompleteTeamTraining(rpc::Call& call, const v1::CompleteTeamTrainingRequest& request,
                                    v1::TeamTraining* response);
  absl::Status GetTeamTrainingProgress(rpc::Call& call,
                                       const v1::GetTeamTrainingProgressRequest& request,
                                       v1::TeamTrainingProgress* response);
  absl::Status HoldCascadeSession(rpc::Call& call, const v1::HoldCascadeSessionRequest& request,
                                  v1::CascadeSession* response);
  absl::Status VoidLearningRecord(rpc::Call& call, const v1::VoidLearningRecordRequest& request,
                                  v1::LearningRecord* response);
  absl::Status VoidCascadeSession(rpc::Call& call, const v1::VoidCascadeSessionRequest& request,
                                  v1::CascadeSession* response);
  absl::Status VoidTeamTraining(rpc::Call& call, const v1::VoidTeamTrainingRequest& request,
                                v1::TeamTraining* response);
  absl::Status VoidPracticeAcceptance(rpc::Call& call,
                                      const v1::VoidPracticeAcceptanceRequest& request,
                                      v1::PracticeAcceptance* response);
  absl::Status ListCascadeCoverage(rpc::Call& call, const v1::ListCascadeCoverageRequest& request,
                                   v1::ListCascadeCoverageResponse* response);
  absl::Status GetCorporateHours(rpc::Call& call, const v1::GetCorporateHoursRequest& request,
                                 v1::CorporateHours* response);
  absl::Status ListCorporateHours(rpc::Call& call, const v1::ListCorporateHoursRequest& request,
                                  v1::ListCorporateHoursResponse* response);
  absl::Status GetAcademyCoverage(rpc::Call& call, const v1::GetAcademyCoverageRequest& request,
                                  v1::AcademyCoverage* response);

 private:
  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> registry_;
  const ReportPages pages_;
  const std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_LEARNING_SERVICE_H_
