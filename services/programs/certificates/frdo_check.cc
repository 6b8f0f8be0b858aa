// What would keep a row from being accepted, found before anything is written.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "services/programs/certificates/frdo_template.h"
#include "services/programs/names.h"

namespace rsnms::programs::frdo {
namespace {

using v1::FrdoFault;

constexpr std::string_view kSupport =
    "сообщите администратору: в записи о документе недопустимое значение";
constexpr int kLeastAge = 14;  // nobody learns at work younger (Трудовой кодекс, article 63)

class Checking {
 public:
  Checking(v1::FrdoTemplate layout, const Source& source, const std::vector<std::string>& row)
      : columns_(Columns(layout)), source_(source), row_(row) {}

  std::vector<FrdoFault> Run() {
    if (source_.person == nullptr) {
      Add(Field::kFamilyName, "реестр кадров не даёт сведений о получателе",
          "проверьте, что карточка человека есть в реестре и доступна вам");
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (source_.person == nullptr && OfPerson(columns_[i].field)) continue;
      CheckCell(columns_[i], row_[i]);
    }
    CheckDates();
    return std::move(faults_);
  }

 private:
  static bool OfPerson(Field field) {
    return (field >= Field::kFamilyName && field <= Field::kSnils) ||
           (field >= Field::kOriginalFamilyName && field <= Field::kOriginalPatronymic);
  }
  static bool OfName(Field field) {
    return field == Field::kFamilyName || field == Field::kGivenName || field == Field::kPatronymic;
  }

  void Add(Field field, std::string_view what, std::string_view mend) {
    const auto column = std::find_if(columns_.begin(), columns_.end(),
                                     [&](const Column& c) { return c.field == field; });
    FrdoFault& fault = faults_.emplace_back();
    fault.set_certificate(source_.certificate->name());
    fault.set_number(source_.certificate->number());
    fault.set_column_number(static_cast<int>(column - columns_.begin()) + 1);
    fault.set_column_title(std::string(column->title));
    fault.set_what_ru(std::string(what));
    fault.set_mend_ru(std::string(mend));
  }

  void CheckCell(const Column& column, const std::string& text) {
    const std::string_view mend = column.mend.empty() ? kSupport : column.mend;
    if (text.empty()) {
      if (column.required) Add(column.field, "не заполнено обязательное поле", mend);
      return;
    }
    if (!column.values.empty() &&
        std::find(column.values.begin(), column.values.end(), text) == column.values.end()) {
      Add(column.field, "значения нет в списке допустимых", mend);
    }
    if (OfName(column.field) && std::any_of(text.begin(), text.end(), [](unsigned char c) {
          return absl::ascii_isalnum(c);
        })) {
      Add(column.field, "латинские буквы или цифры в имени", mend);
    }
    if (column.field == Field::kSnils && text.size() != sizeof("XXX-XXX-XXX YY") - 1) {
      Add(column.field, "СНИЛС состоит из 11 цифр", mend);
    }
  }

  void CheckDates() {
    const auto& c = *source_.certificate;
    if (c.has_start_date() && c.has_end_date() && c.end_date().year() < c.start_date().year()) {
      Add(Field::kEndYear, "год окончания раньше года начала",
          "исправьте даты обучения и выдайте документ взамен");
    }
    if (source_.person == nullptr || !source_.person->has_birth_date()) return;
    if (source_.person->birth_date().year() + kLeastAge > c.issue_date().year()) {
      Add(Field::kBirthDate, "получателю меньше 14 лет в год выдачи документа",
          "исправьте дату рождения в реестре кадров");
    }
  }

  const std::vector<Column>& columns_;
  const Source& source_;
  const std::vector<std::string>& row_;
  std::vector<FrdoFault> faults_;
};

}  // namespace

std::vector<FrdoFault> Check(v1::FrdoTemplate layout, const Source& source,
                             const std::vector<std::string>& row) {
  return Checking(layout, source, row).Run();
}

}  // namespace rsnms::programs::frdo
