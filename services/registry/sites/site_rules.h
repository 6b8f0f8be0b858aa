// What must hold inside one call, site, candidate or consulting request. Pure: images in, status
// out; they complete derived fields of `after`. `before` is null for what is created.
#ifndef RSNMS_SERVICES_REGISTRY_SITES_SITE_RULES_H_
#define RSNMS_SERVICES_REGISTRY_SITES_SITE_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/consulting_request.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/professional_standing.pb.h"
#include "rsnms/registry/v1/reserve_candidate.pb.h"
#include "rsnms/registry/v1/site.pb.h"
#include "rsnms/registry/v1/site_call.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::sites {

// Days to answer a consulting request that names no term of its own.
inline constexpr int kDaysToAnswer = 30;

// RECORD_FROZEN once opened; END_BEFORE_START.
absl::Status CheckSiteCall(resource::Change change, const v1::SiteCall* before,
                           v1::SiteCall* after);

// Whether a list of a rule names the value.
bool Holds(const google::protobuf::RepeatedField<int>& values, int value);

// Whether bodies of the kind teach children or students: those Altai 3.2.2#13 selects sites among.
bool IsEducational(v1::OrganisationKind kind);

// FAILED_PRECONDITION SITE_CALL_CLOSED; INVALID_ARGUMENT SITE_CALL_MISMATCH.
absl::Status MayApply(const v1::SiteCall& call, const v1::Site& site);

// The days of the status; meaningful once `status_from_date` is set.
Period StatusPeriod(const v1::Site& site);

// RECORD_FROZEN once experts look at it; EXPERIENCE_REQUIRED by the region's rule;
// DATES_OUT_OF_ORDER, STATUS_NOT_OVER.
absl::Status CheckSite(resource::Change change, const v1::Site* before, v1::Site* after);

// RECORD_FROZEN after the application; INSTRUMENTS_MISSING, and INVALID_STATE for a stage passed
// over, by the region's rule; DATES_OUT_OF_ORDER.
absl::Status CheckReserveCandidate(const v1::ReserveRule& rule, resource::Change change,
                                   const v1::ReserveCandidate* before, v1::ReserveCandidate* after);

// Replaces what was recorded of the instrument's kind.
void Record(const v1::ReserveInstrument& instrument, v1::ReserveCandidate* candidate);

// RECORD_FROZEN once an expert is named; DATES_OUT_OF_ORDER. Sets `due_date` and `late`.
absl::Status CheckConsultingRequest(resource::Change change, const v1::ConsultingRequest* before,
                                    v1::ConsultingRequest* after);

}  // namespace rsnms::registry::sites

#endif  // RSNMS_SERVICES_REGISTRY_SITES_SITE_RULES_H_
