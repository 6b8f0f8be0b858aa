// XLSX as it comes in life, and as an enemy would write it.
#include <gtest/gtest.h>
// After gtest, which it uses.
#include <rapidcheck/gtest.h>

#include "tools/rsnmsctl/sheet_book.h"
#include "tools/rsnmsctl/sheet_testing.h"

namespace rsnms::sheet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Xlsx, GivesTextNumbersDatesAndTruth) {
  Folder folder;
  const std::string path = folder.WriteSheet(
      "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>"
      "<row r=\"4\"><c r=\"A4\"><v>1.027700132195E12</v></c><c r=\"C4\" s=\"1\"><v>45536</v></c>"
      "<c r=\"D4\" s=\"2\"><v>45536.5625</v></c><c r=\"E4\" t=\"b\"><v>1</v></c>"
      "<c r=\"F4\" t=\"inlineStr\"><is><r><t>ин</t></r><r><t>лайн</t></r></is></c>"
      "<c r=\"G4\"><v>0.1</v></c><c r=\"H4\"><v>0.30000000000000004</v></c></row>",
      "",
      "<si><t>ОГРН</t></si><si><r><t>Два </t></r><r><t>куска</t></r><rPh><t>звук</t></rPh></si>");
  EXPECT_THAT(Rows(path), ElementsAre("1:ОГРН|Два куска|",
                                      "4:1027700132195||2024-09-01|2024-09-01T13:30:00|да|инлайн|0."
                                      "1|0.3|"));
}

TEST(Xlsx, CountsDaysAsTheBookDoes) {
  Folder folder;
  const std::string path = folder.WriteXlsx(
      {{"xl/workbook.xml",
        "<workbook xmlns:r=\"r\"><workbookPr date1904=\"1\"/><sheets><sheet name=\"скрытый\" "
        "state=\"hidden\" r:id=\"r9\"/><sheet name=\"Люди\" r:id=\"r1\"/></sheets></workbook>"},
       {"xl/worksheets/sheet1.xml",
        "<x:worksheet xmlns:x=\"x\"><x:sheetData><x:row><x:c "
        "s=\"1\"><x:v>44074</x:v></x:c></x:row></x:sheetData></x:worksheet>"}});
  EXPECT_THAT(Rows(path), ElementsAre("1:2024-09-01|"));
  EXPECT_THAT(Rows(path, {.sheet = "люди"}), ElementsAre("1:2024-09-01|"));
  EXPECT_THAT(Rows(path, {.sheet = "Школы"}), ElementsAre(HasSubstr("нет листа «Школы»; есть: ")));
}

TEST(Xlsx, TakesWhatExcelSavedForFormulasAndRefusesTheRest) {
  Folder folder;
  std::vector<std::string> notes;
  EXPECT_THAT(
      Rows(folder.WriteSheet("<row r=\"1\"><c r=\"A1\" t=\"str\"><f>B1&amp;C1</f><v>готово</v></c>"
                             "<c r=\"B1\"><f>NOW()</f></c><c r=\"C1\" t=\"e\"><v>#N/A</v></c>"
                             "<c r=\"D1\" t=\"s\"><v>7</v></c></row>"),
           {}, &notes),
      ElementsAre("1:готово|{формула без сохранённого значения}|{в ячейке ошибка Excel}|{ячейка "
                  "ссылается на текст, которого в файле нет}|"));
  EXPECT_THAT(notes, Contains(HasSubstr("формул: 1")));
}

TEST(Xlsx, TellsOfMergedCells) {
  Folder folder;
  auto reader = *Open(folder.WriteSheet("<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>",
                                        "<mergeCells><mergeCell ref=\"A2:B5\"/></mergeCells>"),
                      {});
  Row row;
  while (*reader->Next(&row)) {
  }
  ASSERT_EQ(reader->merges().size(), 1u);
  EXPECT_EQ(reader->merges()[0].range, "A2:B5");
  EXPECT_EQ(reader->merges()[0].first_row, 2);
  EXPECT_EQ(reader->merges()[0].last_row, 5);
}

TEST(Xlsx, CutAnywhereIsRefused) {
  Folder folder;
  std::string rows;
  for (int i = 1; i <= 300; ++i)
    absl::StrAppend(&rows, "<row r=\"", i, "\"><c r=\"A", i, "\"><v>", i * 7919, "</v></c></row>");
  const std::string whole = Folder::Read(folder.WriteSheet(rows));
  ASSERT_GT(whole.size(), 100u);
  for (size_t size : {whole.size() / 4, whole.size() / 2, whole.size() - 30, whole.size() - 1}) {
    EXPECT_THAT(Rows(folder.Write("cut.xlsx", whole.substr(0, size))),
                Contains(HasSubstr("повреждён или скопирован не целиком")))
        << size;
  }
  EXPECT_THAT(Rows(folder.WriteXlsx({{"xl/worksheets/sheet1.xml",
                                      "<worksheet><sheetData><row r=\"1\"><c r=\"A1\">"}})),
              Contains(HasSubstr("повреждён")));
}

