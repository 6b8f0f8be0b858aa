#include "services/programs/learning/cascade_rules.h"

#include "absl/container/flat_hash_set.h"
#include "libs/rpc/status.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::cascade_rules {
namespace {

using resource::Change;
using Session = v1::CascadeSession;

}  // namespace

absl::Status CheckParticipants(const Session& session) {
  absl::flat_hash_set<std::string_view> seen;
  for (int i = 0; i < session.participants_size(); ++i) {
    const std::string path = Cat("participants[", i, "]");
    if (session.participants(i) == session.leader()) {
      return learning::Invalid(v1::PROGRAMS_REASON_LEADER_PARTICIPATES, path, "is the leader");
    }
    if (!seen.insert(session.participants(i)).second) {
      return learning::Invalid(v1::PROGRAMS_REASON_REPEATED_PARTICIPANT, path, "is named twice");
    }
  }
  return absl::OkStatus();
}

absl::Status Check(Change change, const Session* before, Session* after) {
  if (change == Change::kUndelete) return absl::OkStatus();
  if (change == Change::kDelete) {
    const bool given =
        before->state() == Session::STATE_HELD || before->state() == Session::STATE_VOID;
    return given ? learning::Frozen() : absl::OkStatus();
  }
  const bool edits = before == nullptr || learning::WrittenDiffers(*before, *after);
  if (before != nullptr && edits && before->state() != Session::STATE_PLANNED) {
    return learning::Frozen();
  }
  return edits ? CheckParticipants(*after) : absl::OkStatus();
}

}  // namespace rsnms::programs::cascade_rules
