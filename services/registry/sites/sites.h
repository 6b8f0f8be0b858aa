// Sites and calls for them, the reserve of leaders, consulting requests: service
// rsnms.registry.v1.Sites. Standard methods and steps are the engine's.
#ifndef RSNMS_SERVICES_REGISTRY_SITES_SITES_H_
#define RSNMS_SERVICES_REGISTRY_SITES_SITES_H_

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/consulting_watch.pb.h"
#include "rsnms/registry/v1/reserve_candidate.pb.h"

namespace rsnms::registry::sites {

// The contract the service fulfils. Its resources refer to those of the area `documents`.
const google::protobuf::ServiceDescriptor* Contract();

// Hands the rules and preparations of the area to the engine. Called once, before it serves.
void AddRules(resource::Engine& engine);

// Stateless beside the engine, which must outlive it. Thread-safe.
class SitesService {
 public:
  explicit SitesService(resource::Engine& engine) : engine_(engine) {}

  // Registers the methods; the service must outlive the server.
  void Serve(rpc::Server& server);

  absl::Status RecordReserveInstrument(rpc::Call& call,
                                       const v1::RecordReserveInstrumentRequest& request,
                                       v1::ReserveCandidate* response);
  absl::Status ListOverdueConsultingRequests(
      rpc::Call& call, const v1::ListOverdueConsultingRequestsRequest& request,
      v1::ListOverdueConsultingRequestsResponse* response);
  absl::Status CountConsultingTopics(rpc::Call& call,
                                     const v1::CountConsultingTopicsRequest& request,
                                     v1::CountConsultingTopicsResponse* response);

 private:
  resource::Engine& engine_;
};

}  // namespace rsnms::registry::sites

#endif  // RSNMS_SERVICES_REGISTRY_SITES_SITES_H_
