// Tables as people keep them: CSV and XLSX, read and written row by row.
//
// Whatever the file is (encoding, separator, Excel's ways with dates), a reader hands out rows of
// text. Memory is bounded: rows are streamed, only an XLSX's shared strings are kept, and those
// have a limit. A file that cannot be trusted as a whole (cut, damaged, a bomb) ends in
// INVALID_ARGUMENT with a Russian message that says what to do; a cell or row that cannot be taken
// carries its flaw, so that all of them are reported at once.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rsnms::sheet {

inline constexpr size_t kMaxColumns = 256;
inline constexpr size_t kMaxCellBytes = 128 << 10;  // Excel allows 32 767 characters
inline constexpr size_t kMaxRecordBytes = 1 << 20;  // longer: a quote that was never closed

// What is wrong, and what a person does about it; both in Russian. Empty: nothing is.
struct Flaw {
  std::string what, mend;
  bool found() const { return !what.empty(); }
};

struct Cell {
  // What the file itself says; CSV knows only text.
  enum class Kind { kText, kNumber, kDate, kBool };
  std::string text;  // dates are `2024-09-01` (with `T13:30:00` when the cell holds a time)
  Kind kind = Kind::kText;
  Flaw flaw;
};

struct Row {
  int64_t number = 0;  // as a spreadsheet numbers it, from 1
  std::vector<Cell> cells;
  Flaw flaw;

  bool IsBlank() const {
    for (const Cell& cell : cells) {
      if (!cell.text.empty() || cell.flaw.found()) return false;
    }
    return !flaw.found();
  }
};

// Cells joined into one: Excel shows the first one's value, the others are empty.
struct Merge {
  std::string range;  // `A2:A5`
  int64_t first_row = 0, last_row = 0;
};

class Reader {
 public:
  virtual ~Reader() = default;
  // The next row that is not blank; false at the end.
  virtual absl::StatusOr<bool> Next(Row* row) = 0;
  // Known when the end was reached.
  virtual const std::vector<Merge>& merges() const = 0;
  // Every row must have as many cells as the header: fewer mean a cut or misquoted file.
  virtual bool fixed_width() const = 0;
  // What the reader decided and a person may want to know: encoding, sheet, formulas.
  virtual std::vector<std::string> notes() const = 0;
};

struct OpenOptions {
  std::string sheet = {};     // XLSX: name of the sheet; empty takes the first that is shown
  std::string encoding = {};  // CSV: utf-8, cp1251, cp866, koi8-r, utf-16; empty finds out
  char delimiter = 0;         // CSV: 0 finds out
};

// The content decides what the file is, its name only helps to explain.
absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path, const OpenOptions& options);
absl::StatusOr<std::unique_ptr<Reader>> OpenCsv(const std::string& path,
                                                const OpenOptions& options);
absl::StatusOr<std::unique_ptr<Reader>> OpenXlsx(const std::string& path,
                                                 const OpenOptions& options);

// `A`, `Z`, `AA` for 0, 25, 26.
std::string ColumnLetters(size_t column);

// Whether a spreadsheet would take the text for a formula, or for a text kept from that by an
// apostrophe. CSV is written with one more apostrophe then, and read with one less.
bool NeedsGuard(std::string_view text);

class Writer {
 public:
  virtual ~Writer() = default;
  // The first row is the header. Kinds choose how a spreadsheet shows the cell.
  virtual absl::Status Add(const std::vector<Cell>& cells) = 0;
  // The file appears under its name only now: a broken export leaves none.
  virtual absl::Status Finish() = 0;
};

// CSV that Russian Excel opens by a double click: UTF-8 with BOM, semicolons, CRLF. The file is
// readable by its owner only.
absl::StatusOr<std::unique_ptr<Writer>> CreateCsv(const std::string& path);
absl::StatusOr<std::unique_ptr<Writer>> CreateXlsx(const std::string& path,
                                                   const std::string& sheet);

}  // namespace rsnms::sheet

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_H_
