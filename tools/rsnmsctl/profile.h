// Profiles of systems: loading them from files, their subjects as a tree, the functions matrix.
#ifndef RSNMS_TOOLS_RSNMSCTL_PROFILE_H_
#define RSNMS_TOOLS_RSNMSCTL_PROFILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

struct ProfileOptions {
  std::string directory = "services/registry/profiles";
  std::vector<std::string> codes;  // empty: every file of the directory; or paths of files
  std::string region;              // of the profile shown; empty: the only one that has it
  std::string date;                // 2026-09-01; empty: today
  bool dry_run = false;
  bool uncovered = false;  // only functions nobody performs
};

// Loads each profile; founds its region, and municipality, where there is none.
absl::Status LoadProfiles(Session& session, const ProfileOptions& options);

// Prints the subjects of a profile as a tree, or line by line as JSON.
absl::Status PrintSubjects(Session& session, const ProfileOptions& options);

// Prints who does what with whom by which clause, what nobody performs, and joint functions the
// partner does not answer; or line by line as JSON.
absl::Status PrintFunctions(Session& session, const ProfileOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_PROFILE_H_
