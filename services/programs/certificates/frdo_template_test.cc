// The register's templates to the letter, and certificates as their rows.
#include "services/programs/certificates/frdo_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace rsnms::programs::frdo {
namespace {

using ::testing::ElementsAre;
using v1::FRDO_TEMPLATE_MERGED_MARKS;
using v1::FRDO_TEMPLATE_SEPARATE_MARKS;

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

v1::Certificate Document() {
  v1::Certificate c;
  c.set_name("regions/86/certificates/1");
  c.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  c.set_ground(v1::CERTIFICATE_GROUND_FIRST);
  c.set_state(v1::Certificate::STATE_ISSUED);
  c.set_number("17");
  c.set_registration_number("рег-17");
  c.set_programme_title("Оценивание\u00a0 и\u200b  отметка ");
  c.set_study_form(v1::STUDY_FORM_PART_TIME);
  c.set_funding_source(v1::FUNDING_SOURCE_BUDGET);
  c.set_prior_education(v1::PRIOR_EDUCATION_HIGHER);
  c.set_ugsn_code("44.00.00");
  c.set_duration_hours(36);
  *c.mutable_start_date() = Day(2025, 12, 1);
  *c.mutable_end_date() = Day(2026, 3, 20);
  *c.mutable_issue_date() = Day(2026, 3, 25);
  return c;
}

registry::v1::Person Holder() {
  registry::v1::Person p;
  p.set_family_name("Вымышленная");
  p.set_given_name("Ольга");
  p.set_patronymic("Примеровна");
  *p.mutable_birth_date() = Day(1985, 7, 1);
  p.set_sex(registry::v1::SEX_FEMALE);
  p.set_snils("11223344595");
  return p;
}

std::string At(v1::FrdoTemplate layout, const std::vector<std::string>& row, Field field) {
  const auto& columns = Columns(layout);
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].field == field) return row[i];
  }
  return "нет такого столбца";
}

TEST(FrdoTemplate, HeadingsAreTheRegistersOwn) {
  const auto& columns = Columns(FRDO_TEMPLATE_SEPARATE_MARKS);
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.emplace_back(column.title);
  EXPECT_THAT(
      titles,
      ElementsAre(
          "Вид документа", "Статус документа", "Подтверждение утраты", "Подтверждение обмена",
          "Подтверждение уничтожения", "Серия документа", "Номер документа",
          "Дата выдачи документа", "Регистрационный номер",
          "Дополнительная профессиональная программа (повышение квалификации/ профессиональная "
          "переподготовка)",
          "Наименование дополнительной профессиональной программы",
          "Наименование области профессиональной деятельности", "Укрупненные группы специальностей",
          "Наименование квалификации, профессии, специальности", "Уровень образования ВО/СПО",
          "Фамилия указанная в дипломе о ВО или СПО", "Серия документа о ВО/СПО",
          "Номер документа о ВО/СПО", "Год начала обучения (для документа о квалификации)",
          "Год окончания обучения (для документа о квалификации)",
          "Срок обучения, часов (для документа о квалификации)", "Фамилия получателя",
          "Имя получателя", "Отчество получателя", "Дата рождения получателя", "Пол получателя",
          "СНИЛС", "Форма обучения", "Источник финансирования обучения",
          "Форма получения образования на момент прекращения образовательных отношений",
          "Гражданство получателя (код страны по ОКСМ)",
          "Наименование документа об образовании (оригинала)", "Серия (оригинала)",
          "Номер (оригинала)", "Регистрационный N (оригинала)", "Дата выдачи (оригинала)",
          "Фамилия получателя (оригинала)", "Имя получателя (оригинала)",
          "Отчество получателя (оригинала)", "Номер документа для изменения"));
}

TEST(FrdoTemplate, TheMergedLayoutHasThreeMarksInOne) {
  const auto& separate = Columns(FRDO_TEMPLATE_SEPARATE_MARKS);
  const auto& merged = Columns(FRDO_TEMPLATE_MERGED_MARKS);
  ASSERT_EQ(merged.size(), 38U);
  ASSERT_EQ(separate.size(), merged.size() + 2);
  EXPECT_EQ(merged[2].title, "Подтверждение утраты / обмена / уничтожения");
  EXPECT_EQ(merged[6].title, "Регистрационный номер документа");
  EXPECT_EQ(merged[12].title, "Уровень имеющегося образования (ВО/СПО)");
  EXPECT_EQ(merged[21].title, "Отчество получателя (при наличии)");
  for (size_t i = 3; i < merged.size(); ++i) EXPECT_EQ(merged[i].field, separate[i + 2].field);
  EXPECT_TRUE(Columns(v1::FRDO_TEMPLATE_UNSPECIFIED).empty());
}

