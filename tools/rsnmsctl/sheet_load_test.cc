// Tables through a real registry: loaded, repeated, refused, exported, and brought back whole.
#include "tools/rsnmsctl/sheet_load_fixture.h"

namespace rsnms::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(Tables, RepeatedLoadChangesNothingAndDoublesNothing) {
  MakeRegion();
  EXPECT_EQ(Sum(Load("organisations", kSchools)), "2/0/0/0");
  EXPECT_EQ(Sum(Load("persons", kPeople)), "2/0/0/0");
  const auto posts = Load("employments", kPosts);
  EXPECT_EQ(Sum(posts), "2/0/0/0") << ::testing::PrintToString(Told(posts));
  EXPECT_EQ(Sum(Load("organisations", kSchools)), "0/0/2/0");
  EXPECT_EQ(Sum(Load("persons", kPeople)), "0/0/2/0");
  EXPECT_EQ(Sum(Load("employments", kPosts)), "0/0/2/0");
  EXPECT_EQ(Count("organisation") + Count("person") + Count("employment"), "222");
  EXPECT_EQ(Sql("SELECT string_agg(post_code || rate || start_date, ' ' ORDER BY post_code) FROM "
                "employment"),
            "preschool-teacher0.52024-09-01 teacher12020-09-01");
}

TEST_F(Tables, PostBesideTheMainOneIsARecordOfItsOwn) {
  MakeRegion();
  ASSERT_EQ(Sum(Load("organisations", kSchools)), "2/0/0/0");
  ASSERT_EQ(Sum(Load("persons", kPeople)), "2/0/0/0");
  const std::string head = "СНИЛС работника;ОГРН;Категория;Должность;Дата приёма;Основное;Ставка\n";
  const std::string row = "11223344595;1027700132195;педагог;учитель физики;01.09.2020;";
  EXPECT_EQ(Sum(Load("employments", head + row + "да;1\n")), "1/0/0/0");
  const std::string both = head + row + "нет;0,5\n" + row + "да;1\n";
  EXPECT_EQ(Sum(Load("employments", both)), "1/0/1/0") << "the main one is the one stored";
  EXPECT_EQ(Sum(Load("employments", both)), "0/0/2/0");
  EXPECT_EQ(Sum(Load("employments", head + row + "нет;0,25\n")), "0/1/0/0") << "beside";
  EXPECT_EQ(Sql("SELECT string_agg(rate::text, ' ' ORDER BY main DESC) FROM employment"), "1 0.25");
}

TEST_F(Tables, ColumnsTheFileLacksAreKept) {
  MakeRegion();
  ASSERT_EQ(Sum(Load("organisations", kSchools)), "2/0/0/0");
  EXPECT_EQ(Sum(Load("organisations",
                     "Полное наименование;ОГРН;Вид;Краткое наименование\n"
                     "МБОУ «Школа № 1»;1027700132195;школа;Школа 1\n")),
            "0/1/0/0");
  EXPECT_EQ(Sql("SELECT municipality_id || short_name FROM organisation WHERE ogrn <> ''"),
            "71876000Школа 1");
}

TEST_F(Tables, RecordsMadeOtherwiseAreFoundByTheirNumbers) {
  MakeRegion();
  ASSERT_TRUE(MakeBody("МБДОУ «Ёлочка»", kUrai, v1::ORGANISATION_KIND_PRESCHOOL).ok());
  EXPECT_EQ(Sum(Load("organisations", kSchools)), "1/0/1/0");
}

TEST_F(Tables, OneWrongRowStopsAllAndEveryoneIsTold) {
  MakeRegion();
  const std::string text =
      "Полное наименование;Вид организации;ОКТМО;ОГРН;Дата основания;Дата закрытия\n"
      "МБОУ «Школа № 1»;школа;71876000;1027700132195;;\n"
      ";школа;71876000;;;\n"
      "Школа 3;завод;71876000;;;\n"
      "Школа 4;школа;71999000;;;\n"
      "Школа 5;школа;71876000;1027700132196;;\n"
      "Школа 6;школа;71876000;;01.09.2020;01.09.2019\n"
      "мбоу «школа №1»;школа;71876000;1027700132195;;\n"
      "Школа 8;школа;71876000;;=ДАТА();\n";
  const auto outcome = Load("organisations", text, {.report = folder_.Path("report.csv")});
  EXPECT_THAT(Told(outcome),
              ElementsAre(HasSubstr("3 Полное наименование (столбец A): "),
                          "4 Вид организации (столбец B): такого значения нет",
                          HasSubstr("5 ОКТМО (столбец C): "),
                          "6 ОГРН (столбец D): контрольное число не сходится", HasSubstr("7 "),
                          "8 : повторяет строку 2",
                          HasSubstr("9 Дата основания (столбец E): в ячейке формула")));
  EXPECT_FALSE(outcome.ok() && outcome->written);
  EXPECT_EQ(Count("organisation"), "0");
  EXPECT_EQ(sheet::Rows(folder_.Path("report.csv")).size(), 8u);

  EXPECT_EQ(Sum(Load("organisations", text, {.skip_bad = true, .validate_only = true})),
            "1/0/0/7 пробно");
  EXPECT_EQ(Count("organisation"), "0");
  EXPECT_EQ(Sum(Load("organisations", text, {.skip_bad = true})), "1/0/0/7");
  EXPECT_EQ(Count("organisation"), "1");
}

