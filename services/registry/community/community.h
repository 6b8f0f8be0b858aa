// Bodies and communities: rsnms.registry.v1.Communities over the engine.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_H_

#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/registry/v1/communities_service.pb.h"

namespace rsnms::registry {

// Descriptor of the contract, for the host.
const google::protobuf::ServiceDescriptor* CommunitiesContract();

// Rules and preparations of the area's resources.
void AddCommunityRules(resource::Engine& engine);

// The methods the engine does not execute. Thread-safe; outlives the server.
class CommunitiesService {
 public:
  explicit CommunitiesService(resource::Engine& engine) : engine_(engine) {}
  void Serve(rpc::Server& server);

 private:
  absl::Status ListCommunityKinds(const v1::ListCommunityKindsRequest& request,
                                  v1::ListCommunityKindsResponse* response) const;
  absl::Status ReviewCommunities(rpc::Call& call, const v1::ReviewCommunitiesRequest& request,
                                 v1::ReviewCommunitiesResponse* response) const;

  resource::Engine& engine_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_H_
