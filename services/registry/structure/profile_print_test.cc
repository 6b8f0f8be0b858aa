// What `rsnmsctl profile` shows of the five acts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_split.h"
#include "services/registry/structure/structure_fixture.h"
#include "tools/rsnmsctl/commands.h"
#include "tools/rsnmsctl/profile.h"

namespace rsnms::registry {
namespace {

using ::testing::HasSubstr;

ctl::ProfileOptions Of(const std::string& code) {
  ctl::ProfileOptions options;
  if (!code.empty()) options.codes = {code};
  return options;
}

class ProfilePrintTest : public StructureTest {
 protected:
  void SetUp() override {
    StructureTest::SetUp();
    settings_.targets["registry"] = service_->target();
    settings_.token = testing::TestToken({"administrator"}, {"*"});
  }
  // What the command writes to standard output.
  std::string Shown(absl::Status (*command)(ctl::Session&, const ctl::ProfileOptions&),
                    const ctl::ProfileOptions& options) {
    ctl::Session session(settings_);
    ::testing::internal::CaptureStdout();
    const absl::Status status = command(session, options);
    std::fflush(stdout);
    EXPECT_TRUE(status.ok()) << status;
    std::string shown;  // without the lines of the service's log
    for (const auto& line : absl::StrSplit(::testing::internal::GetCapturedStdout(), '\n')) {
      if (!line.empty() && line[0] != '[') absl::StrAppend(&shown, line, "\n");
    }
    return shown;
  }
  static int Count(const std::string& text, const std::string& part) {
    int count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++count;
    return count;
  }

  ctl::Settings settings_;
};

TEST_F(ProfilePrintTest, LoadFoundsTheRegionsAndSaysTheCountsOfTheActs) {
  const std::string shown = Shown(&ctl::LoadProfiles, Of(""));
  EXPECT_EQ(Count(shown, "\n"), 7) << shown;  // header, rule, five acts
  EXPECT_EQ(Sql("SELECT string_agg(id, ' ' ORDER BY id) FROM region"), "04 05 56 61 86");
  EXPECT_EQ(Sql("SELECT id FROM municipality"), "60712000");
  const std::string again = Shown(&ctl::LoadProfiles, Of(""));
  for (const auto& line : absl::StrSplit(again, '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() == 8 && words[1] == "orenburg") {
      EXPECT_THAT(words,
                  ::testing::ElementsAre("56", "orenburg", "33", "155", "0", "0", "189", "0"));
    }
  }
}

TEST_F(ProfilePrintTest, TreesAndMatricesShowEverySubjectAndFunction) {
  Shown(&ctl::LoadProfiles, Of(""));
  struct {
    const char* code;
    int subjects, functions;
  } const acts[] = {{"altai", 8, 65},
                    {"yugra", 10, 55},
                    {"orenburg", 33, 155},
                    {"volgodonsk", 14, 51},
                    {"dagestan", 70, 221}};
  for (const auto& act : acts) {
    const std::string heading =
        absl::StrCat("Субъектов: ", act.subjects, ", функций: ", act.functions);
    const std::string tree = Shown(&ctl::PrintSubjects, Of(act.code));
    EXPECT_THAT(tree, HasSubstr(heading));
    EXPECT_EQ(Count(tree, "; функций: "), act.subjects) << act.code;
    const std::string matrix = Shown(&ctl::PrintFunctions, Of(act.code));
    EXPECT_THAT(matrix, HasSubstr(heading));
    EXPECT_EQ(Count(matrix, "[исполнителя нет]"), act.functions) << act.code;
  }
  ctl::Session session(settings_);
  ctl::ListOptions list;
  list.collection = "systemSubjects";
  list.filter = "kind = \"CNPPM\"";
  EXPECT_TRUE(ctl::List(session, list).ok());
  EXPECT_TRUE(ctl::Get(session, "regions/56/functionAssignments/orenburg-rcro-form_active").ok());
  const std::string orenburg = Shown(&ctl::PrintFunctions, Of("orenburg"));
  EXPECT_THAT(orenburg, HasSubstr("Совместных связей: 28, без ответной отметки: 20"));
  EXPECT_EQ(Count(orenburg, "предупреждение: "), 20);
}

TEST_F(ProfilePrintTest, JsonIsOneRowALine) {
  Shown(&ctl::LoadProfiles, Of("yugra"));
  settings_.json = true;
  EXPECT_EQ(Count(Shown(&ctl::PrintSubjects, Of("yugra")), "\n"), 10);
  EXPECT_EQ(Count(Shown(&ctl::PrintFunctions, Of("yugra")), "\n"), 55);
}

TEST_F(ProfilePrintTest, DryRunAndUnknownProfilesAreTold) {
  ctl::Session session(settings_);
  EXPECT_TRUE(absl::IsNotFound(ctl::PrintSubjects(session, Of("altai"))));
  EXPECT_TRUE(absl::IsNotFound(ctl::LoadProfiles(session, Of("nowhere"))));
  Shown(&ctl::LoadProfiles, Of("altai"));
  auto on_date = Of("altai"), dry = Of("altai");
  on_date.date = "1 сентября";
  dry.dry_run = true;
  EXPECT_TRUE(absl::IsInvalidArgument(ctl::PrintSubjects(session, on_date)));
  EXPECT_EQ(Sql("SELECT count(*) FROM journal"), "75");  // 1 region, 1 profile, 8 + 65
  Shown(&ctl::LoadProfiles, dry);
  EXPECT_EQ(Sql("SELECT count(*) FROM journal"), "75");
}

}  // namespace
}  // namespace rsnms::registry
