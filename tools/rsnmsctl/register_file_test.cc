// The federal register from people's files.
#include "tools/rsnmsctl/register_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace rsnms::ctl {
namespace {

using federal::v1::Programme;

class RegisterFileTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) {
    return (std::filesystem::temp_directory_path() / absl::StrCat("register_", getpid(), "_", name))
        .string();
  }
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = Path(name);
    std::ofstream(path) << text;
    return path;
  }
  absl::Status Read(const std::string& path) {
    entries_.clear();
    return ReadRegisterFile(path, {}, [this](Programme entry) { entries_.push_back(entry); });
  }
  std::vector<Programme> entries_;
};

constexpr char kTable[] =
    "Номер в реестре;Название;Вид;Организация;ИНН;Часы;Форма обучения;Компетенции;Дата включения\n"
    "ДПП-1;Практикум;ПК;Институт;8601999991;36;очно-заочная;methodical-lesson:2, "
    "digital-office;01.09.2025\n"
    "ДПП-2;Менеджмент;ПП;Институт;;300;экстернат;;\n";

TEST_F(RegisterFileTest, ATableIsReadByItsRussianHeadings) {
  ASSERT_TRUE(Read(Write("a.csv", kTable)).ok()) << Read(Path("a.csv"));
  ASSERT_EQ(entries_.size(), 2u);
  EXPECT_EQ(entries_[0].register_number(), "ДПП-1");
  EXPECT_EQ(entries_[0].kind(), federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  EXPECT_EQ(entries_[0].provider().inn(), "8601999991");
  EXPECT_EQ(entries_[0].duration_hours(), 36);
  EXPECT_EQ(entries_[0].form(), federal::v1::STUDY_FORM_PART_TIME);
  ASSERT_EQ(entries_[0].competencies_size(), 2);
  EXPECT_EQ(entries_[0].competencies(0).depth(), federal::v1::COVERAGE_DEPTH_WORKING);
  EXPECT_EQ(entries_[0].listed_date().year(), 2025);
  // A form nobody knows is not guessed: the mirror leaves the entry out and says so.
  EXPECT_FALSE(federal::v1::StudyForm_IsValid(entries_[1].form()));
}

TEST_F(RegisterFileTest, JsonAndXlsxSayTheSame) {
  ASSERT_TRUE(Read(Write("b.json",
                         R"({"register_number": "A-1", "title": "Практикум", "duration_hours": 36})"
                         "\n"))
                  .ok());
  ASSERT_EQ(entries_.size(), 1u);
  const Programme json = entries_[0];
  const std::string path = Path("c.xlsx");
  auto writer = sheet::CreateXlsx(path, "Реестр");
  ASSERT_TRUE(writer.ok());
  using sheet::Cell;
  ASSERT_TRUE((*writer)
                  ->Add({Cell{.text = "Номер", .kind = Cell::Kind::kText, .flaw = {}},
                         Cell{.text = "Название", .kind = Cell::Kind::kText, .flaw = {}},
                         Cell{.text = "Часы", .kind = Cell::Kind::kText, .flaw = {}}})
                  .ok());
  ASSERT_TRUE((*writer)
                  ->Add({Cell{.text = "A-1", .kind = Cell::Kind::kText, .flaw = {}},
                         Cell{.text = "Практикум", .kind = Cell::Kind::kText, .flaw = {}},
                         Cell{.text = "36", .kind = Cell::Kind::kNumber, .flaw = {}}})
                  .ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  ASSERT_TRUE(Read(path).ok()) << Read(path);
  ASSERT_EQ(entries_.size(), 1u);
  EXPECT_EQ(entries_[0].SerializeAsString(), json.SerializeAsString());
}

TEST_F(RegisterFileTest, WhatMeansNothingIsRefusedWithItsRow) {
  for (const std::string wrong :
       {"Номер;Название;Часы\n1;Практикум;много\n", "Номер;Название;Компетенции\n1;П;a:9\n",
        "Номер;Часы\n1;36\n", ""}) {
    const auto status = Read(Write("d.csv", wrong));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong << status;
  }
  const auto status = Read(Write("e.json", "{\"register_number\": \"1\"}\n{\"title\": 7,}\n"));
  EXPECT_TRUE(absl::StrContains(status.message(), "строка 2")) << status;
}

}  // namespace
}  // namespace rsnms::ctl
