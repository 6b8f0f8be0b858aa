// Mergers, divisions, renamings and closings, each inside one transaction that the caller runs.
// Answers the OrganisationChange it recorded; errors as the contract says.
#ifndef RSNMS_SERVICES_REGISTRY_LIFE_REORGANISATION_H_
#define RSNMS_SERVICES_REGISTRY_LIFE_REORGANISATION_H_

#include "absl/status/statusor.h"
#include "rsnms/registry/v1/organisation_change.pb.h"
#include "rsnms/registry/v1/organisation_life.pb.h"
#include "services/registry/life/ledger.h"

namespace rsnms::registry {

absl::StatusOr<v1::OrganisationChange> Merge(Ledger& ledger,
                                             const v1::MergeOrganisationsRequest& request);
absl::StatusOr<v1::OrganisationChange> Split(Ledger& ledger,
                                             const v1::SplitOrganisationRequest& request);
absl::StatusOr<v1::OrganisationChange> Rename(Ledger& ledger,
                                              const v1::RenameOrganisationRequest& request);
absl::StatusOr<v1::OrganisationChange> Close(Ledger& ledger,
                                             const v1::CloseOrganisationRequest& request);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LIFE_REORGANISATION_H_
