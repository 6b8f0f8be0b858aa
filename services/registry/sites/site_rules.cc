#include "services/registry/sites/site_rules.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/frozen.h"
#include "services/registry/names.h"
#include "services/registry/people/activity_rules.h"

namespace rsnms::registry::sites {
namespace {

using absl::StatusCode;
using resource::Change;
using v1::ConsultingRequest;
using v1::ReserveCandidate;
using v1::ReserveInstrument;
using v1::Site;
using v1::SiteCall;

absl::Status FirstError(std::initializer_list<absl::Status> all) {
  for (const auto& status : all) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckSiteEnding(const Site& before, const Site& after) {
  const Period term = StatusPeriod(before);
  const int64_t ended = DayNumber(ToCivil(after.ended_date()));
  if (after.state() == Site::STATE_EXPIRED && term.last != ended) {
    return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_STATUS_NOT_OVER,
                      "the status does not end on this day");
  }
  if (ended > term.last) {
    return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_DATES_OUT_OF_ORDER,
                      "ended_date lies after the status")
        .Field("ended_date", "lies after the status", "дата позже окончания статуса");
  }
  return absl::OkStatus();
}

// Kinds of `wanted` that are not recorded as passed, and whatever was recorded as failed.
absl::Status CheckInstruments(const ReserveCandidate& candidate,
                              const google::protobuf::RepeatedField<int>& wanted) {
  std::vector<std::string> missing;
  const auto name = [](ReserveInstrument::Kind kind) {
    return ReserveInstrument::Kind_Name(kind).substr(sizeof("KIND_") - 1);
  };
  for (const int value : wanted) {
    const auto kind = static_cast<ReserveInstrument::Kind>(value);
    const bool passed = std::any_of(
        candidate.instruments().begin(), candidate.instruments().end(),
        [&](const auto& recorded) { return recorded.kind() == kind && recorded.passed(); });
    if (!passed) missing.push_back(name(kind));
  }
  if (candidate.state() == ReserveCandidate::STATE_INCLUDED) {
    for (const auto& recorded : candidate.instruments()) {
      if (!recorded.passed()) missing.push_back(name(recorded.kind()));
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_INSTRUMENTS_MISSING,
                    "an instrument of selection is not passed")
      .With("instruments", absl::StrJoin(missing, ","));
}

// What the region's regulation asks of a candidate who goes on.
absl::Status CheckStage(const v1::ReserveRule& rule, const ReserveCandidate& before,
                        const ReserveCandidate& after) {
  const bool passes_over = (after.state() == ReserveCandidate::STATE_INCLUDED &&
                            before.state() != ReserveCandidate::STATE_INTERVIEW) ||
                           (after.state() == ReserveCandidate::STATE_APPOINTED &&
                            before.state() != ReserveCandidate::STATE_RECOMMENDED);
  if (rule.every_stage() && passes_over) {
    return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                      "the region's regulation passes over no stage of the reserve")
        .Russian("Положение региона не допускает пропуска этапов отбора в резерв.");
  }
  switch (after.state()) {
    case ReserveCandidate::STATE_DIAGNOSED:
      return CheckInstruments(after, rule.diagnosis_instruments());
    case ReserveCandidate::STATE_INTERVIEW:
    case ReserveCandidate::STATE_INCLUDED:
      return CheckInstruments(after, rule.inclusion_instruments());
    default:
      return absl::OkStatus();
  }
}

}  // namespace

absl::Status CheckSiteCall(Change change, const SiteCall* before, SiteCall* after) {
  const bool editable = before == nullptr || before->state() == SiteCall::STATE_PREPARED;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  return CheckOrder(after->open_date(), &after->close_date(), "close_date");
}

