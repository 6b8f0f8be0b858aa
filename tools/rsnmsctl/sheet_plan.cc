#include "tools/rsnmsctl/sheet_plan.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/api/field_behavior.pb.h"
#include "google/api/resource.pb.h"
#include "tools/rsnmsctl/session.h"
#include "tools/rsnmsctl/sheet_text.h"
#include "tools/rsnmsctl/sheet_titles.h"
#include "tools/rsnmsctl/sheet_values.h"

namespace rsnms::ctl {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using sheet::Clean;
using sheet::Fold;

bool Behaves(const FieldDescriptor* field, google::api::FieldBehavior behavior) {
  const auto& options = field->options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    if (options.GetExtension(google::api::field_behavior, i) == behavior) return true;
  }
  return false;
}

// A table says it in each row: an employment that nobody called main would be taken for one beside
// another.
bool MustBeSaid(const FieldDescriptor* field) {
  return field->full_name() == "rsnms.registry.v1.Employment.main";
}

bool IsWritable(const FieldDescriptor* field) {
  return field->name() != "name" && field->name() != "etag" &&
         !Behaves(field, google::api::OUTPUT_ONLY);
}

// Whether a title, folded, heads the column.
bool Heads(const SheetColumn& column, const std::string& key) {
  if (Fold(column.title) == key) return true;
  for (const std::string& synonym : column.synonyms) {
    if (Fold(synonym) == key) return true;
  }
  return column.role == Role::kField && Fold(column.field->name()) == key;
}

const SheetColumn* ColumnHeaded(const std::vector<SheetColumn>& columns, const std::string& key) {
  for (const SheetColumn& column : columns) {
    if (Heads(column, key)) return &column;
  }
  return nullptr;
}

// The column a heading stands for; `known` tells a column left out from one nobody knows.
const SheetColumn* Lookup(const std::string& heading, const std::vector<SheetColumn>& columns,
                          const ColumnMap& map, bool* known) {
  std::string key = Fold(heading);
  const auto mapped = map.find(key);
  *known = true;
  if (mapped != map.end()) {
    if (mapped->second == "-") return nullptr;
    key = Fold(mapped->second);
  }
  const SheetColumn* column = ColumnHeaded(columns, key);
  *known = column != nullptr;
  return column;
}

void AddEmploymentKeys(const Descriptor* resource, std::vector<SheetColumn>* columns) {
  const auto* person = resource->FindFieldByName("person");
  const auto* body = resource->FindFieldByName("organisation");
  columns->push_back({Role::kPersonSnils, person, "СНИЛС работника", {"СНИЛС"}});
  columns->push_back({Role::kPersonTitle, person, "Работник", {"ФИО", "ФИО работника"}});
  columns->push_back({Role::kBodyOgrn, body, "ОГРН организации", {"ОГРН"}});
  columns->push_back({Role::kBodyInn, body, "ИНН организации", {"ИНН"}, false});
  columns->push_back({Role::kBodyTitle,
                      body,
                      "Организация",
                      {"Наименование организации", "Место работы", "Полное наименование"}});
}

// Whether some column gives what the field needs.
bool Provided(const Plan& plan, const FieldDescriptor* field) {
  if (plan.Fills(field)) return true;
  if (field->name() == "post_code") {
    const auto* title = field->containing_type()->FindFieldByName("post_title");
    return title != nullptr && plan.Fills(title);
  }
  return false;
}

bool IsKey(Role role) {
  return role == Role::kPersonSnils || role == Role::kBodyOgrn || role == Role::kBodyInn ||
         role == Role::kBodyTitle;
}

// «Иванова Анна Петровна»: the surname is the first word; what follows the given name is the
// patronymic.
sheet::Flaw SetFullName(Message* person, const std::string& text) {
  const std::vector<std::string> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipWhitespace());
  if (words.size() == 1) return {"в ФИО одно слово", "впишите фамилию, имя и, если есть, отчество"};
  const auto set = [&](const char* name, const std::string& value) {
    const auto* field = person->GetDescriptor()->FindFieldByName(name);
    if (field != nullptr) person->GetReflection()->SetString(person, field, value);
  };
  if (words.empty()) return {};
  set("family_name", words[0]);
  set("given_name", words[1]);
  set("patronymic", absl::StrJoin(words.begin() + 2, words.end(), " "));
  return {};
}

