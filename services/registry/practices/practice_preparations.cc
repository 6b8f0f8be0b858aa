#include <string>
#include <vector>

#include "services/registry/consent_store.h"
#include "services/registry/frozen.h"
#include "services/registry/names.h"
#include "services/registry/pending.h"
#include "services/registry/people/activity_rules.h"
#include "services/registry/person_store.h"
#include "services/registry/practices/practice_rules.h"
#include "services/registry/practices/practice_store.h"
#include "services/registry/practices/practices.h"
#include "services/registry/practices/preparations.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {

using resource::Change;

absl::Status CheckPeople(pg::Tx& tx, const People* before, const People& after,
                         std::string_view path) {
  absl::flat_hash_set<std::string> old;
  if (before != nullptr) old.insert(before->begin(), before->end());
  std::vector<std::string> added;
  for (const std::string& person : after) {
    if (!person.empty() && !old.contains(person)) added.push_back(person);
  }
  if (added.empty()) return absl::OkStatus();
  auto persons = FindPersons(tx, added);
  if (!persons.ok()) return persons.status();
  for (const std::string& person : added) {
    if (auto s = MayBeNamed(FindIn(*persons, person), path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

namespace {

// What is published shows its authors to the region (152-ФЗ, article 10.1; Dagestan CK32).
template <class R>
absl::Status MayNameAuthors(pg::Tx& tx, const R& published) {
  return RequireConsents(tx, {published.authors().begin(), published.authors().end()},
                         v1::CONSENT_PURPOSE_PUBLICATION, published.publish_date(), "authors");
}

absl::Status PreparePractices(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::Practice>(row);
    auto& after = AfterOf<v1::Practice>(row);
    row.status = CheckPeople(tx, before == nullptr ? nullptr : &before->authors(), after.authors(),
                             "authors");
    if (!row.status.ok()) continue;
    if (Enters<v1::Practice>(row, v1::Practice::STATE_PUBLISHED)) {
      row.status = MayNameAuthors(tx, after);
    }
    if (!Enters<v1::Practice>(row, v1::Practice::STATE_CONFIRMED)) continue;
    auto reviews = ReadReviews(tx, after.name(), after.round());
    if (!reviews.ok()) return reviews.status();
    row.status = ConfirmByReviews(ExpertiseRuleOf(RegionOf(after.name())), *reviews, after);
  }
  return absl::OkStatus();
}

absl::Status PrepareSpreads(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::PracticeSpread>(row);
    auto& after = AfterOf<v1::PracticeSpread>(row);
    auto practice = FindPractice(tx, after.practice());
    if (!practice.ok()) return practice.status();
    if (!*practice) {
      row.status = Unknown("practice");
      continue;
    }
    after.set_organisation((*practice)->organisation);
    row.status = CheckSpread(**practice, before, after);
    if (!row.status.ok() || (before != nullptr && before->person() == after.person())) continue;
    auto persons = FindPersons(tx, {after.person()});
    if (!persons.ok()) return persons.status();
    row.status = MayBeNamed(FindIn(*persons, after.person()), "person");
  }
  return absl::OkStatus();
}

absl::Status PreparePublications(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::Publication>(row);
    row.status = CheckPeople(tx, before == nullptr ? nullptr : &before->authors(),
                             AfterOf<v1::Publication>(row).authors(), "authors");
    if (row.status.ok() && Enters<v1::Publication>(row, v1::Publication::STATE_PUBLISHED)) {
      row.status = MayNameAuthors(tx, AfterOf<v1::Publication>(row));
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddPracticeRules(resource::Engine& engine) {
  engine.Rule<v1::Practice>([](Change change, const v1::Practice* before, v1::Practice* after) {
    return CheckPractice(change, before, *after);
  });
  engine.Rule<v1::Publication>(
      [](Change change, const v1::Publication* before, v1::Publication* after) {
        return CheckPublication(change, before, *after);
      });
  // What was shown stays; CheckSpread judges its changes.
  engine.Rule<v1::PracticeSpread>(
      [](Change change, const v1::PracticeSpread* before, v1::PracticeSpread* after) {
        const bool shown =
            before != nullptr && (before->state() == v1::PracticeSpread::STATE_DEFENDED ||
                                  before->state() == v1::PracticeSpread::STATE_RECOGNISED);
        if (change != Change::kDelete || !shown) return absl::OkStatus();
        return CheckFrozen(change, before, *after, /*editable=*/false);
      });
  engine.PrepareFor(v1::Practice::descriptor(), &PreparePractices);
  engine.PrepareFor(v1::PracticeSpread::descriptor(), &PrepareSpreads);
  engine.PrepareFor(v1::Publication::descriptor(), &PreparePublications);
  AddExpertRules(engine);
  AddProjectRules(engine);
}

}  // namespace rsnms::registry
