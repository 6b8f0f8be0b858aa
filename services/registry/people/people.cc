#include "services/registry/people/people.h"

#include <vector>

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/people/people_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Pending = resource::Engine::Pending;

absl::Status PrepareQualifications(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto& after = static_cast<const v1::Qualification&>(*row.after);
    if (!NeedsHighest(after.category())) continue;
    auto holds = HoldsHighest(tx, after.person(), after.decision_date());
    if (!holds.ok()) return holds.status();
    if (*holds) continue;
    row.status = rpc::Error(absl::StatusCode::kFailedPrecondition,
                            v1::REGISTRY_REASON_HIGHEST_CATEGORY_REQUIRED,
                            "the person does not hold the highest category on that day")
                     .Field("category", "needs the highest category in force",
                            "Нужна высшая категория, действующая на дату решения.");
  }
  return absl::OkStatus();
}

absl::Status PrepareThemes(pg::Tx& tx, std::vector<Pending>& rows) {
  using v1::SelfEducationTheme;
  for (Pending& row : rows) {
    const auto* before = static_cast<const SelfEducationTheme*>(row.before);
    const auto& after = static_cast<const SelfEducationTheme&>(*row.after);
    const bool published = after.state() == SelfEducationTheme::STATE_PUBLISHED &&
                           (before == nullptr || before->state() != after.state());
    if (!published) continue;
    row.status = RequireConsent(tx, after.person(), v1::CONSENT_PURPOSE_PUBLICATION,
                                after.publish_date(), "publish_date");
  }
  return absl::OkStatus();
}

// Deleting asks no rule: what was right stays right.
template <class R, class Check>
void AddRule(resource::Engine& engine, Check check) {
  engine.Rule<R>([check](Change change, const R*, R* after) {
    return change == Change::kDelete ? absl::OkStatus() : check(*after);
  });
}

// A tombstone comes back by UnmergePersons alone, which clears `merged_into` first.
absl::Status CheckUndelete(Change change, const v1::Person*, v1::Person* after) {
  if (change != Change::kUndelete || after->merged_into().empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_PERSON_MERGED,
                    "the person was merged into another: unmerge them")
      .With("merged_into", after->merged_into());
}

}  // namespace

const google::protobuf::ServiceDescriptor* PeopleContract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "rsnms.registry.v1.People");
}

void AddPeopleRules(resource::Engine& engine) {
  AddRule<v1::Consent>(engine, &CheckConsentDates);
  engine.Rule<v1::Consent>([](Change change, const v1::Consent* before, v1::Consent* after) {
    return CheckConsentKept(change == Change::kDelete, before, *after);
  });
  AddRule<v1::Qualification>(engine, &CheckQualification);
  AddRule<v1::CorporateTraining>(engine, &CheckCorporateTraining);
  AddRule<v1::SelfEducationTheme>(engine, &CheckSelfEducationTheme);
  AddRule<v1::CareerEvidence>(engine, &CheckCareerEvidence);
  engine.Rule<v1::Person>(&CheckUndelete);
  engine.PrepareFor(v1::Qualification::descriptor(), &PrepareQualifications);
  engine.PrepareFor(v1::SelfEducationTheme::descriptor(), &PrepareThemes);
}

}  // namespace rsnms::registry
