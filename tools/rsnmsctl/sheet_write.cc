// Writing: both forms are built beside the target and renamed when whole.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::sheet {
namespace {

constexpr int64_t kMaxRows = 1'048'576;
constexpr size_t kMaxText = 32'767;

absl::Status Rename(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  std::remove(from.c_str());
  return absl::PermissionDeniedError("не записать файл " + to);
}

// Creates the file under its temporary name, for its owner alone.
int CreateOwn(const std::string& path) {
  std::remove(path.c_str());
  return open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, S_IRUSR | S_IWUSR);
}

class CsvWriter : public Writer {
 public:
  CsvWriter(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {
    std::fputs("\xEF\xBB\xBF", file_);
  }
  ~CsvWriter() override {
    if (file_ == nullptr) return;
    std::fclose(file_);
    std::remove((path_ + ".part").c_str());
  }

  absl::Status Add(const std::vector<Cell>& cells) override {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line.push_back(';');
      Append(&line, Text(cells[i]));
    }
    line.append("\r\n");
    if (std::fwrite(line.data(), 1, line.size(), file_) == line.size()) return absl::OkStatus();
    return absl::ResourceExhaustedError("не записать файл: на диске нет места");
  }
  absl::Status Finish() override {
    const bool written = std::fflush(file_) == 0 && fsync(fileno(file_)) == 0;
    std::fclose(file_);
    file_ = nullptr;
    if (!written) return absl::ResourceExhaustedError("не записать файл: на диске нет места");
    return Rename(path_ + ".part", path_);
  }

 private:
  // Dates and fractions as Russian Excel reads them.
  static std::string Text(const Cell& cell) {
    const std::string& t = cell.text;
    if (cell.kind == Cell::Kind::kDate && t.size() == 10)
      return absl::StrCat(t.substr(8, 2), ".", t.substr(5, 2), ".", t.substr(0, 4));
    if (cell.kind == Cell::Kind::kNumber) return absl::StrReplaceAll(t, {{".", ","}});
    return NeedsGuard(t) ? "'" + t : t;
  }
  static void Append(std::string* line, const std::string& text) {
    const bool plain = text.find_first_of(";\"\r\n,\t") == std::string::npos &&
                       (text.empty() || (text.front() != ' ' && text.back() != ' '));
    if (plain) {
      line->append(text);
    } else {
      absl::StrAppend(line, "\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
    }
  }

  std::string path_;
  std::FILE* file_;
};

// What XLSX would read as an escape (`_x0041_` is `A`) is written as text.
std::string Escape(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text.compare(i, 2, "_x") == 0 && i + 6 < text.size() &&
                        text[i + 6] == '_' &&
                        std::all_of(text.begin() + static_cast<int64_t>(i) + 2,
                                    text.begin() + static_cast<int64_t>(i) + 6,
                                    [](char c) { return absl::ascii_isxdigit(c); });
    out += escape ? "_x005F_" : std::string(1, text[i]);
  }
  return out;
}

class XlsxWriter : public Writer {
 public:
  XlsxWriter(std::string path, const std::string& sheet) : path_(std::move(path)) {
    lxw_workbook_options options = {};
    options.constant_memory = LXW_TRUE;
    book_ = workbook_new_opt((path_ + ".part").c_str(), &options);
    sheet_ = workbook_add_worksheet(book_, sheet.c_str());
    header_ = workbook_add_format(book_);
    format_set_bold(header_);
    format_set_text_wrap(header_);
    text_ = workbook_add_format(book_);
    format_set_num_format(text_, "@");
    date_ = workbook_add_format(book_);
    format_set_num_format(date_, "dd.mm.yyyy");
    worksheet_freeze_panes(sheet_, 1, 0);
  }
  ~XlsxWriter() override {
    if (book_ == nullptr) return;
    workbook_close(book_);
    std::remove((path_ + ".part").c_str());
  }

  absl::Status Add(const std::vector<Cell>& cells) override {
    if (row_ >= kMaxRows) {
      return absl::OutOfRangeError(
          "на листе Excel помещается 1 048 576 строк: сузьте --filter или выгрузите в CSV");
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].text.empty()) continue;
      if (auto s = Put(static_cast<lxw_col_t>(i), cells[i]); !s.ok()) return s;
    }
    if (row_++ == 0) Dress(cells);
    return absl::OkStatus();
  }
  absl::Status Finish() override {
    const lxw_error error = workbook_close(book_);
    book_ = nullptr;
    if (error != LXW_NO_ERROR) {
      std::remove((path_ + ".part").c_str());
      return absl::ResourceExhaustedError(
          absl::StrCat("не записать файл ", path_, ": ", lxw_strerror(error)));
    }
    return Rename(path_ + ".part", path_);
  }

 private:
  void Dress(const std::vector<Cell>& cells) {
    for (size_t i = 0; i < cells.size(); ++i) {
      const auto column = static_cast<lxw_col_t>(i);
      worksheet_set_column(sheet_, column, column, i == 0 ? 12 : 24, nullptr);
    }
  }
  absl::Status Put(lxw_col_t column, const Cell& cell) {
    const auto row = static_cast<lxw_row_t>(row_);
    if (row_ == 0) {
      return Check(worksheet_write_string(sheet_, row, column, Escape(cell.text).c_str(), header_));
    }
    if (cell.kind == Cell::Kind::kDate && cell.text.size() == 10 && cell.text >= "1900-03-01") {
      lxw_datetime day = {};
      const char* t = cell.text.data();
      std::from_chars(t, t + 4, day.year);
      std::from_chars(t + 5, t + 7, day.month);
      std::from_chars(t + 8, t + 10, day.day);
      return Check(worksheet_write_datetime(sheet_, row, column, &day, date_));
    }
    double number = 0;
    if (cell.kind == Cell::Kind::kNumber && cell.text.size() <= 15) {
      std::from_chars(cell.text.data(), cell.text.data() + cell.text.size(), number);
      return Check(worksheet_write_number(sheet_, row, column, number, nullptr));
    }
    if (cell.text.size() > kMaxText * 4) return Check(LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED);
    return Check(worksheet_write_string(sheet_, row, column, Escape(cell.text).c_str(), text_));
  }
  absl::Status Check(lxw_error error) const {
    if (error == LXW_NO_ERROR) return absl::OkStatus();
    return absl::OutOfRangeError(absl::StrCat("строка ", row_ + 1, " не помещается в XLSX (",
                                              lxw_strerror(error), "): выгрузите в CSV"));
  }

  std::string path_;
  lxw_workbook* book_;
  lxw_worksheet* sheet_;
  lxw_format *header_, *text_, *date_;
  int64_t row_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Writer>> CreateCsv(const std::string& path) {
  const int descriptor = CreateOwn(path + ".part");
  std::FILE* file = descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
  if (file == nullptr) return absl::PermissionDeniedError("не создать файл " + path);
  return std::make_unique<CsvWriter>(path, file);
}

absl::StatusOr<std::unique_ptr<Writer>> CreateXlsx(const std::string& path,
                                                   const std::string& sheet) {
  // The library opens the file anew when it closes the book; the mode stays.
  const int descriptor = CreateOwn(path + ".part");
  if (descriptor < 0) return absl::PermissionDeniedError("не создать файл " + path);
  close(descriptor);
  return std::make_unique<XlsxWriter>(path, sheet);
}

}  // namespace rsnms::sheet
