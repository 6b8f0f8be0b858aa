#include "services/registry/events/contest_preparations.h"

#include <string>
#include <vector>

#include "services/registry/consent_store.h"
#include "services/registry/events/event_store.h"
#include "services/registry/pending.h"
#include "services/registry/person_store.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;

// Members of the jury who were not named before exist.
absl::Status CheckJury(pg::Tx& tx, const v1::Contest* before, const v1::Contest& after) {
  std::vector<std::string> added;
  const absl::flat_hash_set<std::string> old =
      before == nullptr
          ? absl::flat_hash_set<std::string>()
          : absl::flat_hash_set<std::string>(before->jury().begin(), before->jury().end());
  for (const std::string& person : after.jury()) {
    if (!old.contains(person)) added.push_back(person);
  }
  if (added.empty()) return absl::OkStatus();
  auto persons = FindPersons(tx, added);
  if (!persons.ok()) return persons.status();
  for (const std::string& person : added) {
    if (auto s = MayBeNamed(FindIn(*persons, person), "jury"); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// Results, and the bank of winners with them, name people (152-ФЗ, article 9).
absl::Status MayNameJudged(pg::Tx& tx, const v1::Contest& contest) {
  auto judged = FindJudged(tx, contest.name());
  if (!judged.ok()) return judged.status();
  return RequireConsents(tx, *judged, v1::CONSENT_PURPOSE_CONTEST, contest.results_date(),
                         "results_date");
}

absl::Status PrepareContests(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto& after = AfterOf<v1::Contest>(row);
    row.status = CheckJury(tx, BeforeOf<v1::Contest>(row), after);
    if (!row.status.ok() || row.before == nullptr) continue;
    auto gaps = FindContestGaps(tx, after.name(), {after.jury().begin(), after.jury().end()});
    if (!gaps.ok()) return gaps.status();
    if (gaps->jury_competes) {
      row.status = Refuse(v1::REGISTRY_REASON_JURY_IS_ENTRANT, "a member of the jury competes");
    } else if (Enters<v1::Contest>(row, v1::Contest::STATE_RESULTS_APPROVED)) {
      row.status = gaps->without_award
                       ? Refuse(v1::REGISTRY_REASON_RESULTS_MISSING, "an entry has no award")
                       : MayNameJudged(tx, after);
    }
  }
  return absl::OkStatus();
}

absl::Status PrepareEntries(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    auto& after = AfterOf<v1::ContestEntry>(row);
    auto contest = HoldContest(tx, after.contest());
    if (!contest.ok()) return contest.status();
    if (!*contest) {
      row.status = Unknown("contest");
      continue;
    }
    after.set_organisation((*contest)->organisation);
    row.status = CheckEntry(**contest, BeforeOf<v1::ContestEntry>(row), after);
    if (!row.status.ok() || row.before != nullptr || after.person().empty()) continue;
    auto persons = FindPersons(tx, {after.person()});
    if (!persons.ok()) return persons.status();
    row.status = MayBeNamed(FindIn(*persons, after.person()), "person");
  }
  return absl::OkStatus();
}

}  // namespace

void AddContestRules(resource::Engine& engine) {
  engine.Rule<v1::Contest>([](Change change, const v1::Contest* before, v1::Contest* after) {
    return CheckContest(change, before, *after);
  });
  // What was judged stays: it may stand in the bank of winners.
  engine.Rule<v1::ContestEntry>(
      [](Change change, const v1::ContestEntry* before, v1::ContestEntry*) {
        const bool judged = before != nullptr && before->state() == v1::ContestEntry::STATE_JUDGED;
        if (change != Change::kDelete || !judged) return absl::OkStatus();
        return Refuse(v1::REGISTRY_REASON_CONTEST_FROZEN, "the entry is judged");
      });
  engine.PrepareFor(v1::Contest::descriptor(), &PrepareContests);
  engine.PrepareFor(v1::ContestEntry::descriptor(), &PrepareEntries);
}

}  // namespace rsnms::registry
