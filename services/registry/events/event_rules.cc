#include "services/registry/events/event_rules.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/registry/pending.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Contest = v1::Contest;
using Entry = v1::ContestEntry;
using Event = v1::Event;
using Participation = v1::Participation;

// An image is changed or deleted without a step.
template <class R>
bool Edits(Change change, const R* before, const R& after) {
  if (before == nullptr) return false;
  return change == Change::kDelete ||
         (change == Change::kUpdate && before->state() == after.state());
}

bool IsFrozen(Event::State state) {
  return state == Event::STATE_REPORTED || state == Event::STATE_CANCELLED;
}

bool IsFrozen(Contest::State state) {
  return state == Contest::STATE_RESULTS_APPROVED || state == Contest::STATE_CLOSED ||
         state == Contest::STATE_CANCELLED;
}

bool Holds(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// An entry that names no day was handed in today.
absl::Status CheckInTime(const ContestFacts& contest, Entry& entry) {
  if (!contest.entries_until) return absl::OkStatus();
  if (!entry.has_applied_date()) *entry.mutable_applied_date() = ToDate(contest.today);
  if (ToCivil(entry.applied_date()) <= *contest.entries_until) return absl::OkStatus();
  const std::string last = ToIso(ToDate(*contest.entries_until));
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_ENTRIES_CLOSED,
                    "the application comes after the last day")
      .Field("applied_date", absl::StrCat("is after ", last),
             absl::StrCat("последний день приёма заявок – ", last));
}

absl::Status CheckNewEntry(const ContestFacts& contest, Entry& entry) {
  if (entry.person().empty() && entry.entrant_organisation().empty()) {
    return Invalid(v1::REGISTRY_REASON_ENTRANT_REQUIRED, "person",
                   "must be set, or the organisation");
  }
  if (contest.state != Contest::STATE_APPLICATIONS_OPEN) {
    return Refuse(v1::REGISTRY_REASON_ENTRIES_CLOSED, "the contest takes no applications");
  }
  if (auto s = CheckInTime(contest, entry); !s.ok()) return s;
  if (!entry.nomination().empty() || !contest.nominations.empty()) {
    if (!Holds(contest.nominations, entry.nomination())) {
      return Invalid(v1::REGISTRY_REASON_UNKNOWN_NOMINATION, "nomination",
                     "is not one of the contest's");
    }
  }
  if (!entry.person().empty() && Holds(contest.jury, entry.person())) {
    return Refuse(v1::REGISTRY_REASON_JURY_IS_ENTRANT, "a member of the jury competes");
  }
  return absl::OkStatus();
}

}  // namespace

bool TakesPlace(const Participation& participation) {
  return participation.state() != Participation::STATE_CANCELLED &&
         participation.role() != v1::PARTICIPATION_ROLE_JURY &&
         participation.role() != v1::PARTICIPATION_ROLE_ORGANISER;
}

absl::Status CheckEvent(Change change, const Event* before, const Event& after) {
  if (Edits(change, before, after) && IsFrozen(before->state())) {
    return Refuse(v1::REGISTRY_REASON_EVENT_FROZEN, "the event is reported or cancelled");
  }
  if (change == Change::kDelete) return absl::OkStatus();
  return CheckOrder(after.start_date(), after.has_end_date() ? &after.end_date() : nullptr,
                    "end_date");
}

absl::Status CheckParticipation(const EventFacts& event, const Participation* before,
                                const Participation& after) {
  if (IsFrozen(event.state)) {
    return before == nullptr
               ? Refuse(v1::REGISTRY_REASON_REGISTRATION_CLOSED, "registration is closed")
               : Refuse(v1::REGISTRY_REASON_EVENT_FROZEN, "the event is reported or cancelled");
  }
  const bool held = event.state == Event::STATE_HELD;
  if (before == nullptr) {
    if (!held && event.state != Event::STATE_REGISTRATION) {
      return Refuse(v1::REGISTRY_REASON_REGISTRATION_CLOSED, "registration is closed");
    }
    if (TakesPlace(after) && event.capacity && event.taken >= *event.capacity) {
      return Refuse(v1::REGISTRY_REASON_NO_PLACES_LEFT, "all places are taken");
    }
    return absl::OkStatus();
  }
  const bool marks =
      before->state() != after.state() && after.state() != Participation::STATE_CANCELLED;
  if (marks && !held) return Refuse(v1::REGISTRY_REASON_EVENT_NOT_HELD, "the event is not held");
  return absl::OkStatus();
}

absl::Status CheckContest(Change change, const Contest* before, Contest& after) {
  if (Edits(change, before, after) && IsFrozen(before->state())) {
    return Refuse(v1::REGISTRY_REASON_CONTEST_FROZEN, "the results are approved");
  }
  const bool approved = before != nullptr && before->state() != after.state() &&
                        after.state() == Contest::STATE_RESULTS_APPROVED;
  if (approved) after.set_bank_title(after.title());
  return absl::OkStatus();
}

absl::Status CheckEntry(const ContestFacts& contest, const Entry* before, Entry& after) {
  if (before == nullptr) return CheckNewEntry(contest, after);
  if (IsFrozen(contest.state)) {
    // What became of the work is learned later.
    const bool practice_only = before->state() == after.state() && before->title() == after.title();
    if (practice_only && contest.state != Contest::STATE_CANCELLED) return absl::OkStatus();
    return Refuse(v1::REGISTRY_REASON_CONTEST_FROZEN, "the results are approved");
  }
  const bool judged = before->state() != after.state() && (after.state() == Entry::STATE_JUDGED ||
                                                           after.state() == Entry::STATE_FINALIST);
  const bool running =
      contest.state == Contest::STATE_FIRST_ROUND || contest.state == Contest::STATE_FINAL;
  if (judged && !running) {
    return Refuse(v1::REGISTRY_REASON_CONTEST_NOT_RUNNING, "the contest is not in a round");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
