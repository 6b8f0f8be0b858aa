// What the engine asks before it writes mentorships, memberships of the league and employments.
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/consent_store.h"
#include "services/registry/mentoring/mentoring.h"
#include "services/registry/mentoring/mentoring_store.h"
#include "services/registry/mentoring/mentorship_rules.h"
#include "services/registry/organisation_store.h"
#include "services/registry/person_store.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Pending = resource::Engine::Pending;

absl::Status FailedPrecondition(v1::RegistryReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}

// Copies the body's municipality; a body closed by the first day begins nothing.
template <class R>
absl::Status TakeMunicipality(pg::Tx& tx, bool created, const google::type::Date* start, R& r) {
  auto bodies = FindOrganisations(tx, {r.organisation()});
  if (!bodies.ok()) return bodies.status();
  const auto found = bodies->find(r.organisation());
  const OrganisationFacts* facts = found == bodies->end() ? nullptr : &found->second;
  if (created && start != nullptr) {
    if (auto s = MayBegin(facts, *start, "organisation"); !s.ok()) return s;
  }
  if (facts != nullptr) r.set_municipality(facts->municipality);
  return absl::OkStatus();
}

// Those named for the first time exist and are not deleted.
absl::Status CheckNewPeople(pg::Tx& tx, const v1::Mentorship* before, const v1::Mentorship& after) {
  absl::flat_hash_set<std::string> known;
  if (before != nullptr) {
    known.insert(before->mentors().begin(), before->mentors().end());
    known.insert(before->mentees().begin(), before->mentees().end());
  }
  std::vector<std::string> fresh;
  for (const auto* people : {&after.mentors(), &after.mentees()})
    for (const std::string& person : *people)
      if (!known.contains(person)) fresh.push_back(person);
  if (fresh.empty()) return absl::OkStatus();
  auto facts = FindPersons(tx, fresh);
  if (!facts.ok()) return facts.status();
  for (const auto& [people, path] :
       {std::pair{&after.mentors(), "mentors"}, std::pair{&after.mentees(), "mentees"}}) {
    for (const std::string& person : *people) {
      if (known.contains(person)) continue;
      const auto found = facts->find(person);
      if (auto s = MayBeNamed(found == facts->end() ? nullptr : &found->second, path); !s.ok())
        return s;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckOthers(pg::Tx& tx, const v1::Mentorship& mentorship) {
  if (!IsAlive(mentorship.state()) && mentorship.state() != v1::MENTORSHIP_STATE_FINISHED)
    return absl::OkStatus();
  auto against = FindAgainst(tx, mentorship);
  if (!against.ok()) return against.status();
  if (against->unemployed) {
    return FailedPrecondition(v1::REGISTRY_REASON_NOT_EMPLOYED_THROUGHOUT,
                              "a participant is not employed on each of its days");
  }
  if (against->overlapping && IsFormed(mentorship)) {
    return FailedPrecondition(v1::REGISTRY_REASON_PAIR_OVERLAP,
                              "two participants have another pair on some of these days");
  }
  return absl::OkStatus();
}

// Mentors without consent do not stop the work (Dagestan CK16: a warning).
absl::Status CountWithoutConsent(pg::Tx& tx, const v1::Mentorship* before, v1::Mentorship& after) {
  if (before == nullptr || before->state() == after.state() ||
      after.state() != v1::MENTORSHIP_STATE_WORKING) {
    return absl::OkStatus();
  }
  auto without = FindWithoutConsent(tx, {after.mentors().begin(), after.mentors().end()},
                                    v1::CONSENT_PURPOSE_MENTORING, after.start_date());
  if (!without.ok()) return without.status();
  after.set_mentors_without_consent_count(static_cast<int>(without->size()));
  return absl::OkStatus();
}

absl::Status PrepareMentorship(pg::Tx& tx,
                               const std::map<v1::MentoringModel, v1::MentoringModelCard>& models,
                               const v1::Mentorship* before, v1::Mentorship& after) {
  const auto date = after.start_date();
  if (auto s = TakeMunicipality(tx, before == nullptr, &date, after); !s.ok()) return s;
  if (auto s = CheckNewPeople(tx, before, after); !s.ok()) return s;
  if (const auto model = models.find(after.model()); model != models.end()) {
    if (auto s = FitsModel(model->second, after); !s.ok()) return s;
  }
  if (auto s = CountWithoutConsent(tx, before, after); !s.ok()) return s;
  return CheckOthers(tx, after);
}

// Mentorships are written one by one: there is no import of them.
absl::Status PrepareMentorships(pg::Tx& tx, std::vector<Pending>& rows) {
  auto models = ReadModels(tx);
  if (!models.ok()) return models.status();
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    row.status = PrepareMentorship(tx, *models, static_cast<const v1::Mentorship*>(row.before),
                                   static_cast<v1::Mentorship&>(*row.after));
  }
  return absl::OkStatus();
}

absl::Status PrepareMentorSchools(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    if (!row.status.ok()) continue;
    auto& school = static_cast<v1::MentorSchool&>(*row.after);
    const auto* before = static_cast<const v1::MentorSchool*>(row.before);
    const bool admitted = school.state() == v1::MENTOR_SCHOOL_STATE_ADMITTED &&
                          (before == nullptr || before->state() != school.state());
    row.status = TakeMunicipality(tx, admitted, admitted ? &school.admit_date() : nullptr, school);
    if (!row.status.ok() || !admitted) continue;
    auto member = IsLeagueMember(tx, school);
    if (!member.ok()) return member.status();
    if (*member) {
      row.status = FailedPrecondition(v1::REGISTRY_REASON_SECOND_LEAGUE_MEMBERSHIP,
                                      "the body is a member on some of these days");
    }
  }
  return absl::OkStatus();
}

// The employment loses days it had.
bool IsShortened(const v1::Employment& before, const v1::Employment& after) {
  if (ToCivil(after.start_date()) > ToCivil(before.start_date())) return true;
  if (!after.has_end_date()) return false;
  return !before.has_end_date() || ToCivil(after.end_date()) < ToCivil(before.end_date());
}

absl::Status PrepareEmployments(pg::Tx& tx, std::vector<Pending>& rows) {
  std::vector<const v1::Employment*> shortened;
  std::vector<Pending*> theirs;
  for (Pending& row : rows) {
    const auto* before = static_cast<const v1::Employment*>(row.before);
    const auto* after = static_cast<const v1::Employment*>(row.after);
    if (!row.status.ok() || before == nullptr || before->person() != after->person() ||
        !IsShortened(*before, *after))
      continue;
    shortened.push_back(after);
    theirs.push_back(&row);
  }
  if (shortened.empty()) return absl::OkStatus();
  auto held = FindHeld(tx, shortened);
  if (!held.ok()) return held.status();
  for (const size_t place : *held) {
    theirs[place]->status =
        FailedPrecondition(v1::REGISTRY_REASON_EMPLOYMENT_HOLDS_MENTORSHIP,
                           "a mentorship relies on the employment; finish it first");
  }
  return absl::OkStatus();
}

}  // namespace

void AddMentoringRules(resource::Engine& engine) {
  engine.Rule<v1::Mentorship>(
      [](Change change, const v1::Mentorship* before, v1::Mentorship* after) {
        return change == Change::kDelete ? MayDelete(*before) : CheckMentorship(before, *after);
      });
  engine.Rule<v1::MentorSchool>(
      [](Change change, const v1::MentorSchool*, v1::MentorSchool* after) {
        return change == Change::kDelete ? absl::OkStatus() : CheckMentorSchool(*after);
      });
  engine.PrepareFor(v1::Mentorship::descriptor(), &PrepareMentorships);
  engine.PrepareFor(v1::MentorSchool::descriptor(), &PrepareMentorSchools);
  engine.PrepareFor(v1::Employment::descriptor(), &PrepareEmployments);
}

}  // namespace rsnms::registry
