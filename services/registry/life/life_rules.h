// What a change of bodies must respect. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_RULES_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/organisation_former_municipality.pb.h"
#include "rsnms/registry/v1/organisation_former_name.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// The body takes part in a change on `day`: as one that works the day before (`existed`), or on the
// day itself. FAILED_PRECONDITION ORGANISATION_CLOSED when it is closed or deleted, whenever that
// is; CHANGE_OUT_OF_ORDER when it is founded later.
absl::Status MayChange(const v1::Organisation& body, absl::CivilDay day, bool existed);

// What Update and Import may not change of a body, because it holds from a day on or for ever:
// names borne, the last day. INVALID_ARGUMENT IMMUTABLE_FIELD, telling the way.
absl::Status CheckDatedFields(const v1::Organisation& before, const v1::Organisation& after);

// A body with successors stays closed: it comes back by undoing the change. FAILED_PRECONDITION
// ORGANISATION_CLOSED.
absl::Status CheckSuccessors(const v1::Organisation& body);

// Each name once. INVALID_ARGUMENT BODY_NAMED_TWICE.
absl::Status CheckDistinct(const std::vector<std::string>& bodies);

// The name borne until the day before `day`, given the former names in order of time.
// FAILED_PRECONDITION NAME_UNCHANGED, CHANGE_OUT_OF_ORDER.
absl::StatusOr<v1::OrganisationFormerName> FormerName(
    const v1::Organisation& body, const std::vector<v1::OrganisationFormerName>& former,
    const std::string& new_name, const std::string& new_short_name, absl::CivilDay day);

// Where the body lay until the day before `day`, given where it lay earlier, in order of time.
// FAILED_PRECONDITION CHANGE_OUT_OF_ORDER.
absl::StatusOr<v1::OrganisationFormerMunicipality> FormerMunicipality(
    const v1::Organisation& body, const std::vector<v1::OrganisationFormerMunicipality>& former,
    absl::CivilDay day);

// Names one successor takes over, with the path of the request's field.
struct Portion {
  std::string path;
  std::vector<std::string> names;
};
// What of `present` no portion takes, in order. INVALID_ARGUMENT APPORTIONED_WRONGLY for a name
// that is not present or is taken twice.
absl::StatusOr<std::vector<std::string>> Apportion(const std::vector<std::string>& present,
                                                   const std::vector<Portion>& portions);

// FAILED_PRECONDITION NOT_APPORTIONED naming some of what is left, or OK.
absl::Status NothingLeft(const std::vector<std::string>& left);

// At most ten names, separated by ", ", and how many more there are.
std::string Some(const std::vector<std::string>& names);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_RULES_H_
