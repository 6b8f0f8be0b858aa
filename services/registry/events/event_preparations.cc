// What must hold between an event, plan or participation about to be written and other rows.
#include <map>
#include <string>

#include "services/registry/events/contest_preparations.h"
#include "services/registry/events/event_store.h"
#include "services/registry/events/events.h"
#include "services/registry/pending.h"
#include "services/registry/person_store.h"
#include "services/registry/registry_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;

absl::Status InPlan(pg::Tx& tx, const v1::Event* before, const v1::Event& after) {
  const bool same = before != nullptr && before->plan() == after.plan() &&
                    before->start_date().year() == after.start_date().year();
  if (same || after.plan().empty()) return absl::OkStatus();
  auto year = OpenPlanYear(tx, after.plan());
  if (!year.ok()) return year.status();
  if (*year == after.start_date().year()) return absl::OkStatus();
  return Invalid(v1::REGISTRY_REASON_EVENT_OUTSIDE_PLAN, "plan", "is a plan of another year");
}

absl::Status PrepareEvents(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto* before = BeforeOf<v1::Event>(row);
    auto& after = AfterOf<v1::Event>(row);
    row.status = InPlan(tx, before, after);
    if (!row.status.ok() || before == nullptr) continue;
    if (after.has_capacity() &&
        (!before->has_capacity() || before->capacity() != after.capacity())) {
      auto taken = CountPlaces(tx, after.name());
      if (!taken.ok()) return taken.status();
      if (*taken > after.capacity()) {
        row.status = Refuse(v1::REGISTRY_REASON_CAPACITY_BELOW_REGISTERED,
                            "fewer places than people registered");
      }
    }
    if (Enters<v1::Event>(row, v1::Event::STATE_REPORTED)) {
      auto attended = CountAttended(tx, after.name());
      if (!attended.ok()) return attended.status();
      after.set_attended_count(*attended);
    }
  }
  return absl::OkStatus();
}

absl::Status PrepareParticipation(pg::Tx& tx, Pending& row, int* promised) {
  auto& after = AfterOf<v1::Participation>(row);
  const auto* before = BeforeOf<v1::Participation>(row);
  auto event = HoldEvent(tx, after.event(), after.name());
  if (!event.ok()) return event.status();
  if (!*event) {
    row.status = Unknown("event");
    return absl::OkStatus();
  }
  (*event)->taken += *promised;
  after.set_organisation((*event)->organisation);
  row.status = CheckParticipation(**event, before, after);
  if (!row.status.ok() || before != nullptr) return absl::OkStatus();
  if (TakesPlace(after)) ++*promised;
  auto persons = FindPersons(tx, {after.person()});
  if (!persons.ok()) return persons.status();
  row.status = MayBeNamed(FindIn(*persons, after.person()), "person");
  return absl::OkStatus();
}

absl::Status PrepareParticipations(pg::Tx& tx, std::vector<Pending>& rows) {
  // Rows of one batch see each other's places; events are taken in one order.
  std::map<std::string, std::vector<Pending*>> by_event;
  for (Pending& row : rows) by_event[AfterOf<v1::Participation>(row).event()].push_back(&row);
  for (const auto& [event, members] : by_event) {
    int promised = 0;
    for (Pending* row : members) {
      if (auto s = PrepareParticipation(tx, *row, &promised); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

absl::Status PreparePlans(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    if (!Enters<v1::EventPlan>(row, v1::EventPlan::STATE_CONSOLIDATED)) continue;
    const auto& after = AfterOf<v1::EventPlan>(row);
    auto year = OpenPlanYear(tx, after.consolidated_into());
    if (!year.ok()) return year.status();
    if (*year != after.year()) {
      row.status = Invalid(v1::REGISTRY_REASON_EVENT_OUTSIDE_PLAN, "consolidated_into",
                           "is a plan of another year");
      continue;
    }
    auto closed = IsPlanAbove(tx, after.consolidated_into(), after.name());
    if (!closed.ok()) return closed.status();
    if (*closed || after.consolidated_into() == after.name()) {
      row.status = Refuse(v1::REGISTRY_REASON_RECORD_CYCLE, "the plan would contain itself");
    }
  }
  return absl::OkStatus();
}

}  // namespace

void AddEventRules(resource::Engine& engine) {
  engine.Rule<v1::Event>([](Change change, const v1::Event* before, v1::Event* after) {
    return CheckEvent(change, before, *after);
  });
  engine.PrepareFor(v1::Event::descriptor(), &PrepareEvents);
  engine.PrepareFor(v1::Participation::descriptor(), &PrepareParticipations);
  engine.PrepareFor(v1::EventPlan::descriptor(), &PreparePlans);
  AddContestRules(engine);
}

}  // namespace rsnms::registry