TEST(FrdoTemplate, ARowTellsTheDocumentAndItsHolder) {
  const auto document = Document();
  const auto person = Holder();
  const auto row = Row(FRDO_TEMPLATE_SEPARATE_MARKS, {.certificate = &document, .person = &person});
  EXPECT_THAT(
      row, ElementsAre("Удостоверение о повышении квалификации", "Оригинал", "Нет", "Нет", "Нет",
                       "нет", "17", "25.03.2026", "рег-17", "Повышение квалификации",
                       "Оценивание и отметка", "", "44.00.00", "", "Высшее образование", "", "", "",
                       "2025", "2026", "36", "Вымышленная", "Ольга", "Примеровна", "01.07.1985",
                       "Жен", "112-233-445 95", "Очно-заочная", "Бюджетное обучение",
                       "в образовательной организации", "643", "", "", "", "", "", "", "", "", ""));
  EXPECT_THAT(
      Check(FRDO_TEMPLATE_SEPARATE_MARKS, {.certificate = &document, .person = &person}, row),
      ::testing::IsEmpty());
}

// Whatever a certificate holds, cells with a list hold a value of it or nothing.
TEST(FrdoTemplate, ListedCellsHoldListedValues) {
  const auto person = Holder();
  for (const auto layout : {FRDO_TEMPLATE_SEPARATE_MARKS, FRDO_TEMPLATE_MERGED_MARKS}) {
    for (int state = 1; state <= 4; ++state) {
      for (int kind = 1; kind <= 2; ++kind) {
        for (int form = 0; form <= 3; ++form) {
          auto document = Document();
          document.set_state(static_cast<v1::Certificate::State>(state));
          document.set_kind(static_cast<v1::ProgrammeKind>(kind));
          document.set_study_form(static_cast<v1::StudyForm>(form));
          document.set_funding_source(static_cast<v1::FundingSource>(form % 3));
          document.set_prior_education(static_cast<v1::PriorEducation>(form % 3));
          const auto row = Row(layout, {.certificate = &document, .person = &person});
          for (size_t i = 0; i < row.size(); ++i) {
            const auto& values = Columns(layout)[i].values;
            EXPECT_TRUE(values.empty() || row[i].empty() ||
                        std::find(values.begin(), values.end(), row[i]) != values.end())
                << Columns(layout)[i].title << ": " << row[i];
          }
        }
      }
    }
  }
}

TEST(FrdoTemplate, StatesMakeMarksAndDuplicatesNameTheirOriginals) {
  const auto person = Holder();
  auto lost = Document();
  lost.set_state(v1::Certificate::STATE_DUPLICATED);
  auto row = Row(FRDO_TEMPLATE_SEPARATE_MARKS, {.certificate = &lost, .person = &person});
  EXPECT_THAT(std::vector(row.begin() + 2, row.begin() + 5), ElementsAre("Да", "Нет", "Нет"));
  lost.set_state(v1::Certificate::STATE_REPLACED);
  row = Row(FRDO_TEMPLATE_SEPARATE_MARKS, {.certificate = &lost, .person = &person});
  EXPECT_THAT(std::vector(row.begin() + 2, row.begin() + 5), ElementsAre("Нет", "Да", "Нет"));
  lost.set_state(v1::Certificate::STATE_REVOKED);
  row = Row(FRDO_TEMPLATE_SEPARATE_MARKS, {.certificate = &lost, .person = &person});
  EXPECT_THAT(std::vector(row.begin() + 2, row.begin() + 5), ElementsAre("Нет", "Нет", "Да"));
  row = Row(FRDO_TEMPLATE_MERGED_MARKS, {.certificate = &lost, .person = &person});
  EXPECT_EQ(row[2], "Да");

  auto duplicate = Document();
  duplicate.set_ground(v1::CERTIFICATE_GROUND_DUPLICATE);
  duplicate.set_number("18");
  row = Row(FRDO_TEMPLATE_MERGED_MARKS,
            {.certificate = &duplicate, .original = &lost, .person = &person});
  EXPECT_EQ(row[1], "Дубликат");
  EXPECT_THAT(std::vector(row.begin() + 29, row.end()),
              ElementsAre("Удостоверение о повышении квалификации", "нет", "17", "рег-17",
                          "25.03.2026", "Вымышленная", "Ольга", "Примеровна", ""));
}

