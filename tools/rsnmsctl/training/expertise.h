// Programmes of the region's own, through expertise to the federal register.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_EXPERTISE_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_EXPERTISE_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/programs/v1/expert_review.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "tools/rsnmsctl/training/desk.h"

namespace rsnms::ctl {

// Leads a version on from wherever it stands. Steps of today are dated today: opinions are given
// after they were asked for.
class Expertise {
 public:
  Expertise(const Desk& desk, std::vector<std::string> experts)
      : desk_(desk), experts_(std::move(experts)) {}

  // Through a round that sends it back and one that approves it, into the register under `number`;
  // whether it got there. Stays under expertise when nobody may speak for the experts
  // (CampaignOptions::people_key) or there are fewer than two.
  absl::StatusOr<bool> ToRegister(const std::string& version, const std::string& number) const;
  // Hands it in; the first expert has answered, the second is still asked.
  absl::Status ToExpertise(const std::string& version) const;

 private:
  absl::StatusOr<programs::v1::ProgrammeVersion> Get(const std::string& version) const;
  // Two experts are asked and `answers` of them answer; the first of the first round wants work.
  // How many have answered.
  absl::StatusOr<int> HoldRound(const programs::v1::ProgrammeVersion& version, int answers) const;
  // What the opinions asked for.
  absl::Status Rework(const programs::v1::ProgrammeVersion& version) const;
  absl::Status Assign(const programs::v1::ProgrammeVersion& version) const;
  absl::Status Answer(const programs::v1::ExpertReview& review, bool positive) const;

  const Desk& desk_;
  const std::vector<std::string> experts_;
};

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_EXPERTISE_H_
