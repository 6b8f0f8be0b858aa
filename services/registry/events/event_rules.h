// What must hold of events, participation, plans and contests. Pure: images and facts in, status
// out. Field paths are relative to the resource.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_RULES_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_RULES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/contest.pb.h"
#include "rsnms/registry/v1/contest_entry.pb.h"
#include "rsnms/registry/v1/event.pb.h"
#include "rsnms/registry/v1/event_plan.pb.h"
#include "rsnms/registry/v1/participation.pb.h"

namespace rsnms::registry {

// An event as participation refers to it, held for the rest of the transaction.
struct EventFacts {
  std::string organisation;
  v1::Event::State state = v1::Event::STATE_UNSPECIFIED;
  std::optional<int> capacity;
  int taken = 0;  // places, the row about to be written left out
};

// A contest as its entries refer to it.
struct ContestFacts {
  std::string organisation;
  v1::Contest::State state = v1::Contest::STATE_UNSPECIFIED;
  std::vector<std::string> nominations, jury;
  std::optional<absl::CivilDay> entries_until;  // last day of applications
  absl::CivilDay today;                         // counts for an application that names no day
};

// Everybody takes a place but the jury and the organisers; a cancelled registration takes none.
bool TakesPlace(const v1::Participation& participation);

// FAILED_PRECONDITION EVENT_FROZEN after the report or cancellation; INVALID_ARGUMENT
// END_BEFORE_START.
absl::Status CheckEvent(resource::Change change, const v1::Event* before, const v1::Event& after);

// FAILED_PRECONDITION REGISTRATION_CLOSED, NO_PLACES_LEFT, EVENT_NOT_HELD, EVENT_FROZEN. `before`
// is null for a new registration.
absl::Status CheckParticipation(const EventFacts& event, const v1::Participation* before,
                                const v1::Participation& after);

// FAILED_PRECONDITION CONTEST_FROZEN; freezes `bank_title` when the results are approved.
absl::Status CheckContest(resource::Change change, const v1::Contest* before, v1::Contest& after);

// FAILED_PRECONDITION ENTRIES_CLOSED, CONTEST_NOT_RUNNING, CONTEST_FROZEN, JURY_IS_ENTRANT;
// INVALID_ARGUMENT ENTRANT_REQUIRED, UNKNOWN_NOMINATION. `before` is null for a new entry, whose
// day of application is completed.
absl::Status CheckEntry(const ContestFacts& contest, const v1::ContestEntry* before,
                        v1::ContestEntry& after);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_RULES_H_
