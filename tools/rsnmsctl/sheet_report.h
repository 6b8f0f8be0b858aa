// What is wrong with a file, as a person can act on it.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_REPORT_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_REPORT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "rsnms/options/v1/import.pb.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::ctl {

// Values of cells are never repeated: they may be personal data, and reports travel by mail.
struct Finding {
  int64_t row = 0;  // 0: the file as a whole
  std::string column;
  std::string what, mend;
};

class Findings {
 public:
  static constexpr size_t kKept = 10'000;

  void Add(int64_t row, std::string column, const sheet::Flaw& flaw);
  bool empty() const { return rows_.empty(); }
  bool truncated() const { return truncated_; }
  // By row; within a row in the order of finding.
  std::vector<Finding> Sorted() const;

  // A table on the screen, at most 50 lines.
  void Print() const;
  // The same as CSV, all of it.
  absl::Status Write(const std::string& path) const;
  // Of several files, named in the first column.
  static absl::Status Write(const std::string& path,
                            const std::vector<std::pair<std::string, const Findings*>>& files);

 private:
  std::vector<Finding> rows_;
  bool truncated_ = false;
};

// What a person does about a reason the service gave for a row.
std::string MendFor(const options::v1::ImportRowError& error);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_REPORT_H_
