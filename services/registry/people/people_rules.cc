#include "services/registry/people/people_rules.h"

#include <tuple>

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

constexpr int kDestroyDays = 30;     // 152-ФЗ, article 21, part 5
constexpr int kComplianceYears = 5;  // приказ № 196: attestation for compliance with the post

}  // namespace

bool NeedsConsent(v1::ConsentPurpose purpose) {
  return purpose != v1::CONSENT_PURPOSE_UNSPECIFIED &&
         purpose != v1::CONSENT_PURPOSE_STATUTORY_TASKS;
}

absl::Status CheckConsentDates(v1::Consent& consent) {
  consent.clear_destroy_due_date();
  if (!consent.has_given_date()) return absl::OkStatus();
  if (auto s = CheckOrder(consent.given_date(),
                          consent.has_valid_until_date() ? &consent.valid_until_date() : nullptr,
                          "valid_until_date");
      !s.ok()) {
    return s;
  }
  if (!consent.has_withdrawn_date()) return absl::OkStatus();
  *consent.mutable_destroy_due_date() = ToDate(ToCivil(consent.withdrawn_date()) + kDestroyDays);
  return CheckOrder(consent.given_date(), &consent.withdrawn_date(), "withdrawn_date");
}

absl::Status CheckConsentKept(bool deleting, const v1::Consent* before, const v1::Consent& after) {
  if (before == nullptr || before->state() == v1::Consent::STATE_DRAFT) return absl::OkStatus();
  const bool withdrawn =
      before->state() == v1::Consent::STATE_GIVEN && after.state() == v1::Consent::STATE_WITHDRAWN;
  if (!deleting && (withdrawn || before->form_version() == after.form_version())) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_RECORD_FROZEN,
                    "a consent that was given is kept as it was signed");
}

absl::Status CheckQualification(v1::Qualification& qualification) {
  if (qualification.category() == v1::QUALIFICATION_CATEGORY_COMPLIANCE &&
      !qualification.has_valid_until_date()) {
    *qualification.mutable_valid_until_date() =
        ToDate(YearsLater(ToCivil(qualification.decision_date()), kComplianceYears) - 1);
  }
  return CheckOrder(
      qualification.decision_date(),
      qualification.has_valid_until_date() ? &qualification.valid_until_date() : nullptr,
      "valid_until_date");
}

absl::Status CheckCorporateTraining(const v1::CorporateTraining& training) {
  return CheckOrder(training.start_date(), &training.end_date(), "end_date");
}

absl::Status CheckSelfEducationTheme(const v1::SelfEducationTheme& theme) {
  return CheckOrder(theme.start_date(), theme.has_end_date() ? &theme.end_date() : nullptr,
                    "end_date");
}

absl::Status CheckCareerEvidence(const v1::CareerEvidence& evidence) {
  return CheckOrder(evidence.evidence_date(),
                    evidence.has_valid_until_date() ? &evidence.valid_until_date() : nullptr,
                    "valid_until_date");
}

bool InForce(const v1::Qualification& qualification, absl::CivilDay day) {
  return ToCivil(qualification.decision_date()) <= day &&
         (!qualification.has_valid_until_date() ||
          day <= ToCivil(qualification.valid_until_date()));
}

bool NeedsHighest(v1::QualificationCategory category) {
  return category == v1::QUALIFICATION_CATEGORY_METHODOLOGIST ||
         category == v1::QUALIFICATION_CATEGORY_MENTOR;
}

int RankOf(v1::QualificationCategory category) {
  switch (category) {
    case v1::QUALIFICATION_CATEGORY_COMPLIANCE:
      return 1;
    case v1::QUALIFICATION_CATEGORY_FIRST:
      return 2;
    case v1::QUALIFICATION_CATEGORY_HIGHEST:
      return 3;
    case v1::QUALIFICATION_CATEGORY_METHODOLOGIST:
    case v1::QUALIFICATION_CATEGORY_MENTOR:
      return 4;
    default:
      return 0;
  }
}

const v1::Qualification* CurrentQualification(const std::vector<v1::Qualification>& qualifications,
                                              absl::CivilDay day) {
  const v1::Qualification* best = nullptr;
  const auto rank = [](const v1::Qualification& q) {
    return std::tuple(RankOf(q.category()), ToCivil(q.decision_date()), q.name());
  };
  for (const auto& qualification : qualifications) {
    if (!InForce(qualification, day)) continue;
    if (best == nullptr || rank(*best) < rank(qualification)) best = &qualification;
  }
  return best;
}

}  // namespace rsnms::registry
