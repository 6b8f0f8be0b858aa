// Whom the registry and the roll name, for what is told of single people.
#ifndef RSNMS_TOOLS_RSNMSCTL_TRAINING_PEOPLE_H_
#define RSNMS_TOOLS_RSNMSCTL_TRAINING_PEOPLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "tools/rsnmsctl/training/desk.h"
#include "tools/rsnmsctl/training/roll.h"

namespace rsnms::ctl {

struct Somebody {
  std::string person, organisation, municipality;  // the last may be empty
};

// Who `organisation: …`, `municipality: …`, and `person: …` say.
std::string WhoIs(const Somebody& who);

// Pedagogues of municipal bodies who learn along a route, each once, in the order of their
// enrolments' names.
std::vector<Somebody> LearnersOf(const Roll& roll);

// First day of what is learned beside enrolments.
absl::CivilDay LearningDay(const Desk& desk);

// The first of `people` who held a post in their body on the day, at most `count`.
absl::StatusOr<std::vector<Somebody>> WhoWorked(const Desk& desk,
                                                const std::vector<Somebody>& people,
                                                absl::CivilDay day, size_t count);

// The first people by name whose main post is in the body since that day or longer; at most
// `count`.
absl::StatusOr<std::vector<Somebody>> StaffOf(const Desk& desk, const std::string& organisation,
                                              size_t count);
// Bodies of a kind (`CENTRE`), by name.
absl::StatusOr<std::vector<std::string>> BodiesOf(const Desk& desk, const std::string& kind);

// Where internships take place: sites with status on the day, and who leads there.
struct Host {
  std::string organisation, site, supervisor;
};
absl::StatusOr<std::vector<Host>> FindHosts(const Desk& desk, size_t count);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_TRAINING_PEOPLE_H_
