// A state machine as one table: who reads the table knows every permitted step; what is not in it
// is forbidden.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_TRANSITIONS_H_
#define RSNMS_SERVICES_DIAGNOSTICS_TRANSITIONS_H_

#include <optional>

namespace rsnms::diagnostics {

template <class State, class Action>
struct Transition {
  State from;
  Action action;
  State to;
};

// The state `action` leads to, if the table permits it in `from`.
template <class Table, class State, class Action>
std::optional<State> Next(const Table& table, State from, Action action) {
  for (const auto& t : table) {
    if (t.from == from && t.action == action) return t.to;
  }
  return std::nullopt;
}

// Some action leads from one state to the other.
template <class Table, class State>
bool MayBecome(const Table& table, State from, State to) {
  for (const auto& t : table) {
    if (t.from == from && t.to == to) return true;
  }
  return false;
}

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_TRANSITIONS_H_
