// Loads by chunks: a cut load goes on where it was cut, in another run too.
#include "absl/strings/str_format.h"
#include "services/registry/registry_fixture.h"
#include "tools/rsnmsctl/sheet_import.h"
#include "tools/rsnmsctl/sheet_journal.h"
#include "tools/rsnmsctl/sheet_testing.h"

namespace rsnms::registry {
namespace {

using ctl::SheetOptions;
using ctl::SheetOutcome;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr int kRows = 400, kChunk = 10;

class Chunks : public RegistryTest {
 protected:
  void SetUp() override {
    RegistryTest::SetUp();
    MakeRegion();
    path_ = folder_.Write("people.csv", People(kRows));
  }
  static std::string People(int rows) {
    std::string text = "Фамилия;Имя;Дата рождения\n";
    for (int i = 0; i < rows; ++i)
      absl::StrAppend(&text, "Фамилия", i, ";Имя;01.02.", 1950 + i % 50, "\n");
    return text;
  }
  // A run of the command, with a session of its own; stops after the row.
  absl::StatusOr<SheetOutcome> Run(int64_t stop_after = 0) {
    ctl::Settings settings;
    settings.targets["registry"] = service_->target();
    settings.token = testing::TestToken({"administrator"}, {"*"});
    ctl::Session session(settings);
    SheetOptions options;
    options.collection = "persons";
    options.path = path_;
    options.chunk = kChunk;
    options.go_on = [stop_after](int64_t row) { return row != stop_after; };
    return ctl::ImportSheet(session, options);
  }
  std::string Count() { return Sql("SELECT count(*) FROM person"); }

  sheet::Folder folder_;
  std::string path_;
};

// The heading is row 1: the 390th person stands in row 391.
TEST_F(Chunks, CutLoadGoesOnAfterTheLastRowTaken) {
  EXPECT_TRUE(absl::IsCancelled(Run(391).status()));
  EXPECT_EQ(Count(), "390");
  // What somebody changed meanwhile shows that the row is not sent again.
  Sql("UPDATE person SET phone = '+79990000000', version = version + 1 WHERE family_name = "
      "'Фамилия7' RETURNING id");
  const auto rest = Run();
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->loaded.created, kRows);
  EXPECT_EQ(rest->loaded.unchanged, 0) << "ten rows were sent, not four hundred";
  EXPECT_THAT(rest->notes, Contains(HasSubstr("после строки 391")));
  EXPECT_EQ(Count(), "400");
  EXPECT_EQ(Sql("SELECT phone FROM person WHERE family_name = 'Фамилия7'"), "+79990000000");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".progress"));
}

// The registry took a chunk and its answer, or the journal's line, was lost.
TEST_F(Chunks, ChunkWhoseAnswerWasLostChangesNothingTwice) {
  EXPECT_TRUE(absl::IsCancelled(Run(21).status()));
  const std::string journal = sheet::Folder::Read(path_ + ".progress");
  folder_.Write("people.csv.progress", journal.substr(0, journal.size() - 3));
  const auto rest = Run();
  ASSERT_TRUE(rest.ok()) << rest.status();
  EXPECT_EQ(rest->loaded.unchanged, kChunk);
  EXPECT_EQ(Count(), "400");
  EXPECT_EQ(Sql("SELECT count(*) FROM person WHERE version > 1"), "0");
}

TEST_F(Chunks, AnotherFileIsAnotherLoad) {
  EXPECT_TRUE(absl::IsCancelled(Run(21).status()));
  EXPECT_THAT(sheet::Folder::Read(path_ + ".progress"), ::testing::Not(HasSubstr("Фамилия")));
  folder_.Write("people.csv", People(30));
  const auto other = Run();
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->loaded.unchanged, 20);
  EXPECT_EQ(other->loaded.created, 10);
}

TEST_F(Chunks, FirstBadChunkEndsTheLoadAndWhatCameBeforeStays) {
  // The database alone knows that the number is another's.
  v1::UpdatePersonRequest taken;
  taken.mutable_person()->set_name(MakePerson()->name());
  taken.mutable_person()->set_snils("11223344595");
  ASSERT_TRUE(Call<v1::Person>("UpdatePerson", taken).ok());
  folder_.Write(
      "people.csv", "Фамилия;Имя;Дата рождения;СНИЛС;Код записи\n" + [] {
        std::string rows;
        for (int i = 0; i < 25; ++i) {
          absl::StrAppend(&rows, "Ф", i, ";И;01.02.1980;", i == 24 ? "11223344595" : "", ";",
                          absl::StrFormat("00000000-0000-4000-8000-%012d", i), "\n");
        }
        return rows;
      }());
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->loaded.created, 20);
  EXPECT_EQ(outcome->loaded.rejected, 1);
  ASSERT_EQ(outcome->findings.Sorted().size(), 1U);
  EXPECT_EQ(outcome->findings.Sorted()[0].row, 26);
  EXPECT_EQ(Count(), "21") << "and the owner of the number";
}

}  // namespace
}  // namespace rsnms::registry
