// Sets of tables through a real registry: the order, dry runs, faults found before anything is
// written, and continuing after a stop.
#include "tools/rsnmsctl/sheet_set.h"
#include "tools/rsnmsctl/sheet_load_fixture.h"

namespace rsnms::registry {
namespace {

using ctl::SetOutcome;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Sets : public Tables {
 protected:
  void SetUp() override {
    Tables::SetUp();
    MakeRegion();
    WriteAll();
  }
  // Named so that the alphabet is not the order of references.
  void WriteAll() {
    folder_.Write("3 организации.csv", kSchools);
    folder_.Write("2-люди.csv", kPeople);
    folder_.Write("1_employments.csv", kPosts);
  }
  absl::StatusOr<SetOutcome> LoadAll(SheetOptions options = {}) {
    const auto files = ctl::ArrangeSet({folder_.Path("")});
    if (!files.ok()) return files.status();
    return ctl::ImportSet(*session_, options, *files);
  }
  // created/updated/unchanged/rejected+deferred of each file that was reached.
  static std::vector<std::string> Sums(const absl::StatusOr<SetOutcome>& set) {
    if (!set.ok()) return {set.status().ToString()};
    std::vector<std::string> sums;
    for (const auto& file : set->files) {
      sums.push_back(Sum(file));
      if (file.deferred > 0) absl::StrAppend(&sums.back(), " +", file.deferred);
    }
    if (!set->status.ok()) sums.push_back(set->status.ToString());
    return sums;
  }
  std::string All() { return Count("organisation") + Count("person") + Count("employment"); }
};

TEST_F(Sets, FilesAreLoadedAfterWhatTheyReferTo) {
  const auto files = ctl::ArrangeSet({folder_.Path("")});
  ASSERT_TRUE(files.ok()) << files.status();
  std::vector<std::string> order;
  for (const auto& file : *files) order.push_back(file.collection);
  EXPECT_THAT(order, ElementsAre("organisations", "persons", "employments"));
  EXPECT_THAT(Sums(LoadAll()), ElementsAre("2/0/0/0", "2/0/0/0", "2/0/0/0"));
  EXPECT_EQ(All(), "222");
  const auto again = LoadAll();
  EXPECT_THAT(Sums(again), ElementsAre("0/0/2/0", "0/0/2/0", "0/0/2/0"));
  EXPECT_TRUE(again->complete);
}

// In an empty region nothing that people's posts refer to is there yet.
TEST_F(Sets, DryRunJudgesWhatItCanAndWritesNothing) {
  EXPECT_THAT(Sums(LoadAll({.validate_only = true})),
              ElementsAre("2/0/0/0 пробно", "2/0/0/0 пробно", "0/0/0/0 пробно +2"));
  EXPECT_EQ(All(), "000");
  ASSERT_TRUE(LoadAll()->complete);
  EXPECT_THAT(Sums(LoadAll({.validate_only = true})),
              ElementsAre("0/0/2/0 пробно", "0/0/2/0 пробно", "0/0/2/0 пробно"));
}

TEST_F(Sets, WrongCellInTheLastFileIsFoundBeforeTheFirstIsLoaded) {
  folder_.Write("1_employments.csv", std::string(kPosts) +
                                         "11223344595;1027700132195;;педагог;учитель;31.02.2020;"
                                         "нет;1\n00000000000;1027700132195;;педагог;учитель;"
                                         "01.02.2020;нет;1\n");
  const auto set = LoadAll({.report = folder_.Path("замечания.csv.txt")});
  EXPECT_THAT(Sums(set), ElementsAre("2/0/0/0 пробно", "2/0/0/0 пробно", "0/0/0/2 пробно +2"));
  EXPECT_FALSE(set->complete);
  EXPECT_EQ(All(), "000");
  EXPECT_THAT(Told(set->files[2]), ElementsAre(HasSubstr("4 Дата приёма"), HasSubstr("5 СНИЛС")));
  const auto report = sheet::Rows(folder_.Path("замечания.csv.txt"));
  ASSERT_EQ(report.size(), 3u);
  EXPECT_THAT(report[1], AllOf(HasSubstr("1_employments.csv|4|"), HasSubstr("Дата приёма")));
  // The same with what is right.
  EXPECT_THAT(Sums(LoadAll({.skip_bad = true})), ElementsAre("2/0/0/0", "2/0/0/0", "2/0/0/2"));
}

TEST_F(Sets, WrongHeadingsStopEverythingEvenWhenBadRowsAreSkipped) {
  folder_.Write("1_employments.csv", "Должность;Директор\nучитель;Я\n");
  EXPECT_FALSE(LoadAll({.skip_bad = true})->complete);
  EXPECT_EQ(All(), "000");
}

// What only the registry knows stops the set at that file; mending it and repeating finishes.
TEST_F(Sets, StoppedSetIsContinuedByRepeatingIt) {
  folder_.Write(
      "1_employments.csv",
      "Код работника;ОГРН;Категория;Должность;Дата приёма;Основное;Ставка\n"
      "0190b7a6-0000-7000-8000-000000000001;1027700132195;педагог;учитель;01.09.2020;да;1\n");
  const auto set = LoadAll();
  EXPECT_THAT(Sums(set), ElementsAre("2/0/0/0", "2/0/0/0", "0/0/0/1 пробно"));
  EXPECT_FALSE(set->complete);
  EXPECT_EQ(All(), "220");
  folder_.Write("1_employments.csv", kPosts);
  EXPECT_THAT(Sums(LoadAll()), ElementsAre("0/0/2/0", "0/0/2/0", "2/0/0/0"));
}

// A body of the file and one of the registry bear the same name: neither is taken by chance.
TEST_F(Sets, NamesAreAmbiguousTogetherWithTheRegistry) {
  ASSERT_TRUE(MakeBody("МБДОУ «Ёлочка»", kSurgut, v1::ORGANISATION_KIND_PRESCHOOL).ok());
  const auto set = LoadAll();
  ASSERT_EQ(Sums(set)[0], "2/0/0/0");
  EXPECT_THAT(Told(set->files[2]), ElementsAre(HasSubstr("подходит несколько записей")));
  EXPECT_EQ(Count("employment"), "0");
}

TEST_F(Sets, FileWhoseNameTellsNothingIsAnError) {
  const std::string path = folder_.Write("таблица.csv", kSchools);
  const auto refused = ctl::ArrangeSet({folder_.Path("")});
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("по имени файла не понять"));
  folder_.Write("организации и люди.csv", kSchools);
  EXPECT_FALSE(ctl::ArrangeSet({folder_.Path("организации и люди.csv")}).ok());
  EXPECT_FALSE(ctl::ArrangeSet({folder_.Path("нет такого.csv")}).ok());
  EXPECT_FALSE(ctl::ArrangeSet({folder_.Write("люди.json", "{}\n")}).ok());
}

}  // namespace
}  // namespace rsnms::registry
