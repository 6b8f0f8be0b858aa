// The catalogue of kinds of bodies, compiled in from kinds.textproto.
#ifndef RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_KINDS_H_
#define RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_KINDS_H_

#include "rsnms/registry/v1/community_review.pb.h"

namespace rsnms::registry {

// Read once; aborts the process when the file is not a catalogue or names a kind twice (found by
// the first test).
const v1::CommunityKindCatalogue& CommunityKinds();

// Null when the act knows no such kind.
const v1::CommunityKindEntry* FindKind(v1::RegulationAct act, v1::CommunityKind kind);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_COMMUNITY_COMMUNITY_KINDS_H_
