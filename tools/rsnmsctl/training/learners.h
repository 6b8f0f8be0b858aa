// Who learns what in the invented year, and what becomes of it.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_LEARNERS_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_LEARNERS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "tools/rsnmsctl/training/desk.h"

namespace rsnms::ctl {

// What becomes of a learner. Those of the first stream are done by summer.
enum class Fate { kCompletes, kWithdraws, kFails, kLearns, kDefers };

struct Learner {
  programs::v1::Enrolment enrolment;  // as it is asked for; its name says who it is
  Fate fate = Fate::kLearns;
  bool first_stream() const {
    return fate == Fate::kCompletes || fate == Fate::kWithdraws || fate == Fate::kFails;
  }
};

// The region's programmes by name.
using Programmes = absl::flat_hash_map<std::string, programs::v1::Programme>;
absl::StatusOr<Programmes> ReadProgrammes(Session& session, const std::string& parent);

// One learner for each programme of the active routes of a campaign, in the order of their names.
absl::StatusOr<std::vector<Learner>> AlongRoutes(const Desk& desk, const std::string& campaign);

// A management team that is taught this year.
struct TaughtTeam {
  std::string name, organisation, municipality;
  std::vector<std::string> members;  // the leader first
};
// About three teams in five; the others wait for next year.
absl::StatusOr<std::vector<TaughtTeam>> ChooseTeams(const Desk& desk);
// A programme on managing the quality of education; empty when none is offered.
std::string QualityProgramme(const Programmes& programmes);
// The teams' members, each once, on one programme.
std::vector<Learner> MembersOf(const Desk& desk, const std::vector<TaughtTeam>& teams,
                               const std::string& programme);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_LEARNERS_H_
