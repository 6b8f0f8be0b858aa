// CSV as it comes in life.
#include <unicode/unistr.h>

#include <gtest/gtest.h>
// After gtest, which it uses.
#include <rapidcheck/gtest.h>

#include "tools/rsnmsctl/sheet_testing.h"
#include "tools/rsnmsctl/sheet_text.h"

namespace rsnms::sheet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string In(const char* encoding, const std::string& utf8) {
  const icu::UnicodeString text = icu::UnicodeString::fromUTF8(utf8);
  std::string bytes(utf8.size() * 4 + 8, '\0');
  bytes.resize(text.extract(0, text.length(), bytes.data(), bytes.size(), encoding));
  return bytes;
}

const char* kSchool = "Наименование;ОГРН\r\nШкола № 1 «Ёлочка»;1027700132195\r\n";
const auto kSchoolRows = ElementsAre("1:Наименование|ОГРН|", "2:Школа № 1 «Ёлочка»|1027700132195|");

TEST(Csv, IsReadInTheEncodingItWasWrittenIn) {
  Folder folder;
  const std::map<std::string, std::string> files = {
      {"plain.csv", kSchool},
      {"bom.csv", std::string("\xEF\xBB\xBF") + kSchool},
      {"ansi.csv", In("windows-1251", kSchool)},
      {"utf16le.csv", "\xFF\xFE" + In("UTF-16LE", kSchool)},
      {"utf16be.csv", "\xFE\xFF" + In("UTF-16BE", kSchool)},
  };
  for (const auto& [name, bytes] : files)
    EXPECT_THAT(Rows(folder.Write(name, bytes)), kSchoolRows) << name;
}

TEST(Csv, OfOtherCyrillicEncodingsIsTold) {
  Folder folder;
  const std::string text = "Фамилия;Имя\nИванова;Анна\nПетров;Сергей\n";
  for (const char* encoding : {"IBM866", "KOI8-R", "windows-1251"}) {
    std::vector<std::string> notes;
    EXPECT_THAT(Rows(folder.Write("a.csv", In(encoding, text)), {}, &notes),
                ElementsAre("1:Фамилия|Имя|", "2:Иванова|Анна|", "3:Петров|Сергей|"))
        << encoding;
  }
  EXPECT_THAT(Rows(folder.Write("a.csv", In("IBM866", text)), {.encoding = "cp866"}),
              Contains("2:Иванова|Анна|"));
  EXPECT_THAT(Rows(folder.Write("a.csv", text), {.encoding = "латынь"}),
              ElementsAre(HasSubstr("неизвестная кодировка")));
}

TEST(Csv, IsCutAtWhicheverSeparatorItUses) {
  Folder folder;
  for (const char* separator : {";", ",", "\t", "|"}) {
    const std::string text = absl::StrCat("а", separator, "б", separator, "в\n1", separator,
                                          "\"2,5; и | ещё\"", separator, "3\n");
    EXPECT_THAT(Rows(folder.Write("a.csv", text)), ElementsAre("1:а|б|в|", "2:1|2,5; и | ещё|3|"))
        << separator;
  }
  EXPECT_THAT(Rows(folder.Write("a.csv", "sep=,\nа,б;в\n")), ElementsAre("1:а|б;в|"));
  EXPECT_THAT(Rows(folder.Write("a.csv", "а,б;в\n"), {.delimiter = ';'}), ElementsAre("1:а,б|в|"));
}

TEST(Csv, KeepsQuotesNewlinesAndBlankLinesWhereTheyBelong) {
  Folder folder;
  EXPECT_THAT(
      Rows(folder.Write("a.csv", "а;б\n\n\"МБОУ \"\"Школа\"\"\nг. Урай\";МБОУ \"Лицей\"\n")),
      ElementsAre("1:а|б|", "3:МБОУ \"Школа\"\nг. Урай|МБОУ \"Лицей\"|"));
  EXPECT_THAT(Rows(folder.Write("a.csv", "а;б\r1;2\r")), ElementsAre("1:а|б|", "2:1|2|"));
  EXPECT_THAT(Rows(folder.Write("a.csv", "а;б\n\"Школа\" №1;2\n")),
              Contains(HasSubstr("после закрывающей кавычки")));
}

TEST(Csv, RefusesFormulasButNotTextThatLooksLikeOne) {
  Folder folder;
  EXPECT_THAT(
      Rows(folder.Write("a.csv", "а;б;в;г\n=A1+1;=\"0123\";'=A1;+79991234567\n")),
      Contains("2:=A1+1{в ячейке формула, а CSV не хранит её значения}|0123|=A1|+79991234567|"));
}

TEST(Csv, ThatWasCutIsRefused) {
  Folder folder;
  EXPECT_THAT(Rows(folder.Write("a.csv", "а;б\n1;\"два")),
              Contains(HasSubstr("кавычка, открытая в строке 2")));
  const std::string text = "Наименование;Вид\nШкола;школа";
  EXPECT_THAT(Rows(folder.Write("a.csv", text.substr(0, text.size() - 1))),
              ElementsAre(HasSubstr("обрывается посреди буквы")));
  EXPECT_THAT(Rows(folder.Write("a.csv", "\xFF\xFE" + In("UTF-16LE", "а;б\n") + "\x04")),
              Contains(HasSubstr("ОШИБКА файл не читается в кодировке UTF-16")));
  EXPECT_THAT(Rows(folder.Write("a.csv", "")), ElementsAre("ОШИБКА файл пуст"));
}

