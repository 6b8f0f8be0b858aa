#include "services/registry/people/people.h"

#include <vector>

#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "services/registry/pending.h"
#include "services/registry/people/people_rules.h"
#include "services/registry/people/people_store.h"
#include "services/registry/person_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;

// Nobody learns, is attested or gathers evidence before the 14th birthday.
template <class R>
absl::Status PrepareAges(pg::Tx& tx, std::vector<Pending>& rows,
                         const google::type::Date& (R::*day)() const, const char* path) {
  auto persons =
      FindPersons(tx, NamesIn<R>(rows, [](const R& r, const auto& take) { take(r.person()); }));
  if (!persons.ok()) return persons.status();
  for (Pending& row : rows) {
    const R& after = AfterOf<R>(row);
    const PersonFacts* person = FindIn(*persons, after.person());
    if (person != nullptr) row.status = OldEnough(*person, (after.*day)(), path);
  }
  return absl::OkStatus();
}

absl::Status PrepareQualifications(pg::Tx& tx, std::vector<Pending>& rows) {
  if (auto s = PrepareAges<v1::Qualification>(tx, rows, &v1::Qualification::decision_date,
                                              "decision_date");
      !s.ok()) {
    return s;
  }
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
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
  if (auto s =
          PrepareAges<SelfEducationTheme>(tx, rows, &SelfEducationTheme::start_date, "start_date");
      !s.ok()) {
    return s;
  }
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
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
  engine.PrepareFor(v1::CorporateTraining::descriptor(), [](pg::Tx& tx, auto& rows) {
    return PrepareAges<v1::CorporateTraining>(tx, rows, &v1::CorporateTraining::start_date,
                                              "start_date");
  });
  engine.PrepareFor(v1::CareerEvidence::descriptor(), [](pg::Tx& tx, auto& rows) {
    return PrepareAges<v1::CareerEvidence>(tx, rows, &v1::CareerEvidence::evidence_date,
                                           "evidence_date");
  });
}

}  // namespace rsnms::registry
