// A route's states, when its contents may change, and how people move its items. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_RULES_H_

#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "services/diagnostics/transitions.h"

namespace rsnms::diagnostics {

enum class RouteAction {
  kAgree,
  kApprove,
  kReturn,
  kActivate,
  kPause,
  kResume,
  kComplete,
  kClose,
  kReopen,  // by no RPC: the completion of an item turned out void
};

// The whole life of a route. DRAFT and RETURNED are edited; CLOSED is final, COMPLETED to people.
inline constexpr std::array<Transition<v1::Route::State, RouteAction>, 17> kRouteTransitions = {{
    {v1::Route::STATE_DRAFT, RouteAction::kAgree, v1::Route::STATE_AGREED},
    {v1::Route::STATE_DRAFT, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_AGREED, RouteAction::kApprove, v1::Route::STATE_APPROVED},
    {v1::Route::STATE_AGREED, RouteAction::kReturn, v1::Route::STATE_RETURNED},
    {v1::Route::STATE_AGREED, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_RETURNED, RouteAction::kAgree, v1::Route::STATE_AGREED},
    {v1::Route::STATE_RETURNED, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_APPROVED, RouteAction::kActivate, v1::Route::STATE_ACTIVE},
    {v1::Route::STATE_APPROVED, RouteAction::kReturn, v1::Route::STATE_RETURNED},
    {v1::Route::STATE_APPROVED, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_ACTIVE, RouteAction::kPause, v1::Route::STATE_PAUSED},
    {v1::Route::STATE_ACTIVE, RouteAction::kComplete, v1::Route::STATE_COMPLETED},
    {v1::Route::STATE_ACTIVE, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_PAUSED, RouteAction::kResume, v1::Route::STATE_ACTIVE},
    {v1::Route::STATE_PAUSED, RouteAction::kComplete, v1::Route::STATE_COMPLETED},
    {v1::Route::STATE_PAUSED, RouteAction::kClose, v1::Route::STATE_CLOSED},
    {v1::Route::STATE_COMPLETED, RouteAction::kReopen, v1::Route::STATE_ACTIVE},
}};

// What an action brings with it.
struct Decision {
  std::string_view reason;  // required by kReturn, kPause, kClose, kReopen
  google::type::Date day;   // of kApprove and kComplete
};

// Moves the route. FAILED_PRECONDITION ROUTE_TRANSITION_FORBIDDEN when the table does not permit
// it, ROUTE_EMPTY when there is nothing to agree on, ROUTE_NOT_FINISHED when an item is still
// planned at kComplete; INVALID_ARGUMENT REASON_REQUIRED. Agreement makes the next revision, which
// the caller freezes.
absl::Status Move(RouteAction action, const Decision& decision, v1::Route& route);

// The rule of every write. Numbers the items, sums the hours and tells which deficits stay
// uncovered; items must name deficits and hours (ROUTE_ITEM_INVALID). Past DRAFT and RETURNED only
// the tutor, the due date, the progress of items and what learning makes of them may change
// (ROUTE_FROZEN), past COMPLETED the latter alone, past CLOSED nothing.
absl::Status CheckRoute(resource::Change change, const v1::Route* before, v1::Route* after);

// Whether people's own edit leaves the progress of a route past DRAFT and RETURNED as it is: steps,
// SetRouteItem and the feed of learning move it, an edit made of an older reading would undo what
// they told meanwhile. FAILED_PRECONDITION ROUTE_FROZEN.
absl::Status KeepsProgress(const v1::Route& before, const v1::Route& after);

// Marks an item done or dropped by hand: FAILED_PRECONDITION ROUTE_TRANSITION_FORBIDDEN unless the
// route is ACTIVE; INVALID_ARGUMENT ROUTE_ITEM_INVALID when there is no such open item, the state
// is neither, or a programme is to be done without its completion. The last item completes the
// route.
absl::Status SetItem(int number, v1::RouteItem::State state, const google::type::Date& day,
                     v1::Route& route);

// Every item is done or dropped, and at least one is done.
bool Finished(const v1::Route& route);

// The day the last of them was.
google::type::Date FinishDay(const v1::Route& route);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_RULES_H_
