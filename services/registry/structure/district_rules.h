// How a district gets its head (Dagestan, «Управление округом»). Pure.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_RULES_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_RULES_H_

#include <map>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "rsnms/registry/v1/district.pb.h"
#include "rsnms/registry/v1/district_officer.pb.h"

namespace rsnms::registry {

// A district as its members, officers and resources must respect it on one day.
struct DistrictFacts {
  v1::DistrictKind kind = v1::DISTRICT_KIND_UNSPECIFIED;
  v1::DistrictHeadMode head_mode = v1::DISTRICT_HEAD_MODE_UNSPECIFIED;
  bool closed = false;  // or deleted
};

// INVALID_ARGUMENT HEAD_TERM_OUT_OF_RANGE: the term of a rotating head is set and lasts one to two
// years when it is given (`created`), at most two later: a head may leave early.
absl::Status CheckHeadTerm(v1::DistrictHeadMode mode, bool created,
                           const v1::DistrictOfficer& head);

// FAILED_PRECONDITION HEAD_OUT_OF_TURN when another member has had fewer turns than `candidate`.
// `turns` holds past turns by municipality; who had none is absent.
absl::Status CheckTurn(const absl::flat_hash_set<std::string>& members,
                       const std::map<std::string, int>& turns, const std::string& candidate);

// The state after a head is given to a district in `state`.
v1::DistrictState HeadedState(v1::DistrictState state);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_DISTRICT_RULES_H_
