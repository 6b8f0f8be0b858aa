#include "tools/rsnmsctl/sheet_book.h"

#include <charconv>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::sheet {
namespace {

constexpr int64_t kMaxSmallPart = 64 << 20;
constexpr int64_t kMaxStringsPart = int64_t{1} << 30;

int Number(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Relationships: id or kind → part.
class Relations : public XmlVisitor {
 public:
  explicit Relations(std::string base) : base_(std::move(base)) {}
  void Start(std::string_view name, const char** attributes) override {
    if (name != "Relationship") return;
    std::string target(Attribute(attributes, "Target"));
    if (target.starts_with("/")) {
      target.erase(0, 1);
    } else {
      target = base_ + target;
    }
    const std::string type(Attribute(attributes, "Type"));
    by_id[std::string(Attribute(attributes, "Id"))] = target;
    by_kind[type.substr(type.rfind('/') + 1)] = target;
  }
  void End(std::string_view) override {}
  void Text(std::string_view) override {}
  std::map<std::string, std::string> by_id, by_kind;

 private:
  std::string base_;
};

struct SheetEntry {
  std::string title, relation;
  bool hidden = false;
};

class Workbook : public XmlVisitor {
 public:
  void Start(std::string_view name, const char** attributes) override {
    if (name == "workbookPr") {
      const std::string_view since = Attribute(attributes, "date1904");
      since_1904 = since == "1" || since == "true";
    }
    if (name != "sheet") return;
    const std::string_view state = Attribute(attributes, "state");
    sheets.push_back({std::string(Attribute(attributes, "name")),
                      std::string(Attribute(attributes, "id")),
                      !state.empty() && state != "visible"});
  }
  void End(std::string_view) override {}
  void Text(std::string_view) override {}
  std::vector<SheetEntry> sheets;
  bool since_1904 = false;
};

class Strings : public XmlVisitor {
 public:
  explicit Strings(SharedStrings* out) : out_(out) {}
  void Start(std::string_view name, const char**) override {
    text_ |= name == "t";
    phonetic_ |= name == "rPh";
  }
  void End(std::string_view name) override {
    if (name == "t") text_ = false;
    if (name == "rPh") phonetic_ = false;
    if (name == "si" && !out_->too_large()) out_->EndString();
  }
  void Text(std::string_view text) override {
    if (text_ && !phonetic_ && !out_->too_large()) out_->Append(text);
  }

 private:
  SharedStrings* out_;
  bool text_ = false, phonetic_ = false;
};

class Styles : public XmlVisitor {
 public:
  explicit Styles(std::vector<bool>* dates) : dates_(dates) {}
  void Start(std::string_view name, const char** attributes) override {
    if (name == "numFmt") {
      custom_[Number(Attribute(attributes, "numFmtId"))] =
          IsDateFormat(Attribute(attributes, "formatCode"));
    }
    if (name == "cellXfs") inside_ = true;
    if (name != "xf" || !inside_) return;
    const int id = Number(Attribute(attributes, "numFmtId"));
    const auto custom = custom_.find(id);
    dates_->push_back(custom != custom_.end() ? custom->second : IsBuiltInDate(id));
  }
  void End(std::string_view name) override {
    if (name == "cellXfs") inside_ = false;
  }
  void Text(std::string_view) override {}

 private:
  static bool IsBuiltInDate(int id) {
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
           (id >= 50 && id <= 54) || id == 57 || id == 58;
  }
  std::vector<bool>* dates_;
  std::map<int, bool> custom_;
  bool inside_ = false;
};

absl::Status NotXlsx(const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(what,
                                                 ": откройте файл и сохраните как «Книга "
                                                 "Excel (*.xlsx)» или «CSV UTF-8»"));
}

absl::StatusOr<std::string> WorkbookPart(zip_t* archive) {
  Relations top("");
  const auto status = ReadXml(archive, "_rels/.rels", &top, kMaxSmallPart);
  if (absl::IsNotFound(status)) {
    return NotXlsx(zip_name_locate(archive, "mimetype", 0) >= 0 ? "это таблица OpenDocument (ODS)"
                                                                : "это архив, но не книга Excel");
  }
  if (!status.ok()) return status;
  const auto part = top.by_kind.find("officeDocument");
  if (part == top.by_kind.end()) return NotXlsx("это архив, но не книга Excel");
  if (absl::EndsWith(part->second, ".bin")) return NotXlsx("это двоичная книга Excel (XLSB)");
  return part->second;
}

absl::StatusOr<SheetEntry> ChooseSheet(const Workbook& workbook, const std::string& asked) {
  std::vector<std::string> titles;
  for (const SheetEntry& sheet : workbook.sheets) {
    if (asked.empty() ? !sheet.hidden : Fold(sheet.title) == Fold(asked)) return sheet;
    titles.push_back("«" + sheet.title + "»");
  }
  if (asked.empty()) return absl::InvalidArgumentError("в книге нет ни одного видимого листа");
  return absl::InvalidArgumentError(
      absl::StrCat("в книге нет листа «", asked, "»; есть: ", absl::StrJoin(titles, ", ")));
}

// A part a book may do without.
absl::Status ReadOptional(zip_t* archive, const Relations& relations, const std::string& kind,
                          XmlVisitor* visitor, int64_t max_bytes) {
  const auto part = relations.by_kind.find(kind);
  if (part == relations.by_kind.end()) return absl::OkStatus();
  const auto status = ReadXml(archive, part->second, visitor, max_bytes);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

bool IsDateFormat(std::string_view format) {
  bool quoted = false, bracket = false, day = false, time = false, month = false, number = false;
  for (size_t i = 0; i < format.size(); ++i) {
    const char c = static_cast<char>(format[i] | 0x20);
    if (format[i] == '"') quoted = !quoted;
    if (format[i] == '[' && !quoted) bracket = true;
    if (format[i] == ';' && !quoted) break;  // the part for negative numbers
    if (!quoted && !bracket) {
      if (format[i] == '\\' || format[i] == '_' || format[i] == '*') {
        ++i;
        continue;
      }
      day |= c == 'd' || c == 'y';
      month |= c == 'm';
      time |= c == 'h' || c == 's';
      number |= format[i] == '0' || format[i] == '#';
    }
    if (format[i] == ']') bracket = false;
  }
  return day || (month && !time && !number);
}

absl::Status ReadBook(zip_t* archive, const std::string& sheet, Book* book) {
  const auto part = WorkbookPart(archive);
  if (!part.ok()) return part.status();
  const size_t slash = part->rfind('/');
  const std::string folder = slash == std::string::npos ? "" : part->substr(0, slash + 1);
  Workbook workbook;
  if (auto s = ReadXml(archive, *part, &workbook, kMaxSmallPart); !s.ok()) return s;
  Relations relations(folder);
  const std::string beside = absl::StrCat(folder, "_rels/", part->substr(folder.size()), ".rels");
  if (auto s = ReadXml(archive, beside, &relations, kMaxSmallPart); !s.ok()) return s;
  const auto chosen = ChooseSheet(workbook, sheet);
  if (!chosen.ok()) return chosen.status();
  book->sheet_title = chosen->title;
  book->sheet_part = relations.by_id[chosen->relation];
  for (const SheetEntry& entry : workbook.sheets) book->shown_sheets += !entry.hidden;
  book->since_1904 = workbook.since_1904;
  Styles styles(&book->date_styles);
  if (auto s = ReadOptional(archive, relations, "styles", &styles, kMaxSmallPart); !s.ok())
    return s;
  Strings strings(&book->strings);
  if (auto s = ReadOptional(archive, relations, "sharedStrings", &strings, kMaxStringsPart);
      !s.ok())
    return s;
  if (book->strings.too_large()) {
    return absl::InvalidArgumentError(
        "в книге слишком много текста для одного файла: разделите её на части или сохраните как "
        "CSV");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::sheet
