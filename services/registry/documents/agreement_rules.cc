#include "services/registry/documents/agreement_rules.h"

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/frozen.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry::documents {
namespace {

using absl::StatusCode;
using resource::Change;
using v1::Agreement;
using v1::AgreementParty;

absl::Status Unfit(std::string_view english, std::string_view russian) {
  return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_PARTIES_UNFIT, english)
      .Field("parties", english, russian);
}

// Kinds whose number of parties, or roles, the acts fix.
absl::Status CheckParties(const Agreement& agreement) {
  absl::flat_hash_set<std::string> bodies;
  std::map<AgreementParty::Role, int> roles;
  for (const auto& party : agreement.parties()) {
    if (!bodies.insert(party.organisation()).second) {
      return Unfit("a body is named twice", "одна и та же организация указана дважды");
    }
    ++roles[party.role()];
  }
  const int parties = agreement.parties_size();
  if (parties < 2) return Unfit("two parties at least", "нужны хотя бы две стороны");
  if (agreement.kind() == Agreement::KIND_TWO_SIDED && parties != 2) {
    return Unfit("exactly two parties", "в двустороннем соглашении две стороны");
  }
  if (agreement.kind() != Agreement::KIND_THREE_PARTY) return absl::OkStatus();
  const bool fit = parties == 3 && roles[AgreementParty::ROLE_MUNICIPAL_AUTHORITY] == 1 &&
                   roles[AgreementParty::ROLE_REGIONAL_AUTHORITY] == 1 &&
                   roles[AgreementParty::ROLE_CENTRE_HOST] == 1;
  if (fit) return absl::OkStatus();
  return Unfit(
      "the municipal authority, the regional authority and the centre's host, one of each",
      "стороны: муниципальный орган управления образованием, орган власти региона и организация, "
      "на базе которой работает центр");
}

absl::Status CheckObligations(const Agreement& agreement) {
  for (const auto& obligation : agreement.obligations()) {
    const bool party =
        std::any_of(agreement.parties().begin(), agreement.parties().end(),
                    [&](const auto& p) { return p.organisation() == obligation.organisation(); });
    if (!party) {
      return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_NOT_A_PARTY,
                        "an obligation of a body that is no party")
          .Field("obligations", "names a body that is no party",
                 "обязательство организации, которая не является стороной");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckEnding(const Agreement& before, const Agreement& after) {
  const auto term = LastDay(before);
  const absl::CivilDay ended = ToCivil(after.ended_date());
  if (after.state() == Agreement::STATE_EXPIRED && (!term || *term != ended)) {
    return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_TERM_NOT_OVER,
                      "the term does not end on this day");
  }
  if (after.state() == Agreement::STATE_TERMINATED && term && ended > *term) {
    return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_DATES_OUT_OF_ORDER,
                      "ended_date lies after the term");
  }
  return RSNMS_DATES(after, signed_date, ended_date);
}

}  // namespace

std::optional<absl::CivilDay> LastDay(const Agreement& agreement) {
  if (agreement.has_ended_date()) return ToCivil(agreement.ended_date());
  if (agreement.has_prolonged_until_date()) return ToCivil(agreement.prolonged_until_date());
  if (agreement.has_end_date()) return ToCivil(agreement.end_date());
  return std::nullopt;
}

absl::Status CheckAgreement(Change change, const Agreement* before, Agreement* after) {
  const bool editable = before == nullptr || before->state() == Agreement::STATE_DRAFT;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (auto s = CheckParties(*after); !s.ok()) return s;
  if (auto s = CheckObligations(*after); !s.ok()) return s;
  after->clear_organisations();
  for (const auto& party : after->parties()) after->add_organisations(party.organisation());
  if (after->state() == Agreement::STATE_DRAFT || before == nullptr) {
    after->clear_signatures();
    after->clear_signed_date();
  }
  if (auto s = CheckOrder(after->start_date(), after->has_end_date() ? &after->end_date() : nullptr,
                          "end_date");
      !s.ok()) {
    return s;
  }
  if (before == nullptr) return absl::OkStatus();
  if (after->has_ended_date() && !before->has_ended_date()) return CheckEnding(*before, *after);
  if (!after->has_prolonged_until_date() ||
      ToIso(after->prolonged_until_date()) == ToIso(before->prolonged_until_date())) {
    return absl::OkStatus();
  }
  const auto term = LastDay(*before);
  if (!term || ToCivil(after->prolonged_until_date()) <= *term) {
    return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_END_BEFORE_START,
                      "the new last day does not lie after the present one")
        .Field("prolonged_until_date", "must lie after the present last day",
               "новая дата должна быть позже нынешнего срока");
  }
  return absl::OkStatus();
}

absl::Status Sign(const std::string& organisation, const std::string& official_name,
                  const google::type::Date& date, Agreement* agreement) {
  const auto party = std::find_if(agreement->parties().begin(), agreement->parties().end(),
                                  [&](const auto& p) { return p.organisation() == organisation; });
  if (party == agreement->parties().end()) {
    return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_NOT_A_PARTY,
                      "the body is no party")
        .Field("organisation", "is no party", "организация не является стороной");
  }
  for (const auto& signature : agreement->signatures()) {
    if (signature.organisation() == organisation) {
      return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PARTY_SIGNED_ALREADY,
                        "the party has signed");
    }
    if (!agreement->has_signed_date() ||
        ToCivil(signature.signed_date()) > ToCivil(agreement->signed_date())) {
      *agreement->mutable_signed_date() = signature.signed_date();
    }
  }
  auto* signature = agreement->add_signatures();
  signature->set_organisation(organisation);
  signature->set_role(party->role());
  signature->set_official_name(official_name);
  *signature->mutable_signed_date() = date;
  if (agreement->signatures_size() < agreement->parties_size()) {
    agreement->clear_signed_date();
    return absl::OkStatus();
  }
  if (!agreement->has_signed_date() || ToCivil(date) > ToCivil(agreement->signed_date())) {
    *agreement->mutable_signed_date() = date;
  }
  agreement->set_state(Agreement::STATE_SIGNED);
  return absl::OkStatus();
}

}  // namespace rsnms::registry::documents