sheet::Flaw SetRecord(Message* message, const std::string& text, const std::string& region) {
  if (text.empty()) return {};
  const std::string collection =
      message->GetDescriptor()->options().GetExtension(google::api::resource).plural();
  const std::string name = NameFrom(collection, text, region);
  if (name.empty())
    return {"это не код записи", "скопируйте код из выгрузки или оставьте ячейку пустой"};
  const auto* field = message->GetDescriptor()->FindFieldByName("name");
  message->GetReflection()->SetString(message, field, name);
  return {};
}

// A common post gives its code. The flaw is of the post's title.
sheet::Flaw FillPostCode(Message* message) {
  const auto* code = message->GetDescriptor()->FindFieldByName("post_code");
  const auto* title = message->GetDescriptor()->FindFieldByName("post_title");
  if (code == nullptr || title == nullptr) return {};
  const auto* reflection = message->GetReflection();
  const std::string text = reflection->GetString(*message, title);
  if (text.empty() || !reflection->GetString(*message, code).empty()) return {};
  const std::string found = PostCodeOf(text);
  if (!found.empty()) return reflection->SetString(message, code, found), sheet::Flaw();
  const auto* name = message->GetDescriptor()->FindFieldByName("name");
  // A record that has its code already keeps it.
  if (!reflection->GetString(*message, name).empty()) return {};
  return {
      "код такой должности неизвестен",
      "впишите его в столбец «Код должности» (номенклатура должностей, например methodologist)"};
}

}  // namespace

std::vector<SheetColumn> ColumnsOf(const std::string& collection, const Descriptor* resource) {
  std::vector<SheetColumn> columns = {
      {Role::kRecord, nullptr, "Код записи", {"Код", "Идентификатор", "id", "name"}}};
  if (collection == "persons") columns.push_back({Role::kFullName, nullptr, "ФИО", {}, false});
  for (int i = 0; i < resource->field_count(); ++i) {
    const auto* field = resource->field(i);
    if (!IsWritable(field)) continue;
    auto titles = TitlesOf(collection, field->name());
    columns.push_back({Role::kField, field, titles.title, std::move(titles.synonyms)});
  }
  if (collection == "employments") AddEmploymentKeys(resource, &columns);
  return columns;
}

absl::Status AddMapping(const std::string& line, ColumnMap* map) {
  const size_t equals = line.rfind('=');
  const std::string from = equals == std::string::npos ? "" : Fold(line.substr(0, equals));
  const std::string to = equals == std::string::npos ? "" : Clean(line.substr(equals + 1));
  if (from.empty() || to.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("не разобрать соответствие «", line,
                                                   "»: нужно ЗАГОЛОВОК=СТОЛБЕЦ или ЗАГОЛОВОК=-"));
  }
  (*map)[from] = to;
  return absl::OkStatus();
}

absl::Status ReadMappings(const std::string& path, ColumnMap* map) {
  const auto source = sheet::OpenText(path, "");
  if (!source.ok()) return source.status();
  std::string text;
  while (true) {
    const auto more = (*source)->Read(&text);
    if (!more.ok()) return more.status();
    if (!*more) break;
    if (text.size() > (1 << 20))
      return absl::InvalidArgumentError("файл соответствий слишком велик");
  }
  for (const auto line : absl::StrSplit(text, '\n')) {
    const std::string clean = Clean(std::string(line));
    if (clean.empty() || clean[0] == '#') continue;
    if (auto s = AddMapping(clean, map); !s.ok()) return s;
  }
  return absl::OkStatus();
}

const SheetColumn* Plan::Find(Role role) const {
  for (const SheetColumn* column : of_file) {
    if (column != nullptr && column->role == role) return column;
  }
  return nullptr;
}

bool Plan::Fills(const FieldDescriptor* field) const {
  for (const SheetColumn* column : of_file) {
    if (column == nullptr) continue;
    if (column->field == field && column->role != Role::kPersonTitle) return true;
    if (column->role == Role::kFullName &&
        (field->name() == "family_name" || field->name() == "given_name" ||
         field->name() == "patronymic"))
      return true;
  }
  return false;
}

std::string Plan::Describe(size_t column) const {
  const std::string letters = sheet::ColumnLetters(column);
  if (column >= titles.size() || titles[column].empty()) return "столбец " + letters;
  return absl::StrCat(titles[column], " (столбец ", letters, ")");
}

std::string Plan::Describe(const std::string& field_path, const Descriptor* type) const {
  const std::string first = field_path.substr(0, field_path.find_first_of(".["));
  const auto* field = type->FindFieldByName(first);
  if (field == nullptr) return first;
  for (size_t i = 0; i < of_file.size(); ++i) {
    if (of_file[i] != nullptr && of_file[i]->field == field &&
        of_file[i]->role != Role::kPersonTitle)
      return Describe(i);
  }
  for (size_t i = 0; i < of_file.size(); ++i) {
    if (of_file[i] != nullptr && of_file[i]->role == Role::kFullName && Fills(field))
      return Describe(i);
  }
  const auto& collection = type->options().GetExtension(google::api::resource).plural();
  return TitlesOf(collection, first).title + " (в файле нет)";
}

