// XLSX, row by row: the sheet's XML is inflated and parsed in pieces, rows wait until taken.
//
// Formulas are not computed: the value Excel stored with them is taken, as a person sees it; a
// formula without one is refused.
#include <charconv>
#include <cmath>
#include <deque>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/rsnmsctl/sheet.h"
#include "tools/rsnmsctl/sheet_book.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::sheet {
namespace {

constexpr int64_t kMaxRow = 1'048'576;
constexpr size_t kMaxMerges = 10'000;

// `BC12` → column 54 (from 0), row 12. Missing parts stay as they were.
void ParseReference(std::string_view text, size_t* column, int64_t* row) {
  size_t at = 0, letters = 0;
  for (; at < text.size() && at < 3 && text[at] >= 'A' && text[at] <= 'Z'; ++at)
    letters = letters * 26 + (text[at] - 'A' + 1);
  if (letters > 0) *column = letters - 1;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number);
  if (error == std::errc() && number > 0) *row = number;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Characters XML cannot hold stand as `_x000D_`. Those beyond ASCII never need it.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int code = -1;
    if (text.size() - i >= 7 && text[i] == '_' && text[i + 1] == 'x' && text[i + 6] == '_') {
      code = 0;
      for (size_t j = i + 2; j < i + 6; ++j) {
        const int digit = HexDigit(text[j]);
        code = code < 0 || digit < 0 ? -1 : code * 16 + digit;
      }
    }
    if (code > 0 && code < 0x80) {
      out.push_back(static_cast<char>(code));
      i += 6;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// A number as a person reads it: without an exponent, with the 15 digits Excel vouches for.
std::string PlainNumber(std::string_view text, double value) {
  if (text.find_first_not_of("0123456789") == std::string_view::npos && text.size() <= 15)
    return std::string(text);
  if (std::abs(value) < 1e15 && value == std::floor(value))
    return absl::StrFormat("%d", static_cast<int64_t>(value));
  std::string digits = absl::StrFormat("%.15g", value);
  if (digits.find('e') == std::string::npos) return digits;
  digits = absl::StrFormat("%.15f", value);
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return digits;
}

// Gathers rows of a sheet as its XML goes by.
class SheetVisitor : public XmlVisitor {
 public:
  explicit SheetVisitor(const Book* book) : book_(book) {}

  std::deque<Row> ready;
  std::vector<Merge> merges;
  int64_t formulas = 0;
  absl::Status status;

  void Start(std::string_view name, const char** attributes) override {
    if (name == "row") {
      StartRow(attributes);
    } else if (name == "c") {
      StartCell(attributes);
    } else if (name == "f") {
      formula_ = true;
    } else if (name == "v") {
      has_value_ = true;
      collecting_ = true;
    } else if (name == "t" && type_ == "inlineStr") {
      collecting_ = !phonetic_;
    } else if (name == "rPh") {
      phonetic_ = true;
    } else if (name == "mergeCell") {
      AddMerge(Attribute(attributes, "ref"));
    }
  }
  void End(std::string_view name) override {
    if (name == "v" || name == "t") collecting_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "c") EndCell();
    if (name == "row" && !row_.IsBlank()) ready.push_back(std::move(row_));
  }
  void Text(std::string_view text) override {
    if (!collecting_) return;
    if (value_.size() <= kMaxCellBytes) value_.append(text);
  }

 private:
  void StartRow(const char** attributes) {
    size_t unused = 0;
    int64_t number = number_ + 1;
    ParseReference(Attribute(attributes, "r"), &unused, &number);
    if ((number <= number_ || number > kMaxRow) && status.ok()) {
      status = absl::InvalidArgumentError(
          absl::StrCat("файл XLSX повреждён: строки листа идут не по порядку (", number, " после ",
                       number_, ")"));
    }
    number_ = number;
    next_column_ = 0;
    row_ = Row();
    row_.number = number_;
  }

  void StartCell(const char** attributes) {
    int64_t unused = 0;
    column_ = next_column_;
    ParseReference(Attribute(attributes, "r"), &column_, &unused);
    next_column_ = column_ + 1;
    type_ = std::string(Attribute(attributes, "t"));
    const std::string_view style = Attribute(attributes, "s");
    size_t number = 0;
    std::from_chars(style.data(), style.data() + style.size(), number);
    date_ = number < book_->date_styles.size() && book_->date_styles[number];
    value_.clear();
    formula_ = has_value_ = false;
  }

  void EndCell() {
    const bool inline_text = type_ == "inlineStr";
    if (value_.empty() && !formula_) return;
    Cell cell;
    if (formula_ && !has_value_ && !inline_text) {
      cell.flaw = {"формула без сохранённого значения",
                   "откройте файл в Excel и сохраните или вставьте значение вместо формулы"};
    } else {
      formulas += formula_;
      Convert(&cell);
    }
    if (column_ >= kMaxColumns) {
      row_.flaw = {absl::StrCat("заполнен столбец ", ColumnLetters(column_),
                                ", а столбцов бывает не больше ", kMaxColumns),
                   "удалите лишнее справа от таблицы"};
      return;
    }
    if (column_ >= row_.cells.size()) row_.cells.resize(column_ + 1);
    row_.cells[column_] = std::move(cell);
  }

  void Convert(Cell* cell) {
    if (value_.size() > kMaxCellBytes) {
      cell->flaw = {"слишком длинный текст", "в ячейке помещается 32 767 знаков"};
    } else if (type_ == "s") {
      size_t index = 0;
      const auto [end, error] =
          std::from_chars(value_.data(), value_.data() + value_.size(), index);
      if (error == std::errc() && index < book_->strings.size()) {
        const std::string_view text = book_->strings.at(index);
        cell->text = Unescape(text.substr(0, kMaxCellBytes));
      } else {
        cell->flaw = {"ячейка ссылается на текст, которого в файле нет",
                      "файл повреждён: откройте его в Excel и сохраните заново"};
      }
    } else if (type_ == "str" || type_ == "inlineStr") {
      cell->text = Unescape(value_);
    } else if (type_ == "b") {
      cell->kind = Cell::Kind::kBool;
      cell->text = value_ == "1" ? "да" : "нет";
    } else if (type_ == "e") {
      cell->flaw = {"в ячейке ошибка Excel", "исправьте формулу или вставьте значение"};
    } else if (type_ == "d") {
      cell->kind = Cell::Kind::kDate;
      cell->text = value_;
    } else {
      ConvertNumber(cell);
    }
  }

  void ConvertNumber(Cell* cell) {
    double number = 0;
    const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), number);
    if (error != std::errc() || end != value_.data() + value_.size() || !std::isfinite(number) ||
        std::abs(number) >= 1e16) {
      cell->flaw = {"число не читается или в нём больше 15 знаков",
                    "задайте ячейке текстовый формат и введите значение заново"};
      return;
    }
    cell->kind = date_ ? Cell::Kind::kDate : Cell::Kind::kNumber;
    if (!date_) {
      cell->text = PlainNumber(value_, number);
      return;
    }
    const auto day = DateOfSerial(number, book_->since_1904);
    if (day) {
      cell->text = *day;
    } else {
      cell->flaw = {"такой даты нет", "введите дату вида 01.09.2024"};
    }
  }

  void AddMerge(std::string_view range) {
    if (merges.size() >= kMaxMerges) return;
    Merge merge{std::string(range)};
    size_t column = 0;
    const size_t colon = range.find(':');
    ParseReference(range.substr(0, colon), &column, &merge.first_row);
    merge.last_row = merge.first_row;
    if (colon != std::string_view::npos)
      ParseReference(range.substr(colon + 1), &column, &merge.last_row);
    merges.push_back(std::move(merge));
  }

  const Book* book_;
  Row row_;
  int64_t number_ = 0;
  size_t column_ = 0, next_column_ = 0;
  std::string type_, value_;
  bool date_ = false, formula_ = false, has_value_ = false, collecting_ = false, phonetic_ = false;
};

