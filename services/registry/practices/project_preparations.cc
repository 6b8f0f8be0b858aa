#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/registry/frozen.h"
#include "services/registry/names.h"
#include "services/registry/pending.h"
#include "services/registry/people/activity_rules.h"
#include "services/registry/period_rules.h"
#include "services/registry/person_store.h"
#include "services/registry/practices/practice_rules.h"
#include "services/registry/practices/practice_store.h"
#include "services/registry/practices/preparations.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;

absl::Status PrepareProjects(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::Project>(row);
    const auto& after = AfterOf<v1::Project>(row);
    row.status =
        CheckPeople(tx, before == nullptr ? nullptr : &before->team(), after.team(), "team");
    const bool same = before != nullptr && before->curator() == after.curator();
    if (!row.status.ok() || same || after.curator().empty()) continue;
    auto persons = FindPersons(tx, {after.curator()});
    if (!persons.ok()) return persons.status();
    row.status = MayBeNamed(FindIn(*persons, after.curator()), "curator");
  }
  return absl::OkStatus();
}

// Never more than the region's act gives a year; a title and year have one call.
absl::Status WithinYear(pg::Tx& tx, const v1::GrantCall& call) {
  const auto& rules = GrantRulesOf(RegionOf(call.name()));
  std::vector<std::string> titles;
  for (const auto& rule : rules) titles.push_back(rule.title());
  auto found = FindSameTitle(tx, call.title(), titles);
  if (!found.ok()) return found.status();
  if (!*found || call.quota() <= rules[static_cast<int>(**found)].per_year()) {
    return absl::OkStatus();
  }
  const int per_year = rules[static_cast<int>(**found)].per_year();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::REGISTRY_REASON_GRANT_QUOTA_EXHAUSTED,
                    "the act gives fewer grants of this programme a year")
      .With("per_year", absl::StrCat(per_year))
      .Russian(absl::StrCat("По положению региона грантов этой программы в год: ", per_year, "."));
}

absl::Status PrepareGrantCalls(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::GrantCall>(row);
    const auto& after = AfterOf<v1::GrantCall>(row);
    row.status = WithinYear(tx, after);
    if (!row.status.ok() || before == nullptr || after.quota() >= before->quota()) continue;
    auto call = HoldGrantCall(tx, after.name(), "");
    if (!call.ok()) return call.status();
    if (*call && (*call)->awarded > after.quota()) {
      row.status = Refuse(v1::REGISTRY_REASON_GRANT_QUOTA_EXHAUSTED, "more grants are awarded");
    }
  }
  return absl::OkStatus();
}

// An application that names no day was handed in today.
absl::Status CheckInTime(const GrantCallFacts& call, v1::Grant& grant) {
  if (!call.applications_until) return absl::OkStatus();
  if (!grant.has_applied_date()) *grant.mutable_applied_date() = ToDate(call.today);
  if (ToCivil(grant.applied_date()) <= *call.applications_until) return absl::OkStatus();
  const std::string last = ToIso(ToDate(*call.applications_until));
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_GRANT_CALL_CLOSED,
                    "the application comes after the last day")
      .Field("applied_date", absl::StrCat("is after ", last),
             absl::StrCat("последний день приёма заявок – ", last));
}

absl::Status CheckGrant(const GrantCallFacts& call, const v1::Grant* before, v1::Grant& after) {
  const bool awarded = before != nullptr && before->state() == v1::Grant::STATE_ASSESSED &&
                       after.state() == v1::Grant::STATE_AWARDED;
  if (before != nullptr && !awarded) return absl::OkStatus();
  if (call.state != v1::GrantCall::STATE_ANNOUNCED) {
    return Refuse(v1::REGISTRY_REASON_GRANT_CALL_CLOSED, "the call is closed");
  }
  if (before == nullptr) {
    if (!after.person().empty() || !after.applicant_organisation().empty()) {
      return CheckInTime(call, after);
    }
    return Invalid(v1::REGISTRY_REASON_APPLICANT_REQUIRED, "person",
                   "must be set, or the organisation");
  }
  if (call.awarded >= call.quota) {
    return Refuse(v1::REGISTRY_REASON_GRANT_QUOTA_EXHAUSTED, "all grants are awarded");
  }
  if (call.amount_rubles) after.mutable_amount_rubles()->set_value(*call.amount_rubles);
  return absl::OkStatus();
}

// What was assessed stays as it was asked for; what was awarded stays.
absl::Status CheckGrantFrozen(Change change, const v1::Grant* before, const v1::Grant& after) {
  if (before == nullptr) return absl::OkStatus();
  if (change != Change::kDelete) {
    return CheckFrozen(change, before, after, before->state() == v1::Grant::STATE_APPLIED);
  }
  const bool awarded =
      before->state() == v1::Grant::STATE_AWARDED || before->state() == v1::Grant::STATE_REPORTED;
  if (!awarded) return absl::OkStatus();
  return Refuse(v1::REGISTRY_REASON_GRANT_CALL_CLOSED, "the grant is awarded");
}

absl::Status PrepareGrants(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::Grant>(row);
    auto& after = AfterOf<v1::Grant>(row);
    auto call = HoldGrantCall(tx, after.grant_call(), after.name());
    if (!call.ok()) return call.status();
    if (!*call) {
      row.status = Unknown("grant_call");
      continue;
    }
    after.set_organisation((*call)->organisation);
    row.status = CheckGrant(**call, before, after);
    if (!row.status.ok() || before != nullptr || after.person().empty()) continue;
    auto persons = FindPersons(tx, {after.person()});
    if (!persons.ok()) return persons.status();
    row.status = MayBeNamed(FindIn(*persons, after.person()), "person");
  }
  return absl::OkStatus();
}

}  // namespace

void AddProjectRules(resource::Engine& engine) {
  engine.Rule<v1::Project>([](Change change, const v1::Project* before, v1::Project* after) {
    return CheckProject(change, before, *after);
  });
  engine.Rule<v1::GrantCall>([](Change change, const v1::GrantCall* before, v1::GrantCall* after) {
    const bool open = before == nullptr || before->state() == v1::GrantCall::STATE_ANNOUNCED;
    return CheckFrozen(change, before, *after, open);
  });
  engine.Rule<v1::Grant>([](Change change, const v1::Grant* before, v1::Grant* after) {
    return CheckGrantFrozen(change, before, *after);
  });
  engine.PrepareFor(v1::Project::descriptor(), &PrepareProjects);
  engine.PrepareFor(v1::GrantCall::descriptor(), &PrepareGrantCalls);
  engine.PrepareFor(v1::Grant::descriptor(), &PrepareGrants);
}

}  // namespace rsnms::registry
