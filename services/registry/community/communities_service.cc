#include <string>

#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "services/registry/community/community.h"
#include "services/registry/community/community_kinds.h"
#include "services/registry/community/community_review_store.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Communities";

}  // namespace

const google::protobuf::ServiceDescriptor* CommunitiesContract() {
  v1::Community::descriptor();  // links the contract in
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void CommunitiesService::Serve(rpc::Server& server) {
  server.Unary<v1::ListCommunityKindsRequest, v1::ListCommunityKindsResponse>(
      absl::StrCat(kContract, "/ListCommunityKinds"),
      [this](auto&, const auto& request, auto* response) {
        return ListCommunityKinds(request, response);
      });
  server.Unary<v1::ReviewCommunitiesRequest, v1::ReviewCommunitiesResponse>(
      absl::StrCat(kContract, "/ReviewCommunities"),
      [this](auto& call, const auto& request, auto* response) {
        return ReviewCommunities(call, request, response);
      });
}

absl::Status CommunitiesService::ListCommunityKinds(
    const v1::ListCommunityKindsRequest& request, v1::ListCommunityKindsResponse* response) const {
  for (const auto& entry : CommunityKinds().entries()) {
    const bool wanted =
        request.act() == v1::REGULATION_ACT_UNSPECIFIED || request.act() == entry.act();
    if (wanted) *response->add_kinds() = entry;
  }
  return absl::OkStatus();
}

absl::Status CommunitiesService::ReviewCommunities(rpc::Call& call,
                                                   const v1::ReviewCommunitiesRequest& request,
                                                   v1::ReviewCommunitiesResponse* response) const {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (auto s = CheckOrder(request.start_date(), &request.end_date(), "end_date"); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadFindings(tx, request, response); });
}

}  // namespace rsnms::registry
