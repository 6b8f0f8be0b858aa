// What people see: tables, progress of long work, and errors explained in Russian.
#ifndef RSNMS_TOOLS_RSNMSCTL_SCREEN_H_
#define RSNMS_TOOLS_RSNMSCTL_SCREEN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace rsnms::ctl {

// A table with aligned columns; widths count code points.
class Table {
 public:
  explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  void Print() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// A line on stderr that shows how far long work has come; silent when stderr is not a terminal, but
// for the last line.
class Progress {
 public:
  Progress(std::string title, int64_t total);  // total 0: unknown
  ~Progress();
  void Set(int64_t done);
  void Add(int64_t more) { Set(done_ + more); }

 private:
  void Draw(bool last);
  std::string title_;
  int64_t total_, done_ = 0;
  absl::Time begin_, drawn_;
  bool terminal_;
};

// Code points of a UTF-8 text.
size_t Width(std::string_view text);

// The error as a person needs it: the Russian text, the fields with what is wrong, and where to
// look further.
std::string Explain(const absl::Status& status);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_SCREEN_H_
