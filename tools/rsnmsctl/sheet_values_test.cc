// Cells to fields and back; headings to columns.
#include "tools/rsnmsctl/sheet_values.h"
#include <gtest/gtest.h>
// After gtest, which it uses.
#include <rapidcheck/gtest.h>

#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "tools/rsnmsctl/sheet_lookup.h"
#include "tools/rsnmsctl/sheet_plan.h"
#include "tools/rsnmsctl/sheet_testing.h"
#include "tools/rsnmsctl/sheet_titles.h"

namespace rsnms::ctl {
namespace {

using registry::v1::Employment;
using registry::v1::Organisation;
using registry::v1::Person;
using sheet::Cell;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a field becomes: the text an export would show, or what is wrong.
template <class R>
std::string Becomes(const char* field, const std::string& text) {
  R resource;
  const auto* descriptor = R::descriptor()->FindFieldByName(field);
  const auto flaw = SetField(&resource, descriptor, {text, {}, {}}, "86");
  return flaw.found() ? "ОШИБКА " + flaw.what : FieldCell(resource, descriptor, "86").text;
}

TEST(Value, DatesAreReadAsPeopleAndExcelWriteThem) {
  for (const char* text : {"01.09.2024", "1.9.2024", "2024-09-01", "45536", " 01.09.2024\xC2\xA0",
                           "01.09.2024 0:00:00", "2024-09-01T00:00:00"})
    EXPECT_EQ(Becomes<Employment>("start_date", text), "2024-09-01") << text;
  for (const char* text : {"01.09.24", "31.02.2024", "сентябрь", "2024", "32.01.2024", "99999999",
                           "01.09.2024 13:30", "1.9", "-45536", "73051", "455360", "1012024"})
    EXPECT_THAT(Becomes<Employment>("start_date", text), HasSubstr("ОШИБКА")) << text;
  EXPECT_EQ(Becomes<Employment>("start_date", "73050"), "2099-12-31");
}

// An American 03/04/1984 is the 4th of March: nobody is born on another day without a word.
TEST(Value, DayAndMonthAreNeverGuessed) {
  for (const char* text : {"03/04/1984", "01/09/2024", "12/11/2024"})
    EXPECT_THAT(Becomes<Person>("birth_date", text), HasSubstr("день и месяц не различить"));
  EXPECT_THAT(Becomes<Person>("birth_date", "04/13/1984"), HasSubstr("ОШИБКА"));
  EXPECT_EQ(Becomes<Person>("birth_date", "13/04/1984"), "1984-04-13");
  EXPECT_EQ(Becomes<Person>("birth_date", "05/05/1984"), "1984-05-05");
}

TEST(Value, IdentifiersGetBackTheZerosExcelDropped) {
  EXPECT_EQ(Becomes<Person>("snils", "112-233-445 95"), "11223344595");
  EXPECT_EQ(Becomes<Person>("snils", "087-654-303 00"), Becomes<Person>("snils", "8765430300"));
  EXPECT_THAT(Becomes<Person>("snils", "112-233-445 96"), HasSubstr("контрольное число"));
  EXPECT_THAT(Becomes<Person>("snils", "1,12233E+10"), HasSubstr("Excel округлил"));
  EXPECT_EQ(Becomes<Organisation>("kpp", "860 101 001"), "860101001");
  for (const char* short_of_a_digit : {"8601010", "86010100"})
    EXPECT_THAT(Becomes<Organisation>("kpp", short_of_a_digit), HasSubstr("не того вида"));
  EXPECT_THAT(Becomes<Organisation>("municipality", "1701000"), HasSubstr("не того вида"))
      << "no check digit tells which digit is missing";
  EXPECT_THAT(Becomes<Organisation>("municipality", "Сургут"), HasSubstr("ОШИБКА"));
  EXPECT_EQ(Becomes<Person>("phone", "8 (999) 123-45-67"), "+79991234567");
  EXPECT_EQ(Becomes<Person>("phone", "9991234567"), "+79991234567");
}

TEST(Value, WordsAreUnderstoodWhateverTheirCase) {
  EXPECT_EQ(Becomes<Organisation>("kind", " ШКОЛА"), "школа");
  EXPECT_EQ(Becomes<Organisation>("kind", "ORGANISATION_KIND_CENTRE"),
            "центр непрерывного повышения профессионального мастерства");
  EXPECT_THAT(Becomes<Organisation>("kind", "завод"), HasSubstr("такого значения нет"));
  EXPECT_EQ(Becomes<Person>("sex", "Ж"), "женский");
  for (const char* yes : {"да", "Да ", "1", "+", "ИСТИНА"})
    EXPECT_EQ(Becomes<Employment>("main", yes), "да") << yes;
  EXPECT_EQ(Becomes<Employment>("main", "-"), "нет");
  EXPECT_EQ(Becomes<Employment>("rate", "0,50"), "0.5");
  EXPECT_THAT(Becomes<Employment>("rate", "полставки"), HasSubstr("не число"));
  EXPECT_EQ(Becomes<Employment>("subject_codes", "physics; mathematics"), "physics, mathematics");
  EXPECT_EQ(PostCodeOf("Учитель-логопед"), "speech-therapist");
  EXPECT_EQ(PostCodeOf("учитель физики"), "teacher");
  EXPECT_EQ(PostCodeOf("дворник"), "");
}

sheet::Row Row(int64_t number, const std::vector<std::string>& texts) {
  sheet::Row row;
  row.number = number;
  for (const auto& text : texts) row.cells.push_back({text, {}, {}});
  return row;
}

std::vector<std::string> Told(const Findings& findings) {
  std::vector<std::string> lines;
  for (const auto& f : findings.Sorted())
    lines.push_back(absl::StrCat(f.row, " ", f.column, ": ", f.what));
  return lines;
}

TEST(Plan, HeadingsAreKnownWhateverTheirCaseSpacesAndYo) {
  const auto columns = ColumnsOf("employments", Employment::descriptor());
  Findings findings;
  const Plan plan = MakePlan(
      Row(3, {"снилс", " ДАТА\nПРИЕМА  на работу:", "Огрн", "должность", "КАТЕГОРИЯ", "основное"}),
      columns, {}, &findings);
  EXPECT_THAT(Told(findings), IsEmpty());
  EXPECT_EQ(plan.of_file[0]->role, Role::kPersonSnils);
  EXPECT_EQ(plan.of_file[1]->field->name(), "start_date");
  EXPECT_EQ(plan.Describe("person", Employment::descriptor()), "снилс (столбец A)");
}

TEST(Plan, UnknownRepeatedAndMissingColumnsAreTold) {
  const auto columns = ColumnsOf("organisations", Organisation::descriptor());
  Findings findings;
  MakePlan(Row(1, {"Вид", "Тип", "Директор"}), columns, {}, &findings);
  EXPECT_THAT(Told(findings),
              ElementsAre("1 Тип (столбец B): столбец «Вид организации» встречается дважды",
                          "1 Директор (столбец C): такого столбца нет",
                          "1 Полное наименование: нет обязательного столбца"));
}

TEST(Plan, WhichPostIsTheMainOneIsSaidInEachRow) {
  const auto columns = ColumnsOf("employments", Employment::descriptor());
  Findings findings;
  MakePlan(Row(1, {"СНИЛС", "ОГРН", "Категория", "Должность", "Дата приёма"}), columns, {},
           &findings);
  EXPECT_THAT(Told(findings), ElementsAre("1 Основное место работы: нет обязательного столбца"));
  Findings cells;
  const Plan plan =
      MakePlan(Row(1, {"СНИЛС", "ОГРН", "Категория", "Должность", "Дата приёма", "Основное"}),
               columns, {}, &cells);
  const auto row = [](const char* main) {
    return Row(2, {"11223344595", "1027700132195", "педагог", "учитель", "01.09.2020", main});
  };
  EXPECT_FALSE(ReadDraft(plan, row("нет"), false, Employment::descriptor(), "86", &cells).bad);
  EXPECT_TRUE(ReadDraft(plan, row(" "), false, Employment::descriptor(), "86", &cells).bad);
  EXPECT_THAT(Told(cells), ElementsAre("2 Основное (столбец F): не сказано, да или нет"));
}

TEST(Plan, MappingsRenameAndLeaveOut) {
  const auto columns = ColumnsOf("persons", Person::descriptor());
  ColumnMap map;
  ASSERT_TRUE(AddMapping("ФИО директора=ФИО", &map).ok());
  ASSERT_TRUE(AddMapping("Примечание = -", &map).ok());
  EXPECT_FALSE(AddMapping("без знака", &map).ok());
  sheet::Folder folder;
  ASSERT_TRUE(ReadMappings(folder.Write("m.txt", "# что чем\nДР=Дата рождения\n\n"), &map).ok());
  Findings findings;
  const Plan plan =
      MakePlan(Row(1, {"ФИО  ДИРЕКТОРА", "примечание", "др"}), columns, map, &findings);
  EXPECT_THAT(Told(findings), IsEmpty());
  const Draft draft = ReadDraft(plan, Row(2, {"Айпина Анна Петровна кызы", "х", "01.02.1980"}),
                                false, Person::descriptor(), "86", &findings);
  const auto& person = static_cast<const Person&>(*draft.message);
  EXPECT_EQ(person.family_name() + "|" + person.given_name() + "|" + person.patronymic(),
            "Айпина|Анна|Петровна кызы");
  EXPECT_EQ(person.birth_date().year(), 1980);
}

TEST(Plan, TheFortyFirstColumnIsTold) {
  const auto columns = ColumnsOf("organisations", Organisation::descriptor());
  Findings findings;
  const Plan plan =
      MakePlan(Row(1, {"Полное наименование", "Вид организации", ""}), columns, {}, &findings);
  ReadDraft(plan, Row(2, {"Школа", "школа", "лишнее", "ещё"}), true, Organisation::descriptor(),
            "86", &findings);
  ReadDraft(plan, Row(3, {"Школа", "школа"}), true, Organisation::descriptor(), "86", &findings);
  EXPECT_THAT(Told(findings), ElementsAre("2 столбец C: лишняя ячейка: у столбца нет заголовка",
                                          "2 столбец D: лишняя ячейка: у столбца нет заголовка",
                                          "3 : ячеек 2, а столбцов 3"));
}

TEST(Key, TellsTheSameThingFromAnother) {
  Organisation a, b;
  a.set_official_name("МБОУ «Школа № 1»");
  b.set_official_name("мбоу школа №1");
  EXPECT_EQ(NaturalKey("organisations", a), NaturalKey("organisations", b));
  b.set_ogrn("1027700132195");
  EXPECT_NE(NaturalKey("organisations", a), NaturalKey("organisations", b));
  EXPECT_EQ(DerivedId("x").size(), 36u);
  EXPECT_EQ(DerivedId("x"), DerivedId("x"));
  EXPECT_NE(DerivedId("x"), DerivedId("y"));
}

// Every field of the three tables comes back from its own cell.
RC_GTEST_PROP(ValueProperty, EveryFieldIsReadBackFromItsCell, ()) {
  Employment e;
  e.set_person("regions/86/persons/" + DerivedId(*rc::gen::arbitrary<std::string>()));
  e.set_organisation("regions/22/organisations/" + DerivedId("b"));
  e.set_category(*rc::gen::element(registry::v1::STAFF_CATEGORY_PEDAGOGUE,
                                   registry::v1::STAFF_CATEGORY_MANAGER));
  e.set_post_code("teacher");
  e.set_post_title(*rc::gen::element<std::string>("учитель, «физики»", "=учитель", "'а", ""));
  for (const auto& code : *rc::gen::container<std::vector<std::string>>(
           rc::gen::element<std::string>("physics", "russian-language")))
    e.add_subject_codes(code);
  auto* date = e.mutable_start_date();
  date->set_year(*rc::gen::inRange(1900, 2100));
  date->set_month(*rc::gen::inRange(1, 13));
  date->set_day(*rc::gen::inRange(1, 29));
  e.set_main(*rc::gen::arbitrary<bool>());
  if (*rc::gen::arbitrary<bool>()) e.mutable_rate()->set_value("1.25");
  Employment read;
  for (const auto& column : ColumnsOf("employments", Employment::descriptor())) {
    if (column.role != Role::kField) continue;
    const Cell cell = FieldCell(e, column.field, "86");
    RC_ASSERT(!SetField(&read, column.field, cell, "86").found());
  }
  RC_ASSERT(read.SerializeAsString() == e.SerializeAsString());
}

}  // namespace
}  // namespace rsnms::ctl
