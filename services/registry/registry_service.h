// Domain methods of rsnms.registry.v1.Registry; the standard ones are the engine's.
#ifndef RSNMS_SERVICES_REGISTRY_REGISTRY_SERVICE_H_
#define RSNMS_SERVICES_REGISTRY_REGISTRY_SERVICE_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation_link.pb.h"

namespace rsnms::registry {

// The contract the service fulfils.
const google::protobuf::ServiceDescriptor* Contract();

// Stateless beside the engine, which must outlive it. Thread-safe.
class RegistryService {
 public:
  explicit RegistryService(resource::Engine& engine) : engine_(engine) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status GetOrganisationTree(rpc::Call& call, const v1::GetOrganisationTreeRequest& request,
                                   v1::OrganisationTree* response);
  absl::Status MoveOrganisation(rpc::Call& call, const v1::MoveOrganisationRequest& request,
                                v1::OrganisationLink* response);
  absl::Status CountEducators(rpc::Call& call, const v1::CountEducatorsRequest& request,
                              v1::CountEducatorsResponse* response);

 private:
  absl::Status CloseLink(pg::Tx& tx, const journal::Author& author,
                         const v1::MoveOrganisationRequest& request);

  resource::Engine& engine_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_REGISTRY_SERVICE_H_
