// How far a load by chunks has come, kept beside its file: a load that was cut goes on where it was
// cut, in another run too.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_JOURNAL_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_JOURNAL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::ctl {

// Rows up to which the registry has answered that it took them, and what it did with them.
struct Mark {
  int64_t row = 0;  // of the file; 0: nothing was taken
  Loaded loaded;
};

// A text file: what is loaded (fingerprints of the file and of how it is read), then a line for
// each chunk taken, on the disk before the next chunk is sent. Holds no value of any cell.
class SheetJournal {
 public:
  // `how` tells loads of one file apart: collection, region, mappings. A journal of another file,
  // or of the same read otherwise, is begun anew; a last line cut short does not count.
  static absl::StatusOr<SheetJournal> Open(const std::string& path, const std::string& file,
                                           const std::string& how);

  const Mark& mark() const { return mark_; }
  // The journal is of this load and has a mark.
  bool continues() const { return mark_.row > 0; }
  // Notes that the rows up to `mark.row` were taken.
  absl::Status Take(const Mark& mark);
  // The load is complete: removes the journal.
  absl::Status Close();

 private:
  std::string path_;
  Mark mark_;
};

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_JOURNAL_H_
