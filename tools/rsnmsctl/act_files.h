// Files of what the acts prescribe: one for each profile in a directory of its kind.
#ifndef RSNMS_TOOLS_RSNMSCTL_ACT_FILES_H_
#define RSNMS_TOOLS_RSNMSCTL_ACT_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// Which files are meant, and for which region.
struct ActFiles {
  std::string directory;
  std::vector<std::string> codes;  // altai, yugra … or paths; empty: every file of the directory
  std::string region;              // empty: the region of the profile of the same code
  std::string profiles = "services/registry/profiles";
  bool dry_run = false;
};

// Paths of the files, sorted when the directory tells them. NOT_FOUND when there are none.
absl::StatusOr<std::vector<std::string>> PathsOf(const ActFiles& files);

// NOT_FOUND, INVALID_ARGUMENT naming the file.
absl::Status ReadTextFile(const std::string& path, google::protobuf::Message* message);

// `regions/56`: the region of a file. INVALID_ARGUMENT when it cannot be told.
absl::StatusOr<std::string> ParentOf(const ActFiles& files, const std::string& path);

// templates.cc: templates of acts. A file's template that a region lacks is created and published;
// one that differs supersedes the published one, which is retired; one that people retired stays
// so.
absl::Status LoadTemplates(Session& session, const ActFiles& files);
// Prints the templates that are not retired.
absl::Status PrintTemplates(Session& session, const std::string& region);

// regulations.cc: what a region prescribes for its methodological asset. A regulation is known by
// its first day; a file creates it or brings it to what the file says.
absl::Status LoadRegulations(Session& session, const ActFiles& files);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_ACT_FILES_H_
