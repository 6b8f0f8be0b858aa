#include "services/registry/asset/asset_rules.h"

#include <algorithm>
#include <set>

#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

absl::Status Invalid(v1::RegistryReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}

absl::Status FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

absl::Status CheckContract(const v1::Methodologist& m) {
  if (!m.has_contract_start_date()) return absl::OkStatus();
  if (auto s = CheckOrder(m.contract_date(), &m.contract_start_date(), "contract_start_date");
      !s.ok())
    return s;
  if (m.has_contract_end_date())
    return CheckOrder(m.contract_start_date(), &m.contract_end_date(), "contract_end_date");
  if (m.contract_kind() == v1::METHODOLOGIST_CONTRACT_KIND_STAFF) return absl::OkStatus();
  return Invalid(v1::REGISTRY_REASON_CONTRACT_TERM_REQUIRED, "contract_end_date",
                 "only staff work without a last day");
}

Period ContractOf(const v1::Methodologist& m) {
  return PeriodOf(m.contract_start_date(),
                  m.has_contract_end_date() ? &m.contract_end_date() : nullptr);
}

}  // namespace

absl::Status CheckRegulation(const v1::AssetRegulation& regulation) {
  std::set<int> months;
  for (const int month : regulation.selection_months()) {
    if (month < 1 || month > 12 || !months.insert(month).second) {
      return rpc::InvalidField("selection_months", options::v1::COMMON_REASON_OUT_OF_RANGE,
                               "holds months 1 to 12, none twice",
                               "месяцы от 1 до 12 без повторов");
    }
  }
  return CheckOrder(regulation.start_date(),
                    regulation.has_end_date() ? &regulation.end_date() : nullptr, "end_date");
}

absl::Status InWindow(const v1::AssetRegulation& regulation, const google::type::Date& day) {
  const auto& months = regulation.selection_months();
  if (months.empty() || std::find(months.begin(), months.end(), day.month()) != months.end())
    return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_SELECTION_WINDOW_CLOSED,
                            "the regulation takes no candidates in that month");
}

absl::Status CheckMethodologist(const v1::Methodologist& m) {
  if (auto s = CheckContract(m); !s.ok()) return s;
  if (m.has_activation_date() && !ContractOf(m).Contains(DayNumber(ToCivil(m.activation_date())))) {
    return Invalid(v1::REGISTRY_REASON_OUTSIDE_CONTRACT, "activation_date",
                   "lies outside the contract");
  }
  if (!m.has_release_date()) return absl::OkStatus();
  return CheckOrder(m.has_activation_date() ? m.activation_date() : m.contract_start_date(),
                    &m.release_date(), "release_date");
}

absl::Status MayDeleteMethodologist(const v1::Methodologist& m) {
  if (m.state() == v1::METHODOLOGIST_STATE_CANDIDATE) return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_METHODOLOGIST_FIXED, "only a candidate is deleted");
}

absl::Status CheckAttachment(const v1::Attachment& attachment) {
  return CheckOrder(attachment.start_date(),
                    attachment.has_end_date() ? &attachment.end_date() : nullptr, "end_date");
}

absl::Status InsideContract(const v1::Methodologist& m, const v1::Attachment& attachment) {
  const Period contract = ContractOf(m);
  const auto within = [&](const google::type::Date& date) {
    return contract.Contains(DayNumber(ToCivil(date)));
  };
  if (within(attachment.start_date()) &&
      (!attachment.has_end_date() || within(attachment.end_date())))
    return absl::OkStatus();
  return FailedPrecondition(v1::REGISTRY_REASON_OUTSIDE_CONTRACT,
                            "the days lie outside the contract");
}

absl::Status CheckStaffMember(const v1::MmsStaffMember& member) {
  return CheckOrder(member.include_date(),
                    member.has_exclude_date() ? &member.exclude_date() : nullptr, "exclude_date");
}

absl::Status CheckTraining(const v1::MmsTraining& training) {
  const auto* agreement_end =
      training.has_agreement_end_date() ? &training.agreement_end_date() : nullptr;
  if (auto s = CheckOrder(training.start_date(), &training.end_date(), "end_date"); !s.ok())
    return s;
  if (auto s = CheckOrder(training.agreement_start_date(), agreement_end, "agreement_end_date");
      !s.ok())
    return s;
  const Period agreement = PeriodOf(training.agreement_start_date(), agreement_end);
  const Period days = PeriodOf(training.start_date(), &training.end_date());
  if (!agreement.Contains(days.first) || !agreement.Contains(days.last)) {
    return FailedPrecondition(v1::REGISTRY_REASON_TRAINING_OUTSIDE_AGREEMENT,
                              "the agreement is not in force on each day of the training");
  }
  if (!training.has_completion_date()) return absl::OkStatus();
  return CheckOrder(training.start_date(), &training.completion_date(), "completion_date");
}

}  // namespace rsnms::registry
