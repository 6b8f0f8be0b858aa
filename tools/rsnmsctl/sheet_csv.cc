// CSV as it comes in life: any separator, quotes round what needs them, newlines inside.
#include <array>
#include <cstdio>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/rsnmsctl/sheet.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::sheet {
namespace {

constexpr size_t kSample = 64 << 10;
constexpr int kSampleRecords = 20;
constexpr std::array<char, 4> kDelimiters = {';', ',', '\t', '|'};

const char* DelimiterTitle(char delimiter) {
  switch (delimiter) {
    case ';':
      return "точка с запятой";
    case ',':
      return "запятая";
    case '\t':
      return "табуляция";
    default:
      return "вертикальная черта";
  }
}

// How many cells each of the first records of `text` has when cut at `delimiter`. The last record
// may be cut by the end of the sample and is left out.
std::vector<int> Widths(std::string_view text, char delimiter) {
  std::vector<int> widths;
  int width = 1;
  bool quoted = false, fresh = true;  // fresh: at the beginning of a cell
  for (const char c : text) {
    if (quoted) {
      quoted = c != '"';
    } else if (c == '"' && fresh) {
      quoted = true;
    } else if (c == '\n') {
      widths.push_back(width);
      if (widths.size() == kSampleRecords) break;
      width = 1;
    } else if (c == delimiter) {
      ++width;
    }
    fresh = !quoted && (c == delimiter || c == '\n');
  }
  if (widths.empty()) widths.push_back(width);
  return widths;
}

// The separator that cuts most records into the same number of cells, more than one.
char GuessDelimiter(std::string_view text) {
  char best = ';';
  int best_score = 0;
  for (const char delimiter : kDelimiters) {
    std::map<int, int> counts;
    for (const int width : Widths(text, delimiter)) ++counts[width];
    for (const auto& [width, records] : counts) {
      // A separator that keeps its promise in every record beats one that merely occurs.
      const int score = width > 1 ? records * 100 + std::min(width, 90) : 0;
      if (score > best_score) {
        best = delimiter;
        best_score = score;
      }
    }
  }
  return best;
}

class CsvReader : public Reader {
 public:
  static absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path,
                                                      const OpenOptions& options) {
    auto source = OpenText(path, options.encoding);
    if (!source.ok()) return source.status();
    auto reader = std::make_unique<CsvReader>(*std::move(source));
    while (reader->buffer_.size() < kSample && !reader->ended_) {
      if (auto s = reader->Refill(); !s.ok()) return s;
    }
    reader->ChooseDelimiter(options.delimiter);
    return reader;
  }
  explicit CsvReader(std::unique_ptr<TextSource> source) : source_(std::move(source)) {}

  absl::StatusOr<bool> Next(Row* row) override {
    do {
      *row = Row();
      if (Peek() == kEnd) return status_.ok() ? absl::StatusOr<bool>(false) : status_;
      row->number = ++number_;
      ReadRecord(row);
      if (!status_.ok()) return status_;
    } while (row->IsBlank());
    return true;
  }
  const std::vector<Merge>& merges() const override { return merges_; }
  bool fixed_width() const override { return true; }
  std::vector<std::string> notes() const override {
    return {absl::StrCat("CSV, кодировка ", source_->encoding(), ", разделитель — ",
                         DelimiterTitle(delimiter_))};
  }

 private:
  static constexpr int kEnd = -1;

  absl::Status Refill() {
    buffer_.erase(0, at_);
    at_ = 0;
    const auto more = source_->Read(&buffer_);
    if (!more.ok()) return more.status();
    ended_ = !*more;
    return absl::OkStatus();
  }
  // The next byte without taking it.
  int Peek() {
    while (at_ == buffer_.size() && !ended_ && status_.ok()) status_ = Refill();
    return at_ == buffer_.size() || !status_.ok() ? kEnd : static_cast<unsigned char>(buffer_[at_]);
  }
  void Take() { ++at_; }

  // `sep=;` in the first line is Excel's way to name the separator.
  void ChooseDelimiter(char asked) {
    if (absl::StartsWithIgnoreCase(buffer_, "sep=") && buffer_.size() > 5) {
      delimiter_ = buffer_[4];
      const size_t end = buffer_.find('\n');
      at_ = end == std::string::npos ? buffer_.size() : end + 1;
    } else {
      delimiter_ = GuessDelimiter(std::string_view(buffer_).substr(0, kSample));
    }
    if (asked != 0) delimiter_ = asked;
  }

