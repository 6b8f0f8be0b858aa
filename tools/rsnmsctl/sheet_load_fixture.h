// Tables through a real registry, for the tests.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_LOAD_FIXTURE_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_LOAD_FIXTURE_H_

#include "services/registry/registry_fixture.h"
#include "tools/rsnmsctl/sheet_import.h"
#include "tools/rsnmsctl/sheet_testing.h"

namespace rsnms::registry {

using ctl::SheetOptions;
using ctl::SheetOutcome;

class Tables : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    settings_.targets["registry"] = service_->target();
    settings_.token = testing::TestToken({"administrator"}, {"*"});
    session_ = std::make_unique<ctl::Session>(settings_);
  }
  void TearDown() override {
    session_.reset();
    RegistryTest::TearDown();
  }

  absl::StatusOr<SheetOutcome> Load(const std::string& collection, const std::string& text,
                                    SheetOptions options = {}) {
    options.path = folder_.Write("in.csv", text);
    options.collection = collection;
    return ctl::ImportSheet(*session_, options);
  }
  // created/updated/unchanged/rejected, and whether it was written.
  static std::string Sum(const absl::StatusOr<SheetOutcome>& outcome) {
    if (!outcome.ok()) return outcome.status().ToString();
    const auto& l = outcome->loaded;
    return absl::StrCat(l.created, "/", l.updated, "/", l.unchanged, "/", l.rejected,
                        outcome->written ? "" : " пробно");
  }
  static std::vector<std::string> Told(const absl::StatusOr<SheetOutcome>& outcome) {
    std::vector<std::string> lines;
    if (!outcome.ok()) return {outcome.status().ToString()};
    for (const auto& f : outcome->findings.Sorted()) {
      EXPECT_FALSE(f.mend.empty()) << f.what;
      lines.push_back(absl::StrCat(f.row, " ", f.column, ": ", f.what));
    }
    return lines;
  }
  std::string Export(const std::string& region, const std::string& collection,
                     const std::string& file) {
    const std::string path = folder_.Path(file);
    const auto count = ctl::ExportSheet(
        *session_, {.region = region, .collection = collection, .path = path, .filter = ""});
    EXPECT_TRUE(count.ok()) << count.status();
    return path;
  }
  std::string Count(const std::string& table) {
    return Sql("SELECT count(*) FROM " + table + " WHERE delete_time IS NULL");
  }

  sheet::Folder folder_;
  ctl::Settings settings_;
  std::unique_ptr<ctl::Session> session_;
};

inline constexpr char kSchools[] =
    "\xEF\xBB\xBFПолное наименование;Вид организации;ОКТМО;ОГРН\r\n"
    "МБОУ «Школа № 1»;школа;71876000;1027700132195\r\n"
    "МБДОУ «Ёлочка»;детский сад;71878000;\r\n";
inline constexpr char kPeople[] =
    "ФИО,СНИЛС,Дата рождения,Пол\n"
    "Айпина Анна Петровна,112-233-445 95,10.05.1980,ж\n"
    "Молданов Пётр,,01.02.1975,м\n";
inline constexpr char kPosts[] =
    "СНИЛС работника;ОГРН;Организация;Категория;Должность;Дата приёма;Основное;Ставка\n"
    "11223344595;1027700132195;;педагог;учитель физики;01.09.2020;да;1\n"
    "112-233-445 95;;МБДОУ «Ёлочка»;педагог;воспитатель;45536;нет;0,5\n";

}  // namespace rsnms::registry

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_LOAD_FIXTURE_H_
