// What must hold of consents, qualifications and records of learning. Pure: images in, status out.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_RULES_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/career_evidence.pb.h"
#include "rsnms/registry/v1/consent.pb.h"
#include "rsnms/registry/v1/corporate_training.pb.h"
#include "rsnms/registry/v1/qualification.pb.h"
#include "rsnms/registry/v1/self_education_theme.pb.h"

namespace rsnms::registry {

// Whether personal data may be processed for this purpose only by the person's consent.
bool NeedsConsent(v1::ConsentPurpose purpose);

// Sets `destroy_due_date`. INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckConsentDates(v1::Consent& consent);

// What was signed is proof: FAILED_PRECONDITION RECORD_FROZEN when a consent that was given or
// withdrawn is deleted or changed otherwise than by its withdrawal. `before` is null for a new one.
absl::Status CheckConsentKept(bool deleting, const v1::Consent* before, const v1::Consent& after);

// Gives an attestation for compliance its five years. INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckQualification(v1::Qualification& qualification);

// INVALID_ARGUMENT END_BEFORE_START.
absl::Status CheckCorporateTraining(const v1::CorporateTraining& training);
absl::Status CheckSelfEducationTheme(const v1::SelfEducationTheme& theme);
absl::Status CheckCareerEvidence(const v1::CareerEvidence& evidence);

bool InForce(const v1::Qualification& qualification, absl::CivilDay day);

// Only holders of the highest category may get it.
bool NeedsHighest(v1::QualificationCategory category);

// The place of a category among the others: the higher the greater.
int RankOf(v1::QualificationCategory category);

// The highest of those in force, of equals the latest; null when there is none. COMPLIANCE is
// the lowest.
const v1::Qualification* CurrentQualification(const std::vector<v1::Qualification>& qualifications,
                                              absl::CivilDay day);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_PEOPLE_RULES_H_
