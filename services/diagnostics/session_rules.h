// A session's states and when its answers may change. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_SESSION_RULES_H_
#define RSNMS_SERVICES_DIAGNOSTICS_SESSION_RULES_H_

#include <array>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/diagnostics/v1/session.pb.h"
#include "services/diagnostics/scoring_rules.h"
#include "services/diagnostics/transitions.h"

namespace rsnms::diagnostics {

enum class SessionAction { kSubmit, kAnnul };
inline constexpr std::array<Transition<v1::Session::State, SessionAction>, 2> kSessionTransitions =
    {{
        {v1::Session::STATE_IN_PROGRESS, SessionAction::kSubmit, v1::Session::STATE_SUBMITTED},
        {v1::Session::STATE_IN_PROGRESS, SessionAction::kAnnul, v1::Session::STATE_ANNULLED},
    }};

// Moves the session; FAILED_PRECONDITION SESSION_FROZEN when the table does not permit it.
absl::Status Move(SessionAction action, v1::Session& session);

// The rule of every write: a session begins IN_PROGRESS (or SUBMITTED, when it is taken whole) and
// changes only while IN_PROGRESS; it has a day of submission exactly when SUBMITTED.
absl::Status CheckSession(resource::Change change, const v1::Session* before, v1::Session* after);

// Puts `changes` over the session's answers: a row given replaces the earlier answer, an empty
// option removes it.
void ApplyAnswers(const Answers& changes, v1::Session& session);

// Same answers, whatever their order.
bool SameAnswers(const Answers& a, const Answers& b);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_SESSION_RULES_H_
