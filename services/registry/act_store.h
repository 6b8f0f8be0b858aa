// Acts of the register as other records cite them.
#ifndef RSNMS_SERVICES_REGISTRY_ACT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_ACT_STORE_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/document.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"

namespace rsnms::registry {

// What an act must be to decide something. Orders and decisions do, of the regional authority,
// institute and centre; below the region also those of the municipality's bodies; on the level of
// an organisation also the body's own.
struct ActDemand {
  const char* path;             // of the reference, in errors
  google::type::Date day = {};  // it must not have ended before; unset: whenever
  v1::Document::Level level = v1::Document::LEVEL_REGION;
  std::string municipality = {};  // whose bodies decide on LEVEL_MUNICIPALITY and below
  std::string organisation = {};  // who decides for itself on LEVEL_ORGANISATION
  std::string never = {};         // the body whose acts do not decide this
};

// The act of that name. INVALID_ARGUMENT REFERENCE_NOT_FOUND at `path` when it is absent, deleted
// or not visible; FAILED_PRECONDITION ACT_NOT_APPROVED while it is a draft (a draft names nobody
// and grants nothing), ACT_NOT_IN_FORCE when it was repealed or replaced before the day, ACT_UNFIT
// when it is no order or decision or its issuer does not decide on this.
absl::StatusOr<v1::Document> FindAct(pg::Tx& tx, const resource::Engine& engine,
                                     const std::string& name, const ActDemand& demand);

// INVALID_ARGUMENT LEVEL_BEYOND_ISSUER: a school issues no acts of a municipality or region, a
// municipality's body none of the region.
absl::Status MayIssue(v1::OrganisationKind issuer, v1::Document::Level level);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ACT_STORE_H_
