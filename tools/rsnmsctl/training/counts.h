// What the year left behind, counted by what the services list.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_COUNTS_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_COUNTS_H_

#include "absl/status/statusor.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {

// Every collection of the year by state, or by what tells its things apart.
absl::StatusOr<TrainingCounts> CountTraining(Session& session, const std::string& parent);

// The sum over all states of a collection.
int64_t Total(const TrainingCounts& counts, const std::string& collection);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_COUNTS_H_