TEST(Csv, WithForeignBytesIsRefusedRatherThanGuessed) {
  Folder folder;
  EXPECT_THAT(Rows(folder.Write("a.csv", "Наименование;Вид\nШкола \xC8\xEC;школа\n")),
              ElementsAre(HasSubstr("чужие байты")));
  EXPECT_THAT(Rows(folder.Write("a.csv", std::string("a;b\n1;\0\n", 8))),
              ElementsAre(HasSubstr("двоичный")));
}

TEST(Csv, UnclosedQuoteDoesNotEatMemory) {
  Folder folder;
  EXPECT_THAT(Rows(folder.Write("a.csv", "а;б\n\"" + std::string(3 << 20, 'x'))),
              Contains(HasSubstr("не закрыта")));
  EXPECT_THAT(Rows(folder.Write("a.csv", "а;б\n" + std::string(100'000, ';'))),
              Contains(HasSubstr("слишком много столбцов")));
}

TEST(File, ThatIsNoTableIsNamedForWhatItIs) {
  Folder folder;
  EXPECT_THAT(Rows(folder.Write("a.xls", "\xD0\xCF\x11\xE0\xA1")), ElementsAre(HasSubstr("XLS")));
  EXPECT_THAT(Rows(folder.Write("a.csv", "%PDF-1.7")), ElementsAre(HasSubstr("PDF")));
  EXPECT_THAT(Rows(folder.Write("a.xls", "<html><table>")), ElementsAre(HasSubstr("веб-страница")));
  EXPECT_THAT(Rows(folder.Write("a.xlsx", "а;б\n")), ElementsAre(HasSubstr("повреждён")));
  EXPECT_THAT(Rows(folder.Path("none.csv")), ElementsAre(HasSubstr("не открыть")));
}

TEST(Text, OddSpacesAreCleanedAndTitlesFolded) {
  EXPECT_EQ(Clean("\xC2\xA0 МБОУ\xC2\xA0СОШ\xE2\x80\x8B \xE2\x80\xAF№\xC2\xAD 5\n"),
            "МБОУ СОШ  № 5");
  EXPECT_EQ(Fold(" Дата  приёма\n(на работу): "), Fold("дата приема на работу"));
  EXPECT_EQ(Fold("E-mail"), "email");
}

TEST(Text, ExcelNumbersAreDays) {
  EXPECT_EQ(DateOfSerial(1, false), "1900-01-01");
  EXPECT_EQ(DateOfSerial(59, false), "1900-02-28");
  EXPECT_EQ(DateOfSerial(60, false), std::nullopt);
  EXPECT_EQ(DateOfSerial(61, false), "1900-03-01");
  EXPECT_EQ(DateOfSerial(45536, false), "2024-09-01");
  EXPECT_EQ(DateOfSerial(45536.5625, false), "2024-09-01T13:30:00");
  EXPECT_EQ(DateOfSerial(44074, true), "2024-09-01");
  EXPECT_EQ(DateOfSerial(0.5, false), std::nullopt);
  EXPECT_EQ(DateOfSerial(3e6, false), std::nullopt);
}

// Text of letters, separators and everything else a writer has to be careful with.
rc::Gen<std::string> AnyText() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(
                          std::vector<std::string>{"а", "Ё", "z", "7", " ", ";", ",", "\"", "\n",
                                                   "\r\n", "\t", "=", "+", "-", "'", "@", "«"})),
                      [](const std::vector<std::string>& parts) {
                        std::string text;
                        for (const auto& part : parts) text += part;
                        return text;
                      });
}

RC_GTEST_PROP(CsvProperty, WhatIsWrittenIsReadBack, ()) {
  const auto width = *rc::gen::inRange<size_t>(2, 6);
  const auto table = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(width, AnyText()));
  Folder folder;
  const std::string path = folder.Path("a.csv");
  auto writer = *CreateCsv(path);
  const std::vector<std::string> header = {"а", "б", "в", "г", "д"};
  std::vector<Cell> cells;
  for (size_t i = 0; i < width; ++i) cells.push_back({header[i], {}, {}});
  RC_ASSERT(writer->Add(cells).ok());
  std::vector<std::vector<std::string>> expected;
  for (const auto& row : table) {
    cells.clear();
    for (const auto& text : row) cells.push_back({text, {}, {}});
    RC_ASSERT(writer->Add(cells).ok());
    const bool blank = std::all_of(row.begin(), row.end(), [](const auto& t) { return t.empty(); });
    if (!blank) expected.push_back(row);
  }
  RC_ASSERT(writer->Finish().ok());
  auto reader = *Open(path, {.delimiter = ';'});
  Row row;
  RC_ASSERT(*reader->Next(&row));
  std::vector<std::vector<std::string>> read;
  while (*reader->Next(&row)) {
    read.emplace_back();
    for (const Cell& cell : row.cells) {
      RC_ASSERT(!cell.flaw.found());
      read.back().push_back(cell.text);
    }
  }
  RC_ASSERT(read == expected);
}

}  // namespace
}  // namespace rsnms::sheet
