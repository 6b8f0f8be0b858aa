// What must hold in one image of the asset's resources. Pure. Field paths are relative to the
// resource.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_ASSET_RULES_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_ASSET_RULES_H_

#include "absl/status/status.h"
#include "rsnms/registry/v1/asset_regulation.pb.h"
#include "rsnms/registry/v1/attachment.pb.h"
#include "rsnms/registry/v1/methodologist.pb.h"
#include "rsnms/registry/v1/mms_staff.pb.h"
#include "rsnms/registry/v1/mms_training.pb.h"

namespace rsnms::registry {

// INVALID_ARGUMENT END_BEFORE_START, OUT_OF_RANGE (a month that is none, or twice).
absl::Status CheckRegulation(const v1::AssetRegulation& regulation);

// Whether candidates are nominated on that day. FAILED_PRECONDITION SELECTION_WINDOW_CLOSED.
absl::Status InWindow(const v1::AssetRegulation& regulation, const google::type::Date& day);

// Contract, first day of work and release in order. INVALID_ARGUMENT END_BEFORE_START,
// CONTRACT_TERM_REQUIRED, OUTSIDE_CONTRACT.
absl::Status CheckMethodologist(const v1::Methodologist& methodologist);

// Only a candidate is deleted. FAILED_PRECONDITION METHODOLOGIST_FIXED.
absl::Status MayDeleteMethodologist(const v1::Methodologist& methodologist);

// INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckAttachment(const v1::Attachment& attachment);

// The days lie in the contract. FAILED_PRECONDITION OUTSIDE_CONTRACT.
absl::Status InsideContract(const v1::Methodologist& methodologist,
                            const v1::Attachment& attachment);

// INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckStaffMember(const v1::MmsStaffMember& member);

// INVALID_ARGUMENT END_BEFORE_START; FAILED_PRECONDITION TRAINING_OUTSIDE_AGREEMENT.
absl::Status CheckTraining(const v1::MmsTraining& training);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_ASSET_RULES_H_