  // True when a line ended here and was taken.
  bool TakeLineEnd() {
    const int c = Peek();
    if (c != '\n' && c != '\r') return false;
    Take();
    if (c == '\r' && Peek() == '\n') Take();
    return true;
  }

  void ReadRecord(Row* row) {
    size_t bytes = 0;
    while (status_.ok()) {
      row->cells.emplace_back();
      if (Peek() == '"') {
        ReadQuoted(row, &bytes);
      } else {
        ReadPlain(row, &bytes);
      }
      Finish(&row->cells.back());
      if (Peek() == kEnd || TakeLineEnd()) return;
      Take();  // the separator
      if (row->cells.size() > 16 * kMaxColumns) {
        status_ = absl::InvalidArgumentError(
            absl::StrCat("строка ", row->number, ": слишком много столбцов; это таблица?"));
      }
    }
  }

  void ReadPlain(Row* row, size_t* bytes) {
    std::string& text = row->cells.back().text;
    for (int c = Peek(); c != kEnd && c != delimiter_ && c != '\n' && c != '\r'; c = Peek()) {
      text.push_back(static_cast<char>(c));
      Take();
      if (TooLong(row, ++*bytes)) return;
    }
  }

  void ReadQuoted(Row* row, size_t* bytes) {
    Cell& cell = row->cells.back();
    Take();
    while (true) {
      const int c = Peek();
      if (c == kEnd) {
        if (status_.ok()) status_ = Unclosed(row->number);
        return;
      }
      Take();
      if (c == '"') {
        if (Peek() != '"') break;
        Take();
      }
      cell.text.push_back(static_cast<char>(c));
      if (TooLong(row, ++*bytes)) return;
    }
    if (const int c = Peek(); c == kEnd || c == delimiter_ || c == '\n' || c == '\r') return;
    ReadPlain(row, bytes);
    if (Clean(cell.text).empty()) return;
    cell.flaw = {"после закрывающей кавычки есть ещё текст",
                 "кавычки внутри ячейки удваивают: \"МБОУ \"\"Школа № 1\"\"\""};
  }

  bool TooLong(const Row* row, size_t bytes) {
    if (bytes > kMaxRecordBytes) status_ = Unclosed(row->number);
    return bytes > kMaxRecordBytes;
  }
  static absl::Status Unclosed(int64_t number) {
    return absl::InvalidArgumentError(absl::StrCat(
        "кавычка, открытая в строке ", number,
        ", нигде не закрыта: файл обрезан или в нём лишняя кавычка. Кавычки внутри ячейки "
        "удваивают"));
  }

  // Formulas are not computed: `="0123"`, Excel's way to keep zeros, is text, others are refused.
  static void Finish(Cell* cell) {
    std::string& text = cell->text;
    if (text.find('\0') != std::string::npos) cell->flaw = {"в ячейке нулевой байт", "удалите его"};
    if (text.size() > kMaxCellBytes) {
      cell->flaw = {"слишком длинный текст", "в ячейке помещается 32 767 знаков"};
    }
    if (NeedsGuard(text) && text[0] == '\'') {
      text.erase(0, 1);
      return;
    }
    if (text.size() < 2 || text[0] != '=') return;
    if (text.size() > 3 && text[1] == '"' && text.back() == '"' &&
        text.find('"', 2) == text.size() - 1) {
      text = text.substr(2, text.size() - 3);
      return;
    }
    cell->flaw = {"в ячейке формула, а CSV не хранит её значения",
                  "вставьте значение вместо формулы или загрузите XLSX"};
  }

  std::unique_ptr<TextSource> source_;
  std::string buffer_;
  size_t at_ = 0;
  bool ended_ = false;
  char delimiter_ = ';';
  int64_t number_ = 0;
  absl::Status status_;
  std::vector<Merge> merges_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> OpenCsv(const std::string& path,
                                                const OpenOptions& options) {
  return CsvReader::Open(path, options);
}

}  // namespace rsnms::sheet
