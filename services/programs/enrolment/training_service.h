// The service rsnms.programs.v1.Training: groups, the life of enrolments in them, the risk list.
// Standard methods and the steps of groups are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_SERVICE_H_
#define RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_SERVICE_H_

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
#include "rsnms/programs/v1/training_service.pb.h"
#include "services/programs/enrolment/session_facts.h"

namespace rsnms::programs {

// Stateless beside the engine, which must outlive it. Thread-safe.
class TrainingService {
 public:
  // The contract it fulfils; its resources refer to those of Programs, whose rules of enrolments
  // are added by ProgramsService.
  static const google::protobuf::ServiceDescriptor* Contract();

  // Adds the rules of groups and settings to the engine. `page_key` is the host's, for
  // resource::KeyPurpose::kReportPages. `diagnostics` tell of sessions enrolments name, and are
  // those of ProgramsService; may be null.
  TrainingService(resource::Engine* engine, std::string page_key,
                  std::function<absl::Time()> now = absl::Now,
                  std::shared_ptr<rpc::Client> diagnostics = nullptr);

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status EnrolInGroup(rpc::Call& call, const v1::EnrolInGroupRequest& request,
                            v1::Enrolment* response);
  absl::Status PlaceEnrolment(rpc::Call& call, const v1::PlaceEnrolmentRequest& request,
                              v1::Enrolment* response);
  absl::Status DeferEnrolment(rpc::Call& call, const v1::DeferEnrolmentRequest& request,
                              v1::Enrolment* response);
  absl::Status ResumeEnrolment(rpc::Call& call, const v1::ResumeEnrolmentRequest& request,
                               v1::Enrolment* response);
  absl::Status TransferEnrolment(rpc::Call& call, const v1::TransferEnrolmentRequest& request,
                                 v1::Enrolment* response);
  absl::Status VoidEnrolment(rpc::Call& call, const v1::VoidEnrolmentRequest& request,
                             v1::Enrolment* response);
  absl::Status RecordActivity(rpc::Call& call, const v1::RecordActivityRequest& request,
                              v1::RecordActivityResponse* response);
  absl::Status ListEnrolmentRisks(rpc::Call& call, const v1::ListEnrolmentRisksRequest& request,
                                  v1::ListEnrolmentRisksResponse* response);

 private:
  resource::Engine* const engine_;
  const std::string page_key_;
  const std::function<absl::Time()> now_;
  const SessionFacts sessions_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_ENROLMENT_TRAINING_SERVICE_H_
