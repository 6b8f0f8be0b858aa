// The review of bodies' work, as one query.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_REVIEW_STORE_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_REVIEW_STORE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/community_review.pb.h"

namespace rsnms::registry {

// Fills `response` with what the caller's scopes show.
absl::Status ReadFindings(pg::Tx& tx, const v1::ReviewCommunitiesRequest& request,
                          v1::ReviewCommunitiesResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_REVIEW_STORE_H_
