// Mentoring: rsnms.registry.v1.Mentoring. Most of it is declared in the contract; here are its
// rules and the two methods written by hand.
#ifndef RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_H_
#define RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/mentoring_catalogue.pb.h"
#include "rsnms/registry/v1/mentorship.pb.h"
#include "rsnms/registry/v1/mentorship_methods.pb.h"

namespace rsnms::registry {

// The contract this area fulfils.
const google::protobuf::ServiceDescriptor* MentoringContract();

// Hands the area's rules to the engine, among them one on Employment: call after AddRules.
void AddMentoringRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class MentoringService {
 public:
  explicit MentoringService(resource::Engine& engine) : engine_(engine) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status GetMentoringCatalogue(rpc::Call& call,
                                     const v1::GetMentoringCatalogueRequest& request,
                                     v1::MentoringCatalogue* response);
  absl::Status AddMentee(rpc::Call& call, const v1::AddMenteeRequest& request,
                         v1::Mentorship* response);

 private:
  resource::Engine& engine_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_H_