TEST_F(Tables, WhatTheDatabaseAloneKnowsIsToldToo) {
  MakeRegion();
  ASSERT_EQ(Sum(Load("organisations", kSchools)), "2/0/0/0");
  ASSERT_EQ(Sum(Load("persons", kPeople)), "2/0/0/0");
  const auto outcome = Load("employments",
                            "СНИЛС;ОГРН;Категория;Должность;Дата приёма;Основное\n"
                            "11223344595;1027700132195;педагог;учитель физики;01.09.2020;да\n"
                            "11223344595;1027700132195;педагог;учитель химии;01.10.2020;да\n"
                            "11223344595;1027700132195;педагог;дворник;01.10.2020;нет\n"
                            "087-654-303 00;1027700132195;педагог;учитель;01.10.2020;нет\n");
  EXPECT_THAT(
      Told(outcome),
      ElementsAre(HasSubstr("3 "), "4 Должность (столбец D): код такой должности неизвестен",
                  "5 СНИЛС (столбец A): человека с таким СНИЛС в реестре региона нет"));
  EXPECT_EQ(Count("employment"), "0");
}

TEST_F(Tables, NothingIsHalfLoadedFromBrokenFiles) {
  MakeRegion();
  const std::string text = kSchools;
  EXPECT_THAT(Told(Load("organisations", text.substr(0, text.size() - 12))),
              ElementsAre(HasSubstr("3 ")));
  EXPECT_THAT(Told(Load("organisations", text + "\"обрыв")), ElementsAre(HasSubstr("не закрыта")));
  EXPECT_THAT(Told(Load("organisations", "а;б\n1;2\n")),
              ElementsAre(HasSubstr("не найдена строка заголовков")));
  EXPECT_THAT(Told(Load("organisations", "Вид;Наименование;Директор\nшкола;Школа;Я\n")),
              ElementsAre("1 Директор (столбец C): такого столбца нет"));
  SheetOptions merged;
  merged.collection = "organisations";
  merged.skip_bad = true;
  merged.path = folder_.WriteSheet(
      "<row><c t=\"inlineStr\"><is><t>Список школ</t></is></c></row>"
      "<row><c t=\"inlineStr\"><is><t>Наименование</t></is></c><c "
      "t=\"inlineStr\"><is><t>Вид</t></is></c></row>"
      "<row><c t=\"inlineStr\"><is><t>Школа</t></is></c><c "
      "t=\"inlineStr\"><is><t>ЦНППМ</t></is></c></row>",
      "<mergeCells><mergeCell ref=\"A1:B1\"/><mergeCell ref=\"B3:B4\"/></mergeCells>");
  EXPECT_THAT(Told(ctl::ImportSheet(*session_, merged)),
              ElementsAre("3 : ячейки B3:B4 объединены"));
  EXPECT_EQ(Count("organisation"), "0");
}

// An invented region goes out as tables and comes into an empty one with nothing lost.
TEST_F(Tables, RoundTripLosesNothing) {
  const auto generator = *demo::Generator::Create({.seed = 5, .educators = 300, .regions = {"86"}});
  for (const char* code : {"86", "22"}) {
    v1::CreateRegionRequest region;
    region.set_parent(absl::StrCat("regions/", code));
    region.set_region_id(code);
    region.mutable_region()->set_official_name("Край");
    const auto made = Call<v1::Region>("CreateRegion", region);
    ASSERT_TRUE(made.ok()) << made.status();
  }
  const auto all = options::v1::IMPORT_MODE_ALL_OR_NOTHING;
  ASSERT_TRUE((Import<v1::ImportMunicipalitiesRequest, v1::ImportMunicipalitiesResponse>(
                   "ImportMunicipalities", &v1::ImportMunicipalitiesRequest::mutable_municipality,
                   generator->Municipalities(0), all))
                  .ok());
  ASSERT_TRUE((Import<v1::ImportOrganisationsRequest, v1::ImportOrganisationsResponse>(
                   "ImportOrganisations", &v1::ImportOrganisationsRequest::mutable_organisation,
                   generator->Organisations(0), all))
                  .ok());
  ASSERT_TRUE(
      (Import<v1::ImportPersonsRequest, v1::ImportPersonsResponse>(
           "ImportPersons", &v1::ImportPersonsRequest::mutable_person, generator->Persons(0), all))
          .ok());
  ASSERT_TRUE((Import<v1::ImportEmploymentsRequest, v1::ImportEmploymentsResponse>(
                   "ImportEmployments", &v1::ImportEmploymentsRequest::mutable_employment,
                   generator->Employments(0), all))
                  .ok());
  for (const char* collection : {"municipalities", "organisations", "persons", "employments"}) {
    const std::string csv = Export("86", collection, absl::StrCat(collection, ".csv"));
    const std::string xlsx = Export("86", collection, absl::StrCat(collection, ".xlsx"));
    SheetOptions options;
    options.region = "22";
    options.collection = collection;
    options.path = csv;
    const auto in = ctl::ImportSheet(*session_, options);
    ASSERT_THAT(Told(in), IsEmpty()) << collection;
    ASSERT_TRUE(in->written) << collection;
    EXPECT_GT(in->loaded.created, 0) << collection;
    EXPECT_EQ(sheet::Folder::Read(Export("22", collection, "again.csv")), sheet::Folder::Read(csv))
        << collection;
    options.path = xlsx;  // the same in the other form: every row equals what is stored
    const auto again = ctl::ImportSheet(*session_, options);
    ASSERT_THAT(Told(again), IsEmpty()) << collection;
    EXPECT_EQ(again->loaded.unchanged, in->loaded.created) << collection;
  }
}

}  // namespace
}  // namespace rsnms::registry