class XlsxReader : public Reader {
 public:
  explicit XlsxReader(Zip archive) : archive_(std::move(archive)), visitor_(&book_) {}

  absl::Status Start(const std::string& sheet) {
    auto status = ReadBook(archive_.get(), sheet, &book_);
    if (!status.ok() && !absl::IsNotFound(status)) return status;
    auto part = status.ok() ? ZipPart::Open(archive_.get(), book_.sheet_part) : status;
    if (!part.ok()) {
      if (!absl::IsNotFound(part.status())) return part.status();
      return absl::InvalidArgumentError(
          "файл XLSX повреждён: в нём нет листа. Откройте его в Excel и сохраните заново");
    }
    pump_ = std::make_unique<XmlPump>(*std::move(part), &visitor_);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(Row* row) override {
    while (visitor_.ready.empty()) {
      const auto more = pump_->Step();
      if (!more.ok()) return more.status();
      if (!visitor_.status.ok()) return visitor_.status;
      if (!*more) return false;
    }
    *row = std::move(visitor_.ready.front());
    visitor_.ready.pop_front();
    return true;
  }
  const std::vector<Merge>& merges() const override { return visitor_.merges; }
  bool fixed_width() const override { return false; }
  std::vector<std::string> notes() const override {
    std::vector<std::string> notes = {"XLSX, лист «" + book_.sheet_title + "»"};
    if (book_.shown_sheets > 1) {
      notes.push_back(absl::StrCat("в книге листов: ", book_.shown_sheets,
                                   "; прочитан только этот, другой выбирают через --sheet"));
    }
    if (visitor_.formulas > 0) {
      notes.push_back(
          absl::StrCat("формул: ", visitor_.formulas, "; взяты значения, которые сохранил Excel"));
    }
    return notes;
  }

 private:
  Zip archive_;
  Book book_;
  SheetVisitor visitor_;
  std::unique_ptr<XmlPump> pump_;  // ends before the archive it reads
};

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> OpenXlsx(const std::string& path,
                                                 const OpenOptions& options) {
  auto archive = OpenZip(path);
  if (!archive.ok()) return archive.status();
  auto reader = std::make_unique<XlsxReader>(*std::move(archive));
  if (auto s = reader->Start(options.sheet); !s.ok()) return s;
  return reader;
}

}  // namespace rsnms::sheet