TEST(Xlsx, ABombIsRefusedBeforeItFillsMemory) {
  Folder folder;
  // 64 MiB of one letter pack into 64 KiB.
  const std::string flood(64 << 20, 'x');
  EXPECT_THAT(Rows(folder.WriteSheet("", "<!--" + flood + "-->")),
              Contains(HasSubstr("несоразмерно большой")));
  EXPECT_THAT(Rows(folder.WriteSheet("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", "",
                                     "<si><t>" + flood + "</t></si>")),
              Contains(HasSubstr("несоразмерно большой")));
  EXPECT_THAT(
      Rows(folder.WriteXlsx({{"xl/worksheets/sheet1.xml",
                              "<!DOCTYPE a [<!ENTITY b \"b\">]><worksheet>&b;</worksheet>"}})),
      Contains(HasSubstr("DTD")));
}

TEST(Xlsx, HugeSharedStringsAreRefused) {
  SharedStrings strings;
  const std::string piece(1 << 20, 'x');
  while (!strings.too_large()) {
    strings.Append(piece);
    strings.EndString();
  }
  EXPECT_LE(strings.size(), (kMaxSharedBytes >> 20) + 1);
}

TEST(Xlsx, CellsFarToTheRightAndRowsOutOfOrderAreRefused) {
  Folder folder;
  EXPECT_THAT(Rows(folder.WriteSheet("<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>")),
              ElementsAre(HasSubstr("заполнен столбец XFD")));
  EXPECT_THAT(Rows(folder.WriteSheet("<row r=\"2\"><c><v>1</v></c></row><row r=\"1\"/>")),
              Contains(HasSubstr("не по порядку")));
  EXPECT_THAT(Rows(folder.WriteSheet("<row r=\"1\"><c><v>12345678901234567890</v></c></row>")),
              ElementsAre(HasSubstr("больше 15 знаков")));
}

TEST(Xlsx, OtherBooksAreNamedForWhatTheyAre) {
  Folder folder;
  EXPECT_THAT(Rows(folder.WriteXlsx({{"_rels/.rels", "<Relationships/>"}})),
              ElementsAre(HasSubstr("не книга Excel")));
  EXPECT_THAT(Rows(folder.WriteXlsx({{"_rels/.rels",
                                      "<Relationships><Relationship Id=\"r\" "
                                      "Type=\"x/officeDocument\" Target=\"xl/workbook.bin\"/>"
                                      "</Relationships>"}})),
              ElementsAre(HasSubstr("XLSB")));
  EXPECT_THAT(Rows(folder.WriteXlsx({})), ElementsAre(HasSubstr("нет листа")));
}

TEST(Xlsx, KnowsDateFormats) {
  for (const char* format : {"dd.mm.yyyy", "[$-419]d mmmm yyyy\\ \"г.\";@", "m/d/yy h:mm", "mmm"})
    EXPECT_TRUE(IsDateFormat(format)) << format;
  for (const char* format :
       {"General", "0.00", "#,##0\\ \"дней\"", "[Red]0", "h:mm:ss", "mm:ss", "@"})
    EXPECT_FALSE(IsDateFormat(format)) << format;
}

TEST(Sheet, ColumnsAreLettered) {
  EXPECT_EQ(ColumnLetters(0), "A");
  EXPECT_EQ(ColumnLetters(25), "Z");
  EXPECT_EQ(ColumnLetters(26), "AA");
  EXPECT_EQ(ColumnLetters(40), "AO");
  EXPECT_EQ(ColumnLetters(16383), "XFD");
}

TEST(Xlsx, ReadsBackWhatItWrites) {
  Folder folder;
  const std::string path = folder.Path("out.xlsx");
  auto writer = *CreateXlsx(path, "organisations");
  using K = Cell::Kind;
  ASSERT_TRUE(writer->Add({{"ОГРН", {}, {}}, {"Дата", {}, {}}, {"Ставка", {}, {}}}).ok());
  ASSERT_TRUE(
      writer
          ->Add({{"0027700132195", {}, {}}, {"2024-09-01", K::kDate, {}}, {"0.25", K::kNumber, {}}})
          .ok());
  ASSERT_TRUE(
      writer->Add({{"=A1 «текст»", {}, {}}, {"1899-01-02", K::kDate, {}}, {"", {}, {}}}).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_THAT(Rows(path), ElementsAre("1:ОГРН|Дата|Ставка|", "2:0027700132195|2024-09-01|0.25|",
                                      "3:=A1 «текст»|1899-01-02|"));
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

RC_GTEST_PROP(XlsxProperty, WhatIsWrittenIsReadBack, ()) {
  const auto texts = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(rc::gen::nonEmpty(rc::gen::map(
          rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(std::vector<std::string>{
              "а", "Ё", "<", "&", "\"", "_x0041_", "_x", "]]>", " ", "\n", "=", "0"})),
          [](const std::vector<std::string>& parts) {
            std::string text = "ж";
            for (const auto& part : parts) text += part;
            return text;
          }))));
  Folder folder;
  const std::string path = folder.Path("a.xlsx");
  auto writer = *CreateXlsx(path, "лист");
  for (const auto& text : texts) RC_ASSERT(writer->Add({{text, {}, {}}}).ok());
  RC_ASSERT(writer->Finish().ok());
  auto reader = *Open(path, {});
  Row row;
  for (const auto& text : texts) {
    RC_ASSERT(*reader->Next(&row));
    RC_ASSERT(row.cells[0].text == text);
  }
  RC_ASSERT(!*reader->Next(&row));
}

}  // namespace
}  // namespace rsnms::sheet
