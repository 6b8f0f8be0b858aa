#include "services/diagnostics/session_rules.h"

#include <map>

#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"

namespace rsnms::diagnostics {
namespace {

absl::Status Frozen(v1::Session::State state) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::DIAGNOSTICS_REASON_SESSION_FROZEN,
                    "the session is no longer in progress")
      .With("state", v1::Session::State_Name(state));
}

std::map<std::string_view, std::string_view> ByItem(const Answers& answers) {
  std::map<std::string_view, std::string_view> out;
  for (const auto& answer : answers) out[answer.item()] = answer.option();
  return out;
}

}  // namespace

absl::Status Move(SessionAction action, v1::Session& session) {
  const auto next = Next(kSessionTransitions, session.state(), action);
  if (!next) return Frozen(session.state());
  session.set_state(*next);
  return absl::OkStatus();
}

absl::Status CheckSession(resource::Change change, const v1::Session* before, v1::Session* after) {
  if (change == resource::Change::kCreate) {
    if (after->state() == v1::Session::STATE_UNSPECIFIED) {
      after->set_state(v1::Session::STATE_IN_PROGRESS);
    }
    if (after->state() == v1::Session::STATE_ANNULLED) return Frozen(after->state());
  } else {
    if (before->state() != v1::Session::STATE_IN_PROGRESS) return Frozen(before->state());
    if (change != resource::Change::kUpdate) return absl::OkStatus();
    if (after->state() != before->state() &&
        !MayBecome(kSessionTransitions, before->state(), after->state())) {
      return Frozen(before->state());
    }
  }
  const bool submitted = after->state() == v1::Session::STATE_SUBMITTED;
  if (submitted == after->has_submit_date()) return absl::OkStatus();
  return rpc::InvalidField("submit_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "set exactly when the session is submitted",
                           "день сдачи есть только у завершённого сеанса");
}

void ApplyAnswers(const Answers& changes, v1::Session& session) {
  std::map<std::string, std::string> merged;
  for (const auto& answer : session.answers()) merged[answer.item()] = answer.option();
  for (const auto& answer : changes) merged[answer.item()] = answer.option();
  session.clear_answers();
  for (const auto& [item, option] : merged) {
    if (option.empty()) continue;
    auto& answer = *session.add_answers();
    answer.set_item(item);
    answer.set_option(option);
  }
}

bool SameAnswers(const Answers& a, const Answers& b) { return ByItem(a) == ByItem(b); }

}  // namespace rsnms::diagnostics
