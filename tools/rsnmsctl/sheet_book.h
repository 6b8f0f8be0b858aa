// What of an XLSX must be known before its rows: sheets, shared strings, which styles are dates.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_BOOK_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_BOOK_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/sheet_zip.h"

namespace rsnms::sheet {

// Shared strings are kept whole, in one piece of memory; more than this is refused.
inline constexpr size_t kMaxSharedBytes = size_t{256} << 20;
inline constexpr size_t kMaxSharedStrings = 8'000'000;

class SharedStrings {
 public:
  void Append(std::string_view text) { bytes_.append(text); }
  void EndString() { ends_.push_back(bytes_.size()); }
  size_t size() const { return ends_.size(); }
  bool too_large() const { return bytes_.size() > kMaxSharedBytes || size() > kMaxSharedStrings; }
  std::string_view at(size_t i) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

struct Book {
  std::string sheet_title, sheet_part;
  int shown_sheets = 0;
  bool since_1904 = false;
  SharedStrings strings;
  std::vector<bool> date_styles;  // by style number
};

// Finds the sheet named `sheet` (empty: the first that is shown) and reads what its cells refer to.
absl::Status ReadBook(zip_t* archive, const std::string& sheet, Book* book);

// Whether a number format (`dd.mm.yyyy`, `[$-419]d mmmm yyyy`) shows a day.
bool IsDateFormat(std::string_view format);

}  // namespace rsnms::sheet

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_BOOK_H_
