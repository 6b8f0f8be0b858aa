// SQL of the life of bodies.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_LIFE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_LIFE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "libs/resource/row_codec.h"
#include "rsnms/registry/v1/organisation_change.pb.h"
#include "rsnms/registry/v1/organisation_former_municipality.pb.h"
#include "rsnms/registry/v1/organisation_former_name.pb.h"
#include "rsnms/registry/v1/organisation_life.pb.h"

namespace rsnms::registry {

// Sums over bodies the day before a change, on its day and in the far future. Management teams
// named in `disbanded` do not count from the day on.
absl::StatusOr<std::vector<v1::OrganisationSums>> SumUp(pg::Tx& tx, const std::string& region,
                                                        const std::vector<std::string>& bodies,
                                                        const std::vector<std::string>& disbanded,
                                                        absl::CivilDay day);
inline constexpr size_t kOnTheDay = 1;  // place of the day itself

// Living former names of a body in order of time.
absl::StatusOr<std::vector<v1::OrganisationFormerName>> FormerNames(
    pg::Tx& tx, const resource::Engine& engine, const std::string& organisation);

// Where a body lay before, in order of time.
absl::StatusOr<std::vector<v1::OrganisationFormerMunicipality>> FormerMunicipalities(
    pg::Tx& tx, const resource::Engine& engine, const std::string& organisation);

// Bodies by any name. Fills the answer.
absl::Status Search(pg::Tx& tx, const resource::Engine& engine,
                    const v1::SearchOrganisationsRequest& request,
                    const std::optional<resource::Values>& after,
                    v1::SearchOrganisationsResponse* response);

// Names of applied changes, other than `change`, that wrote one of the resources.
absl::StatusOr<std::vector<std::string>> ChangesOf(pg::Tx& tx, const std::string& change,
                                                   const std::vector<std::string>& resources);

// Names of at most eleven living resources of any kind that refer to a body, seen or not.
absl::StatusOr<std::vector<std::string>> Referrers(pg::Tx& tx, const resource::Engine& engine,
                                                   const std::string& organisation);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_LIFE_STORE_H_