bool Holds(const google::protobuf::RepeatedField<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool IsEducational(v1::OrganisationKind kind) {
  switch (kind) {
    case v1::ORGANISATION_KIND_SCHOOL:
    case v1::ORGANISATION_KIND_PRESCHOOL:
    case v1::ORGANISATION_KIND_ADDITIONAL_EDUCATION:
    case v1::ORGANISATION_KIND_COLLEGE:
    case v1::ORGANISATION_KIND_UNIVERSITY:
    case v1::ORGANISATION_KIND_INSTITUTE:
      return true;
    default:
      return false;
  }
}

absl::Status MayApply(const SiteCall& call, const Site& site) {
  if (call.kind() != site.kind()) {
    return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_SITE_CALL_MISMATCH,
                      "the call seeks another kind of site")
        .Field("site_call", "seeks another kind of site",
               "отбор объявлен для площадок другого вида");
  }
  const auto day = ToCivil(site.applied_date());
  if (call.has_delete_time() || call.state() != SiteCall::STATE_OPEN ||
      day < ToCivil(call.open_date()) || day > ToCivil(call.close_date())) {
    return rpc::Error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SITE_CALL_CLOSED,
                      "the call takes no applications on this day");
  }
  return absl::OkStatus();
}

Period StatusPeriod(const Site& site) {
  return PeriodOf(site.status_from_date(),
                  site.has_ended_date()            ? &site.ended_date()
                  : site.has_extended_until_date() ? &site.extended_until_date()
                  : site.has_status_until_date()   ? &site.status_until_date()
                                                   : nullptr);
}

absl::Status CheckSite(Change change, const Site* before, Site* after) {
  const bool editable = before == nullptr || before->state() == Site::STATE_APPLIED;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (after->experience().empty() &&
      Holds(SiteRuleOf(RegionOf(after->name())).experience_kinds(), after->kind())) {
    return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_EXPERIENCE_REQUIRED,
                      "sites of this kind show experience")
        .Field("experience", "is required for sites of this kind", "опишите опыт организации");
  }
  if (before != nullptr && after->has_ended_date() && !before->has_ended_date()) {
    if (auto s = CheckSiteEnding(*before, *after); !s.ok()) return s;
  }
  if (before != nullptr && before->has_extended_until_date()) {
    if (auto s = InOrder(true, before->extended_until_date(), true, after->extended_until_date(),
                         "extended_until_date");
        !s.ok()) {
      return s;
    }
  }
  return FirstError({RSNMS_DATES(*after, applied_date, decided_date),
                     RSNMS_DATES(*after, decided_date, status_from_date),
                     RSNMS_DATES(*after, status_from_date, status_until_date),
                     RSNMS_DATES(*after, status_until_date, extended_until_date),
                     RSNMS_DATES(*after, status_from_date, last_report_date),
                     RSNMS_DATES(*after, status_from_date, ended_date)});
}

absl::Status CheckReserveCandidate(const v1::ReserveRule& rule, Change change,
                                   const ReserveCandidate* before, ReserveCandidate* after) {
  const bool editable = before == nullptr || before->state() == ReserveCandidate::STATE_APPLICATION;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete || before == nullptr) return absl::OkStatus();
  if (before->state() != after->state()) {
    if (auto s = CheckStage(rule, *before, *after); !s.ok()) return s;
  }
  return FirstError({RSNMS_DATES(*after, applied_date, included_date),
                     RSNMS_DATES(*after, included_date, training_start_date),
                     RSNMS_DATES(*after, training_start_date, recommended_date),
                     RSNMS_DATES(*after, recommended_date, appointed_date)});
}

void Record(const ReserveInstrument& instrument, ReserveCandidate* candidate) {
  for (auto& recorded : *candidate->mutable_instruments()) {
    if (recorded.kind() == instrument.kind()) {
      recorded = instrument;
      return;
    }
  }
  *candidate->add_instruments() = instrument;
}

absl::Status CheckConsultingRequest(Change change, const ConsultingRequest* before,
                                    ConsultingRequest* after) {
  const bool editable = before == nullptr || before->state() == ConsultingRequest::STATE_RECEIVED;
  if (auto s = CheckFrozen(change, before, *after, editable); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (!after->has_due_date()) {
    *after->mutable_due_date() = ToDate(ToCivil(after->received_date()) + kDaysToAnswer);
  }
  if (auto s = CheckOrder(after->received_date(), &after->due_date(), "due_date"); !s.ok())
    return s;
  after->set_late(after->has_answered_date() &&
                  ToCivil(after->answered_date()) > ToCivil(after->due_date()));
  return FirstError({RSNMS_DATES(*after, received_date, assigned_date),
                     RSNMS_DATES(*after, received_date, answered_date)});
}

}  // namespace rsnms::registry::sites
