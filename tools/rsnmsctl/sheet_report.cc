#include "tools/rsnmsctl/sheet_report.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

constexpr size_t kShown = 50;

struct Advice {
  const char* reason;
  const char* mend;
};
constexpr Advice kAdvice[] = {
    {"REQUIRED_FIELD_MISSING", "заполните ячейку"},
    {"REFERENCE_NOT_FOUND", "сначала загрузите то, на что ссылается строка, или исправьте код"},
    {"ALREADY_EXISTS", "такая запись уже есть под другим кодом: укажите её код записи из выгрузки"},
    {"ETAG_MISMATCH", "запись изменили во время загрузки: повторите команду"},
    {"IMMUTABLE_FIELD", "это значение у готовой записи не меняется: верните прежнее"},
    {"CONSTRAINT_VIOLATED", "значение занято другой записью или противоречит ей: сверьте его"},
    {"DELETED", "запись удалена: восстановите её или удалите строку"},
    {"END_BEFORE_START", "исправьте даты: окончание раньше начала"},
    {"WORK_BEFORE_ALLOWED_AGE", "проверьте дату рождения и дату начала работы"},
    {"SECOND_MAIN_EMPLOYMENT", "основное место работы бывает одно: у второго поставьте «нет»"},
    {"ORGANISATION_CLOSED", "организация закрыта: проверьте даты или организацию"},
    {"RATE_OUT_OF_RANGE", "ставка больше 0 и не больше 2, например 0,5"},
    {"CHECK_DIGIT_MISMATCH", "сверьте номер с документом: в нём опечатка"},
};

std::string RowText(int64_t row) { return row == 0 ? "файл" : absl::StrCat(row); }

}  // namespace

void Findings::Add(int64_t row, std::string column, const sheet::Flaw& flaw) {
  if (rows_.size() >= kKept) {
    truncated_ = true;
    return;
  }
  rows_.push_back({row, std::move(column), flaw.what, flaw.mend});
}

std::vector<Finding> Findings::Sorted() const {
  auto rows = rows_;
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Finding& a, const Finding& b) { return a.row < b.row; });
  return rows;
}

void Findings::Print() const {
  if (empty()) return;
  Table table({"строка", "столбец", "что не так", "как исправить"});
  const auto rows = Sorted();
  for (size_t i = 0; i < rows.size() && i < kShown; ++i)
    table.Add({RowText(rows[i].row), rows[i].column, rows[i].what, rows[i].mend});
  table.Print();
  if (rows.size() > kShown) {
    std::printf("… всего замечаний %zu%s: сохраните их в файл через --report\n", rows.size(),
                truncated_ ? " и больше" : "");
  }
}

absl::Status Findings::Write(const std::string& path) const { return Write(path, {{"", this}}); }

absl::Status Findings::Write(const std::string& path,
                             const std::vector<std::pair<std::string, const Findings*>>& files) {
  auto writer = sheet::CreateCsv(path);
  if (!writer.ok()) return writer.status();
  const bool one = files.size() == 1 && files[0].first.empty();
  const auto add = [&](const std::string& file, const std::vector<std::string>& texts) {
    std::vector<sheet::Cell> cells;
    if (!one) cells.push_back({file, {}, {}});
    for (const std::string& text : texts) cells.push_back({text, {}, {}});
    return (*writer)->Add(cells);
  };
  auto status = add("Файл", {"Строка", "Столбец", "Что не так", "Как исправить"});
  for (const auto& [file, findings] : files) {
    for (const Finding& finding : findings->Sorted()) {
      if (!status.ok()) return status;
      status = add(file, {RowText(finding.row), finding.column, finding.what, finding.mend});
    }
  }
  return status.ok() ? (*writer)->Finish() : status;
}

std::string MendFor(const options::v1::ImportRowError& error) {
  for (const Advice& advice : kAdvice) {
    if (error.reason() == advice.reason) return advice.mend;
  }
  return error.field().empty() ? "проверьте строку" : "исправьте значение в этом столбце";
}

}  // namespace rsnms::ctl
