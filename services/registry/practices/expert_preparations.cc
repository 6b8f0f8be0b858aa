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

absl::Status PrepareExperts(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    if (row.before != nullptr) continue;
    auto persons = FindPersons(tx, {AfterOf<v1::Expert>(row).person()});
    if (!persons.ok()) return persons.status();
    row.status = MayBeNamed(FindIn(*persons, AfterOf<v1::Expert>(row).person()), "person");
  }
  return absl::OkStatus();
}

absl::Status PrepareNewAssignment(pg::Tx& tx, Pending& row) {
  auto& after = AfterOf<v1::ExpertAssignment>(row);
  auto expert = FindExpert(tx, after.expert());
  if (!expert.ok()) return expert.status();
  if (!*expert) {
    row.status = Unknown("expert");
    return absl::OkStatus();
  }
  after.set_person((*expert)->person);
  after.set_organisation((*expert)->organisation);
  std::optional<PracticeFacts> practice;
  Conflict conflict;
  if (!after.practice().empty()) {
    auto found = FindPractice(tx, after.practice());
    if (!found.ok()) return found.status();
    if (!*found) {
      row.status = Unknown("practice");
      return absl::OkStatus();
    }
    practice = **found;
    after.set_round(practice->round);
    auto bound = FindConflict(tx, after.expert(), after.practice(), after.assigned_date());
    if (!bound.ok()) return bound.status();
    conflict = *bound;
  }
  row.status = CheckNewAssignment(**expert, practice ? &*practice : nullptr, conflict, after);
  return absl::OkStatus();
}

// An opinion counts only while the practice is in the review it was asked for.
absl::Status PrepareOpinion(pg::Tx& tx, Pending& row) {
  const auto& after = AfterOf<v1::ExpertAssignment>(row);
  if (after.practice().empty()) return absl::OkStatus();
  auto practice = FindPractice(tx, after.practice());
  if (!practice.ok()) return practice.status();
  if (*practice && (*practice)->state == v1::Practice::STATE_EXPERT_REVIEW &&
      (*practice)->round == after.round()) {
    return absl::OkStatus();
  }
  row.status = Refuse(v1::REGISTRY_REASON_PRACTICE_NOT_UNDER_REVIEW, "the review is over");
  return absl::OkStatus();
}

absl::Status PrepareAssignments(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    absl::Status status = absl::OkStatus();
    if (row.before == nullptr) {
      status = PrepareNewAssignment(tx, row);
    } else if (Enters<v1::ExpertAssignment>(row, v1::ExpertAssignment::STATE_REVIEWED)) {
      status = PrepareOpinion(tx, row);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

void AddExpertRules(resource::Engine& engine) {
  engine.Rule<v1::ExpertAssignment>(
      [](Change change, const v1::ExpertAssignment* before, v1::ExpertAssignment* after) {
        return CheckAssignment(change, before, *after);
      });
  engine.PrepareFor(v1::Expert::descriptor(), &PrepareExperts);
  engine.PrepareFor(v1::ExpertAssignment::descriptor(), &PrepareAssignments);
}

}  // namespace rsnms::registry
