#include "services/programs/certificates/frdo_template.h"

#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "services/programs/names.h"

namespace rsnms::programs::frdo {
namespace {

using v1::Certificate;
constexpr auto kDate = v1::FrdoColumn::KIND_DATE;
constexpr auto kNumber = v1::FrdoColumn::KIND_NUMBER;
constexpr auto kText = v1::FrdoColumn::KIND_TEXT;

constexpr std::string_view kCertificateTitle = "Удостоверение о повышении квалификации";
constexpr std::string_view kDiplomaTitle = "Диплом о профессиональной переподготовке";
constexpr std::string_view kNoSeries = "нет";
constexpr std::string_view kRussia = "643";
constexpr std::string_view kCard = "заполните карточку человека в реестре кадров";
constexpr std::string_view kMend = "исправьте запись о документе (UpdateCertificate)";
constexpr std::string_view kProgrammeCard = "исправьте программу и выдайте документ взамен";

std::vector<Column> SeparateMarks() {
  using F = Field;
  const std::vector<std::string_view> documents = {kCertificateTitle, kDiplomaTitle};
  const std::vector<std::string_view> yes_no = {"Да", "Нет"};
  return {
      {F::kDocument, "Вид документа", kText, true, documents, kProgrammeCard},
      {F::kStatus, "Статус документа", kText, true, {"Оригинал", "Дубликат"}},
      {F::kLost, "Подтверждение утраты", kText, true, yes_no},
      {F::kExchanged, "Подтверждение обмена", kText, true, yes_no},
      {F::kDestroyed, "Подтверждение уничтожения", kText, true, yes_no},
      {F::kSeries, "Серия документа", kText, true},
      {F::kNumber, "Номер документа", kText, true},
      {F::kIssueDate, "Дата выдачи документа", kDate, true},
      {F::kRegistrationNumber, "Регистрационный номер"},
      {F::kProgrammeKind,
       "Дополнительная профессиональная программа (повышение квалификации/ профессиональная "
       "переподготовка)",
       kText,
       true,
       {"Повышение квалификации", "Профессиональная переподготовка"},
       kProgrammeCard},
      {F::kProgramme,
       "Наименование дополнительной профессиональной программы",
       kText,
       true,
       {},
       kProgrammeCard},
      {F::kArea, "Наименование области профессиональной деятельности"},
      {F::kUgsn, "Укрупненные группы специальностей"},
      {F::kQualification, "Наименование квалификации, профессии, специальности"},
      {F::kPriorEducation,
       "Уровень образования ВО/СПО",
       kText,
       false,
       {"Высшее образование", "Среднее профессиональное образование", "Среднее общее образование",
        "Основное общее образование"},
       kMend},
      {F::kPriorFamilyName, "Фамилия указанная в дипломе о ВО или СПО"},
      {F::kPriorSeries, "Серия документа о ВО/СПО"},
      {F::kPriorNumber, "Номер документа о ВО/СПО"},
      {F::kStartYear, "Год начала обучения (для документа о квалификации)", kNumber},
      {F::kEndYear, "Год окончания обучения (для документа о квалификации)", kNumber},
      {F::kHours, "Срок обучения, часов (для документа о квалификации)", kNumber},
      {F::kFamilyName, "Фамилия получателя", kText, true, {}, kCard},
      {F::kGivenName, "Имя получателя", kText, true, {}, kCard},
      {F::kPatronymic, "Отчество получателя", kText, false, {}, kCard},
      {F::kBirthDate, "Дата рождения получателя", kDate, true, {}, kCard},
      {F::kSex, "Пол получателя", kText, true, {"Муж", "Жен"}, kCard},
      {F::kSnils, "СНИЛС", kText, true, {}, kCard},
      {F::kStudyForm, "Форма обучения", kText, false, {"Очная", "Заочная", "Очно-заочная"}},
      {F::kFunding,
       "Источник финансирования обучения",
       kText,
       false,
       {"Платное обучение", "Бюджетное обучение"},
       kMend},
      {F::kEducationForm,
       "Форма получения образования на момент прекращения образовательных отношений",
       kText,
       false,
       {"в образовательной организации", "вне образовательной организации"}},
      {F::kCitizenship, "Гражданство получателя (код страны по ОКСМ)", kText, false, {}, kMend},
      {F::kOriginalDocument, "Наименование документа об образовании (оригинала)"},
      {F::kOriginalSeries, "Серия (оригинала)"},
      {F::kOriginalNumber, "Номер (оригинала)"},
      {F::kOriginalRegistrationNumber, "Регистрационный N (оригинала)"},
      {F::kOriginalIssueDate, "Дата выдачи (оригинала)", kDate},
      {F::kOriginalFamilyName, "Фамилия получателя (оригинала)", kText, false, {}, kCard},
      {F::kOriginalGivenName, "Имя получателя (оригинала)", kText, false, {}, kCard},
      {F::kOriginalPatronymic, "Отчество получателя (оригинала)", kText, false, {}, kCard},
      {F::kChangedNumber, "Номер документа для изменения"},
  };
}

// The short template: marks in one column, some headings reworded.
std::vector<Column> MergedMarks() {
  const std::map<Field, std::string_view> reworded = {
      {Field::kRegistrationNumber, "Регистрационный номер документа"},
      {Field::kUgsn, "Укрупненные группы специальностей и (или) направлений подготовки"},
      {Field::kQualification,
       "Наименование квалификации, разреза, класса, категории (при наличии)"},
      {Field::kPriorEducation, "Уровень имеющегося образования (ВО/СПО)"},
      {Field::kPriorFamilyName, "Фамилия, указанная в документе о ВО или СПО"},
      {Field::kPatronymic, "Отчество получателя (при наличии)"}};
  std::vector<Column> columns;
  for (Column& column : SeparateMarks()) {
    if (column.field == Field::kExchanged || column.field == Field::kDestroyed) continue;
    if (column.field == Field::kLost) {
      column.field = Field::kMarked;
      column.title = "Подтверждение утраты / обмена / уничтожения";
    }
    if (const auto words = reworded.find(column.field); words != reworded.end()) {
      column.title = words->second;
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

std::string DateText(bool has, const google::type::Date& date) {
  return has ? absl::StrFormat("%02d.%02d.%04d", date.day(), date.month(), date.year()) : "";
}

std::string_view TitleOf(const Certificate& certificate) {
  switch (certificate.kind()) {
    case v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT:
      return kCertificateTitle;
    case v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING:
      return kDiplomaTitle;
    default:
      return "";
  }
}

std::string_view Mark(bool holds) { return holds ? "Да" : "Нет"; }

std::string SeriesOf(const Certificate& certificate) {
  const std::string series = Clean(certificate.series());
  return series.empty() ? std::string(kNoSeries) : series;
}

std::string SnilsText(const std::string& digits) {
  if (digits.size() != 11) return digits;
  return Cat(digits.substr(0, 3), "-", digits.substr(3, 3), "-", digits.substr(6, 3), " ",
             digits.substr(9));
}

std::string YearText(bool has, const google::type::Date& date) {
  return has ? Cat(date.year()) : "";
}

std::string_view FormText(v1::StudyForm form) {
  switch (form) {
    case v1::STUDY_FORM_FULL_TIME:
      return "Очная";
    case v1::STUDY_FORM_PART_TIME:
      return "Очно-заочная";
    case v1::STUDY_FORM_EXTRAMURAL:
      return "Заочная";
    default:
      return "";
  }
}

std::string PersonCell(Field field, const registry::v1::Person& person) {
  switch (field) {
    case Field::kFamilyName:
    case Field::kOriginalFamilyName:
      return Clean(person.family_name());
    case Field::kGivenName:
    case Field::kOriginalGivenName:
      return Clean(person.given_name());
    case Field::kPatronymic:
    case Field::kOriginalPatronymic:
      return Clean(person.patronymic());
    case Field::kBirthDate:
      return DateText(person.has_birth_date(), person.birth_date());
    case Field::kSex:
      return person.sex() == registry::v1::SEX_MALE     ? "Муж"
             : person.sex() == registry::v1::SEX_FEMALE ? "Жен"
                                                        : "";
    case Field::kSnils:
      return SnilsText(person.snils());
    default:
      return "";
  }
}

// Cells of the document the row is about.
std::string DocumentCell(Field field, const Certificate& c) {
  switch (field) {
    case Field::kDocument:
      return std::string(TitleOf(c));
    case Field::kStatus:
      return c.ground() == v1::CERTIFICATE_GROUND_DUPLICATE ? "Дубликат" : "Оригинал";
    case Field::kLost:
      return std::string(Mark(c.state() == Certificate::STATE_DUPLICATED));
    case Field::kExchanged:
      return std::string(Mark(c.state() == Certificate::STATE_REPLACED));
    case Field::kDestroyed:
      return std::string(Mark(c.state() == Certificate::STATE_REVOKED));
    case Field::kMarked:
      return std::string(Mark(c.state() != Certificate::STATE_ISSUED));
    case Field::kSeries:
      return SeriesOf(c);
    case Field::kNumber:
      return Clean(c.number());
    case Field::kIssueDate:
      return DateText(c.has_issue_date(), c.issue_date());
    case Field::kRegistrationNumber:
      return Clean(c.registration_number());
    case Field::kCitizenship:
      return c.citizenship_code().empty() ? std::string(kRussia) : c.citizenship_code();
    default:
      return "";
  }
}

// Cells of what was learnt.
std::string LearningCell(Field field, const Certificate& c) {
  switch (field) {
    case Field::kProgrammeKind:
      return c.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT ? "Повышение квалификации"
             : c.kind() == v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING
                 ? "Профессиональная переподготовка"
                 : "";
    case Field::kProgramme:
      return Clean(c.programme_title());
    case Field::kArea:
      return Clean(c.professional_area());
    case Field::kUgsn:
      return c.ugsn_code();
    case Field::kQualification:
      return Clean(c.qualification_title());
    case Field::kPriorEducation:
      return c.prior_education() == v1::PRIOR_EDUCATION_HIGHER ? "Высшее образование"
             : c.prior_education() == v1::PRIOR_EDUCATION_VOCATIONAL
                 ? "Среднее профессиональное образование"
                 : "";
    case Field::kStartYear:
      return YearText(c.has_start_date(), c.start_date());
    case Field::kEndYear:
      return YearText(c.has_end_date(), c.end_date());
    case Field::kHours:
      return Cat(c.duration_hours());
    case Field::kStudyForm:
      return std::string(FormText(c.study_form()));
    case Field::kFunding:
      return c.funding_source() == v1::FUNDING_SOURCE_BUDGET ? "Бюджетное обучение"
             : c.funding_source() == v1::FUNDING_SOURCE_PAID ? "Платное обучение"
                                                             : "";
    case Field::kEducationForm:
      return "в образовательной организации";
    default:
      return "";
  }
}

// Cells of the document a duplicate was issued instead of.
std::string OriginalCell(Field field, const Source& source) {
  if (source.original == nullptr) return "";
  const Certificate& original = *source.original;
  switch (field) {
    case Field::kOriginalDocument:
      return std::string(TitleOf(original));
    case Field::kOriginalSeries:
      return SeriesOf(original);
    case Field::kOriginalNumber:
      return Clean(original.number());
    case Field::kOriginalRegistrationNumber:
      return Clean(original.registration_number());
    case Field::kOriginalIssueDate:
      return DateText(original.has_issue_date(), original.issue_date());
    default:
      return source.person == nullptr ? "" : PersonCell(field, *source.person);
  }
}

std::string CellOf(Field field, const Source& source) {
  if (field == Field::kChangedNumber) {
    return source.accepted_before ? Clean(source.certificate->number()) : "";
  }
  if (field >= Field::kOriginalDocument) return OriginalCell(field, source);
  if (field >= Field::kFamilyName && field <= Field::kSnils) {
    return source.person == nullptr ? "" : PersonCell(field, *source.person);
  }
  std::string text = DocumentCell(field, *source.certificate);
  return text.empty() ? LearningCell(field, *source.certificate) : text;
}

}  // namespace

const std::vector<Column>& Columns(v1::FrdoTemplate layout) {
  static const auto& separate = *new std::vector<Column>(SeparateMarks());
  static const auto& merged = *new std::vector<Column>(MergedMarks());
  static const auto& none = *new std::vector<Column>();
  return layout == v1::FRDO_TEMPLATE_SEPARATE_MARKS ? separate
         : layout == v1::FRDO_TEMPLATE_MERGED_MARKS ? merged
                                                    : none;
}

std::string Clean(std::string_view text) {
  // No-break space, narrow no-break space; zero-width space, joiners, word joiner, byte order mark,
  // soft hyphen.
  constexpr std::string_view kSpaces[] = {"\u00a0", "\u202f", "\t", "\n", "\r", " "};
  constexpr std::string_view kNothing[] = {"\u200b", "\u200c", "\u200d",
                                           "\u2060", "\ufeff", "\u00ad"};
  std::string clean;
  bool space = false;
  while (!text.empty()) {
    size_t skip = 0;
    for (const auto one : kSpaces) {
      if (text.substr(0, one.size()) != one) continue;
      skip = one.size();
      space = !clean.empty();
    }
    for (const auto one : kNothing) {
      if (text.substr(0, one.size()) == one) skip = one.size();
    }
    if (skip == 0) {
      if (space) clean += ' ';
      space = false;
      clean += text.front();
      skip = 1;
    }
    text.remove_prefix(skip);
  }
  return clean;
}

std::vector<std::string> Row(v1::FrdoTemplate layout, const Source& source) {
  std::vector<std::string> row;
  for (const Column& column : Columns(layout)) row.push_back(CellOf(column.field, source));
  return row;
}

std::string Content(v1::FrdoTemplate layout, const std::vector<std::string>& row) {
  const auto& columns = Columns(layout);
  std::string content;
  for (size_t i = 0; i < row.size(); ++i) {
    if (columns[i].field == Field::kChangedNumber) continue;
    content += Cat(row[i].size(), ":", row[i], ";");
  }
  return content;
}

}  // namespace rsnms::programs::frdo