int KnownHeadings(const sheet::Row& row, const std::vector<SheetColumn>& columns,
                  const ColumnMap& map) {
  int count = 0;
  for (const sheet::Cell& cell : row.cells) {
    bool known = false;
    if (!Clean(cell.text).empty()) Lookup(cell.text, columns, map, &known);
    count += known;
  }
  return count;
}

Plan MakePlan(const sheet::Row& header, const std::vector<SheetColumn>& columns,
              const ColumnMap& map, Findings* findings) {
  Plan plan;
  plan.header_row = header.number;
  for (size_t i = 0; i < header.cells.size(); ++i) {
    plan.titles.push_back(Clean(header.cells[i].text));
    plan.of_file.push_back(nullptr);
    if (plan.titles[i].empty()) continue;
    bool known = false;
    const SheetColumn* column = Lookup(plan.titles[i], columns, map, &known);
    if (!known) {
      findings->Add(header.number, plan.Describe(i),
                    {"такого столбца нет",
                     "исправьте заголовок, удалите столбец или укажите --map "
                     "\"ЗАГОЛОВОК=СТОЛБЕЦ\" (\"ЗАГОЛОВОК=-\": не читать)"});
    } else if (column != nullptr &&
               std::find(plan.of_file.begin(), plan.of_file.end(), column) != plan.of_file.end()) {
      findings->Add(header.number, plan.Describe(i),
                    {absl::StrCat("столбец «", column->title, "» встречается дважды"),
                     "оставьте один из них"});
    } else {
      plan.of_file[i] = column;
    }
  }
  if (plan.Find(Role::kRecord) != nullptr) return plan;
  for (const SheetColumn& column : columns) {
    if (column.role != Role::kField ||
        !(Behaves(column.field, google::api::REQUIRED) || MustBeSaid(column.field)) ||
        Provided(plan, column.field))
      continue;
    findings->Add(
        header.number, column.title,
        {"нет обязательного столбца", "добавьте его или укажите --map, какой столбец им служит"});
  }
  return plan;
}

Draft ReadDraft(const Plan& plan, const sheet::Row& row, bool fixed_width, const Descriptor* type,
                const std::string& region, Findings* findings) {
  Draft draft{row.number, NewMessage(type), {}};
  const auto fail = [&](const std::string& column, const sheet::Flaw& flaw) {
    draft.bad |= flaw.found();
    if (flaw.found()) findings->Add(row.number, column, flaw);
  };
  fail("", row.flaw);
  if (fixed_width && row.cells.size() < plan.of_file.size()) {
    fail("", {absl::StrCat("ячеек ", row.cells.size(), ", а столбцов ", plan.of_file.size()),
              "проверьте разделители и кавычки; если строка последняя, файл обрезан"});
  }
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const sheet::Cell& cell = row.cells[i];
    const SheetColumn* column = i < plan.of_file.size() ? plan.of_file[i] : nullptr;
    const std::string text = Clean(cell.text);
    if (column == nullptr) {
      const bool headed = i < plan.titles.size() && !plan.titles[i].empty();
      if (!headed && !text.empty())
        fail(plan.Describe(i),
             {"лишняя ячейка: у столбца нет заголовка", "удалите её или дайте столбцу заголовок"});
      continue;
    }
    if (cell.flaw.found() && column->role != Role::kPersonTitle) {
      fail(plan.Describe(i), cell.flaw);
    } else if (column->role == Role::kRecord) {
      fail(plan.Describe(i), SetRecord(draft.message.get(), text, region));
    } else if (column->role == Role::kFullName) {
      fail(plan.Describe(i), SetFullName(draft.message.get(), text));
    } else if (column->role == Role::kField && MustBeSaid(column->field) && text.empty()) {
      fail(plan.Describe(i), {"не сказано, да или нет", "впишите да или нет"});
    } else if (column->role == Role::kField) {
      fail(plan.Describe(i), SetField(draft.message.get(), column->field, cell, region));
    } else if (IsKey(column->role) && !text.empty()) {
      draft.keys.emplace_back(column, text);
    }
  }
  fail(plan.Describe("post_title", type), FillPostCode(draft.message.get()));
  return draft;
}

}  // namespace rsnms::ctl