TEST(FrdoTemplate, TheNumberOfTheRowToBeChangedIsNotPartOfItsContent) {
  const auto document = Document();
  const auto person = Holder();
  const auto layout = FRDO_TEMPLATE_SEPARATE_MARKS;
  const auto first = Row(layout, {.certificate = &document, .person = &person});
  const auto again =
      Row(layout, {.certificate = &document, .person = &person, .accepted_before = true});
  EXPECT_EQ(At(layout, again, Field::kChangedNumber), "17");
  EXPECT_EQ(Content(layout, first), Content(layout, again));
  auto shifted = first;  // a value that moved to the next cell is another row
  std::swap(shifted[21], shifted[22]);
  EXPECT_NE(Content(layout, first), Content(layout, shifted));
}

TEST(FrdoCheck, EveryFaultNamesColumnAndCure) {
  const struct {
    Field field;
    std::function<void(v1::Certificate&, registry::v1::Person&)> spoil;
  } cases[] = {
      {Field::kDocument, [](auto& c, auto&) { c.clear_kind(); }},
      {Field::kProgramme, [](auto& c, auto&) { c.set_programme_title("\u200b"); }},
      {Field::kNumber, [](auto& c, auto&) { c.clear_number(); }},
      {Field::kIssueDate, [](auto& c, auto&) { c.clear_issue_date(); }},
      {Field::kEndYear, [](auto& c, auto&) { c.mutable_end_date()->set_year(2024); }},
      {Field::kFamilyName, [](auto&, auto& p) { p.clear_family_name(); }},
      {Field::kFamilyName, [](auto&, auto& p) { p.set_family_name("Вымышленнaя"); }},  // Latin a
      {Field::kGivenName, [](auto&, auto& p) { p.set_given_name("0льга"); }},
      {Field::kPatronymic, [](auto&, auto& p) { p.set_patronymic("Primerovna"); }},
      {Field::kBirthDate, [](auto&, auto& p) { p.clear_birth_date(); }},
      {Field::kBirthDate, [](auto&, auto& p) { p.mutable_birth_date()->set_year(2013); }},
      {Field::kSex, [](auto&, auto& p) { p.clear_sex(); }},
      {Field::kSnils, [](auto&, auto& p) { p.clear_snils(); }},
  };
  for (const auto layout : {FRDO_TEMPLATE_SEPARATE_MARKS, FRDO_TEMPLATE_MERGED_MARKS}) {
    for (const auto& c : cases) {
      auto document = Document();
      auto person = Holder();
      c.spoil(document, person);
      const Source source = {.certificate = &document, .person = &person};
      const auto faults = Check(layout, source, Row(layout, source));
      ASSERT_FALSE(faults.empty()) << static_cast<int>(c.field);
      const auto found = std::find_if(faults.begin(), faults.end(), [&](const v1::FrdoFault& f) {
        return Columns(layout)[static_cast<size_t>(f.column_number()) - 1].field == c.field;
      });
      ASSERT_NE(found, faults.end()) << static_cast<int>(c.field);
      EXPECT_FALSE(found->what_ru().empty());
      EXPECT_FALSE(found->mend_ru().empty());
      EXPECT_EQ(found->column_title(),
                Columns(layout)[static_cast<size_t>(found->column_number()) - 1].title);
      for (const auto& fault : faults) {  // a report of faults holds nobody's data
        for (const std::string& text : {fault.what_ru(), fault.mend_ru()}) {
          EXPECT_EQ(text.find("Вымыш"), std::string::npos);
          EXPECT_EQ(text.find("112"), std::string::npos);
        }
      }
    }
  }
}

TEST(FrdoCheck, AnUnknownPersonIsOneFault) {
  const auto document = Document();
  const Source source = {.certificate = &document};
  const auto layout = FRDO_TEMPLATE_SEPARATE_MARKS;
  const auto faults = Check(layout, source, Row(layout, source));
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].column_title(), "Фамилия получателя");
}

}  // namespace
}  // namespace rsnms::programs::frdo
