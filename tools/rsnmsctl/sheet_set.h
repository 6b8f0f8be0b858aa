// Several tables in one go: a region's organisations, people and employments, each after what it
// refers to.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_SET_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_SET_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_import.h"

namespace rsnms::ctl {

struct SetFile {
  std::string collection, path;
};

// The files, and those of the directories, with the collections their names tell of, in the order
// of their references. INVALID_ARGUMENT, in Russian: a name that tells of no collection or of
// several, nothing to load, JSON.
absl::StatusOr<std::vector<SetFile>> ArrangeSet(const std::vector<std::string>& paths);

struct SetOutcome {
  std::vector<SheetOutcome> files;  // of the files that were reached, in their order
  bool dry = false;                 // nothing was written: asked for, or a file has errors
  absl::Status status;              // of the service, at the file after the last of `files`
  // Whether every file is in the registry now, but for rows left out by `skip_bad`.
  bool complete = false;
};

// Loads the files one after another. All of them are read and judged before the first is sent: when
// headings or cells are wrong (with `skip_bad`: headings), nothing is written and the outcome is
// that of a dry run. A dry run judges rows against the registry as far as it can: those that refer
// to what earlier files would create are counted as `deferred`. What only the registry finds stops
// the set at that file; files before it stay loaded, and repeating the command leaves them as they
// are. `options.collection` and `path` are not looked at; the report names the files.
absl::StatusOr<SetOutcome> ImportSet(Session& session, SheetOptions options,
                                     const std::vector<SetFile>& files);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_SET_H_
