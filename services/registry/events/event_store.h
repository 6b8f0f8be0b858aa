// What rules of the area must know of other rows.
#ifndef RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_STORE_H_
#define RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "services/registry/events/event_rules.h"

namespace rsnms::registry {

// Takes the event's row, so that one writer counts its places at a time; `participation`, a name,
// is left out of the count. Null when there is no such event.
absl::StatusOr<std::optional<EventFacts>> HoldEvent(pg::Tx& tx, const std::string& event,
                                                    const std::string& participation);

// Places taken, the event's row held by the caller.
absl::StatusOr<int> CountPlaces(pg::Tx& tx, const std::string& event);

// People marked as having attended.
absl::StatusOr<int> CountAttended(pg::Tx& tx, const std::string& event);

// Holds the contest against approval of its results. Null when there is no such contest.
absl::StatusOr<std::optional<ContestFacts>> HoldContest(pg::Tx& tx, const std::string& contest);

// What stands in the way of approving the results of a contest.
struct ContestGaps {
  bool without_award = false;  // an entry still in the running
  bool jury_competes = false;  // a member of the jury has an entry
};
absl::StatusOr<ContestGaps> FindContestGaps(pg::Tx& tx, const std::string& contest,
                                            const std::vector<std::string>& jury);

// People whose entries are judged: the results name them.
absl::StatusOr<std::vector<std::string>> FindJudged(pg::Tx& tx, const std::string& contest);

// `above` is what `plan` was consolidated into, itself or by way of others.
absl::StatusOr<bool> IsPlanAbove(pg::Tx& tx, const std::string& plan, const std::string& above);

// Year of a plan; 0 when there is none, or its report is accepted.
absl::StatusOr<int> OpenPlanYear(pg::Tx& tx, const std::string& plan);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_EVENTS_EVENT_STORE_H_
