#include <string>
#include <vector>

#include "services/registry/pending.h"
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

absl::Status PrepareGrantCalls(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::GrantCall>(row);
    const auto& after = AfterOf<v1::GrantCall>(row);
    if (before == nullptr || after.quota() >= before->quota()) continue;
    auto call = HoldGrantCall(tx, after.name(), "");
    if (!call.ok()) return call.status();
    if (*call && (*call)->awarded > after.quota()) {
      row.status = Refuse(v1::REGISTRY_REASON_GRANT_QUOTA_EXHAUSTED, "more grants are awarded");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGrant(const GrantCallFacts& call, const v1::Grant* before, v1::Grant& after) {
  const bool awarded = before != nullptr && before->state() == v1::Grant::STATE_ASSESSED &&
                       after.state() == v1::Grant::STATE_AWARDED;
  if (before != nullptr && !awarded) return absl::OkStatus();
  if (call.state != v1::GrantCall::STATE_ANNOUNCED) {
    return Refuse(v1::REGISTRY_REASON_GRANT_CALL_CLOSED, "the call is closed");
  }
  if (before == nullptr) {
    if (!after.person().empty() || !after.applicant_organisation().empty()) return absl::OkStatus();
    return Invalid(v1::REGISTRY_REASON_APPLICANT_REQUIRED, "person",
                   "must be set, or the organisation");
  }
  if (call.awarded >= call.quota) {
    return Refuse(v1::REGISTRY_REASON_GRANT_QUOTA_EXHAUSTED, "all grants are awarded");
  }
  if (call.amount_rubles) after.mutable_amount_rubles()->set_value(*call.amount_rubles);
  return absl::OkStatus();
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
    return change == Change::kDelete ? absl::OkStatus() : CheckProject(before, *after);
  });
  // What was awarded stays.
  engine.Rule<v1::Grant>([](Change change, const v1::Grant* before, v1::Grant*) {
    const bool awarded = before != nullptr && (before->state() == v1::Grant::STATE_AWARDED ||
                                               before->state() == v1::Grant::STATE_REPORTED);
    if (change != Change::kDelete || !awarded) return absl::OkStatus();
    return Refuse(v1::REGISTRY_REASON_GRANT_CALL_CLOSED, "the grant is awarded");
  });
  engine.PrepareFor(v1::Project::descriptor(), &PrepareProjects);
  engine.PrepareFor(v1::GrantCall::descriptor(), &PrepareGrantCalls);
  engine.PrepareFor(v1::Grant::descriptor(), &PrepareGrants);
}

}  // namespace rsnms::registry
