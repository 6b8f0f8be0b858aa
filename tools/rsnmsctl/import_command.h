// `rsnmsctl import`: one table, or a region's set of them.
#ifndef RSNMS_TOOLS_RSNMSCTL_IMPORT_COMMAND_H_
#define RSNMS_TOOLS_RSNMSCTL_IMPORT_COMMAND_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_import.h"

namespace rsnms::ctl {

// `what` is a collection and a file, or files and directories. Prints what was done and what a
// person has to mend; a row refused anywhere is an error.
absl::Status ImportWhat(Session& session, SheetOptions options,
                        const std::vector<std::string>& what);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_IMPORT_COMMAND_H_
