// The roll of the region's enrolments and groups: what is there, and what is still to be done to
// reach what the year wants. What is done is left alone.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_ROLL_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_ROLL_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/group.pb.h"
#include "tools/rsnmsctl/training/desk.h"
#include "tools/rsnmsctl/training/learners.h"

namespace rsnms::ctl {

class Roll {
 public:
  // Programmes must outlive it.
  Roll(const Desk& desk, const Programmes& programmes) : desk_(desk), programmes_(programmes) {}

  // Reads what is there.
  absl::Status Read();
  // Leads learners from enrolment to what becomes of them: enrols, opens groups for the programmes
  // the region's bodies teach, places, completes, ends. Learners of a programme who already live in
  // it are passed over.
  absl::Status Lead(std::vector<Learner> learners);
  // Ends the groups whose time is over and in which nobody learns any more.
  absl::Status FinishGroups();

  // Groups of a programme, by name.
  std::vector<std::string> GroupsOf(const std::string& programme) const;
  // By name, as last seen.
  const absl::flat_hash_map<std::string, programs::v1::Enrolment>& enrolments() const {
    return enrolments_;
  }

 private:
  // A group and the learners it is for.
  struct Plan {
    programs::v1::Group group;
    std::vector<std::string> learners;
  };

  absl::Status Enrol(const std::vector<Learner>& learners);
  // Groups for those who have none yet, `kSeats` in each.
  std::vector<Plan> PlanGroups(const std::vector<Learner>& learners);
  absl::Status Open(const std::vector<Plan>& plans);
  absl::Status Place(const std::vector<Plan>& plans);
  absl::Status Complete(const std::vector<Learner>& learners);
  // Withdraws, fails and defers.
  absl::Status End(const std::vector<Learner>& learners);
  // Whether the region's own bodies teach it.
  bool IsOurs(const std::string& programme) const;

  const Desk& desk_;
  const Programmes& programmes_;
  absl::flat_hash_map<std::string, programs::v1::Enrolment> enrolments_;
  absl::flat_hash_map<std::string, programs::v1::Group> groups_;
};

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_ROLL_H_
