// What the system consists of by its acts: profiles, subjects, the functions matrix, who acts as
// the subjects, districts. Domain methods of rsnms.registry.v1.Structure; the standard ones are the
// engine's.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/district_card.pb.h"
#include "rsnms/registry/v1/district_officer.pb.h"
#include "rsnms/registry/v1/function_assignment.pb.h"
#include "rsnms/registry/v1/system_profile_file.pb.h"

namespace rsnms::registry {

// The contract the service fulfils.
const google::protobuf::ServiceDescriptor* StructureContract();

// Rules and preparations of the resources of this contract.
void AddStructureRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class StructureService {
 public:
  explicit StructureService(resource::Engine& engine) : engine_(engine) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status LoadSystemProfile(rpc::Call& call, const v1::LoadSystemProfileRequest& request,
                                 v1::LoadSystemProfileResponse* response);
  absl::Status ReportFunctions(rpc::Call& call, const v1::ReportFunctionsRequest& request,
                               v1::FunctionsReport* response);
  absl::Status GetDistrictCard(rpc::Call& call, const v1::GetDistrictCardRequest& request,
                               v1::DistrictCard* response);
  absl::Status AppointDistrictHead(rpc::Call& call, const v1::AppointDistrictHeadRequest& request,
                                   v1::DistrictOfficer* response);

 private:
  resource::Engine& engine_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_STRUCTURE_H_
