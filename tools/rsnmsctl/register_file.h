// The federal register from a file: CSV, XLSX or JSON, sent the way every run of mirroring goes.
#ifndef RSNMS_TOOLS_RSNMSCTL_REGISTER_FILE_H_
#define RSNMS_TOOLS_RSNMSCTL_REGISTER_FILE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::ctl {

struct RegisterFile {
  std::string region = "86", path = {};
  bool partial = false;    // the file holds some entries, not the whole register
  bool ask_again = false;  // about a shrink that was rejected before
  sheet::OpenOptions open = {};
};

// Hands out the entries: lines of protobuf JSON (rsnms.federal.v1.Programme), or rows of a table
// whose headings are fields of the contract or their Russian words. INVALID_ARGUMENT, in Russian
// and with the row, for a cell that means nothing, merged cells, formulas without a value, headings
// without a number or a title.
absl::Status ReadRegisterFile(const std::string& path, const sheet::OpenOptions& open,
                              const std::function<void(federal::v1::Programme)>& each);

// Sends the file, which is read to its end before anything is sent, and answers the run it began.
absl::StatusOr<programs::v1::RegisterSync> LoadRegister(Session& session, const RegisterFile& file);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_REGISTER_FILE_H_
