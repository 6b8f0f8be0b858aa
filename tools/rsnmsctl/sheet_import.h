// Tables into the registry and out of it.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_IMPORT_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_IMPORT_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet.h"
#include "tools/rsnmsctl/sheet_memory.h"
#include "tools/rsnmsctl/sheet_report.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {

// Whether a file holds resources in protobuf JSON rather than a table: by its first sign.
bool HoldsJson(const std::string& path);

struct SheetOptions {
  std::string region = "86", collection = {}, path = {};
  bool skip_bad = false;               // load what is right; otherwise one wrong row stops all
  bool validate_only = false;          // only tell what would be done
  std::vector<std::string> maps = {};  // ЗАГОЛОВОК=СТОЛБЕЦ
  std::string map_file = {};
  std::string report = {};  // file for the findings; empty: the screen alone
  sheet::OpenOptions open = {};
  int64_t header_row = 0;  // 0: found among the first rows
  bool only_read = false;  // judge headings and cells alone; the registry is not asked
  // Rows of one call when the file is loaded by chunks; 0: the whole file in one call.
  int64_t chunk = 0;
  std::string journal = {};  // how far it has come; empty: the file's path with `.progress`
  // Asked after each chunk with the last row taken; false stops, as a cut would.
  std::function<bool(int64_t row)> go_on = {};
};

struct SheetOutcome {
  Loaded loaded;         // what was done, or would have been when nothing was written
  int64_t deferred = 0;  // of a dry run: rows about records that only this command would create
  bool written = false;  // the registry took the good rows
  bool usable = true;    // false: the headings are wrong or cells merged, `skip_bad` or not
  Findings findings;
  std::vector<std::string> notes;
};

// Loads a CSV or XLSX file. Nothing is sent before the whole file was read and judged; what is sent
// goes in one Import, so that a cut leaves nothing half-loaded, and repeating the command changes
// nothing that is already right. The request_id is that of this run: a call whose answer was lost
// is repeated with it, while a file loaded again later is a new request (the registry may have
// changed since, and yesterday's answer would be wrong).
//
// With `chunk`, each chunk is a call and a transaction of its own, and the journal tells the next
// run of the same file, read in the same way, where to go on. Rows the registry answered for are
// not sent again. A chunk whose answer was lost is: rows equal to what is stored change nothing.
// All or nothing is then true of each chunk: the first with a bad row ends the load, what came
// before stays.
//
// An error is of the file or the service as a whole; what is wrong with rows is in the outcome.
// Without `skip_bad`, an outcome with rejected rows means that nothing was changed.
absl::StatusOr<SheetOutcome> ImportSheet(Session& session, const SheetOptions& options);
// The same with what earlier files of the command taught.
absl::StatusOr<SheetOutcome> ImportSheet(Session& session, const SheetOptions& options,
                                         Memory& memory);

struct ExportOptions {
  std::string region = "86", collection = {}, path = {}, filter = {};
};
// Writes the region's records in the columns an import reads; the name's ending says CSV or XLSX.
// Answers how many. Importing the file into an empty region gives the same records.
absl::StatusOr<int64_t> ExportSheet(Session& session, const ExportOptions& options);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_IMPORT_H_
