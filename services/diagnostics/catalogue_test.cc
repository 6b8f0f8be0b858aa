// The questionnaires as data are complete and usable: every row, every scale, every competency.
#include "services/diagnostics/catalogue.h"

#include <set>

#include "gtest/gtest.h"
#include "libs/rpc/status.h"
#include "services/diagnostics/competency_rules.h"
#include "services/diagnostics/instrument_rules.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/scoring_rules.h"

namespace rsnms::diagnostics {
namespace {

constexpr char kDirectory[] = "services/diagnostics/catalogue";

struct Expected {
  std::string_view file;
  size_t rows;
  std::vector<int> group_rows;  // answer rows of each group
};

int AnswerRows(const v1::Item& item) {
  if (item.sub_items_size() == 0) return 1;
  int rows = 0;
  for (const auto& sub : item.sub_items()) rows += AnswerRows(sub);
  return rows;
}

TEST(CatalogueTest, QuestionnairesHaveEveryRowOfTheAct) {
  const std::vector<Expected> all = {
      {"difficulties-preschool-1", 44, {8, 16, 3, 8, 9}},
      {"difficulties-school-1", 55, {10, 25, 3, 8, 9}},
      {"difficulties-additional-1", 43, {9, 15, 2, 8, 9}},
  };
  for (const auto& expected : all) {
    const auto instrument = ReadInstrument(kDirectory, expected.file, "86");
    ASSERT_TRUE(instrument.ok()) << instrument.status();
    EXPECT_EQ(Sheet::Of(*instrument)->rows().size(), expected.rows) << expected.file;
    ASSERT_EQ(instrument->groups_size(), 5);
    for (int g = 0; g < 5; ++g) {
      int rows = 0;
      for (const auto& item : instrument->groups(g).items()) rows += AnswerRows(item);
      EXPECT_EQ(rows, expected.group_rows[g]) << expected.file << " " << g;
    }
  }
}

TEST(CatalogueTest, DifficultyScaleHasTheFourAnswersInOrder) {
  for (const auto file : kInstrumentFiles) {
    const auto instrument = ReadInstrument(kDirectory, file, "86");
    ASSERT_TRUE(instrument.ok());
    if (instrument->kind() != v1::INSTRUMENT_KIND_QUESTIONNAIRE) continue;
    ASSERT_EQ(instrument->scales_size(), 1);
    std::vector<std::string> texts;
    for (const auto& option : instrument->scales(0).options()) texts.push_back(option.text());
    EXPECT_EQ(texts,
              (std::vector<std::string>{"Нет. Могу поделиться опытом", "Скорее нет, чем да",
                                        "Скорее да, чем нет", "Да. Хотелось бы получить помощь"}));
    EXPECT_TRUE(instrument->scales(0).options(0).can_share());
    EXPECT_TRUE(instrument->scales(0).options(3).wants_help());
  }
}

TEST(CatalogueTest, EveryInstrumentMayBePublishedAndMeasuresKnownCompetencies) {
  const auto catalogue = ReadCompetencies(kDirectory, "86");
  ASSERT_TRUE(catalogue.ok()) << catalogue.status();
  std::set<std::string> codes;
  for (const auto& c : catalogue->competencies()) codes.emplace(IdOf(c.name()));
  for (const auto file : kInstrumentFiles) {
    auto instrument = ReadInstrument(kDirectory, file, "86");
    ASSERT_TRUE(instrument.ok()) << instrument.status();
    EXPECT_EQ(IdOf(instrument->name()), file);
    ASSERT_TRUE(CheckInstrument(resource::Change::kCreate, nullptr, &*instrument).ok());
    const auto status = CheckConsistent(*instrument);
    EXPECT_TRUE(status.ok()) << file << ": " << status << rpc::ToProto(status).DebugString();
    const auto sheet = Sheet::Of(*instrument);
    for (const auto& code : sheet->competency_codes()) {
      EXPECT_TRUE(codes.contains(code)) << code;
    }
  }
}

TEST(CatalogueTest, CompetenciesFormATreeWithParentsFirst) {
  auto catalogue = ReadCompetencies(kDirectory, "86");
  ASSERT_TRUE(catalogue.ok());
  std::set<std::string> seen;
  std::set<int> kinds;
  for (auto& c : *catalogue->mutable_competencies()) {
    EXPECT_TRUE(CheckCompetency(resource::Change::kCreate, nullptr, &c).ok()) << c.name();
    if (!c.parent_competency().empty()) {
      EXPECT_TRUE(seen.contains(c.parent_competency())) << c.name();
    }
    EXPECT_TRUE(seen.insert(c.name()).second) << c.name();
    kinds.insert(c.kind());
  }
  EXPECT_EQ(kinds.size(), 9u);
}

TEST(CatalogueTest, ObservationSheetGivesTheStatedMaximumWithoutTheRepeatedCriterion) {
  const auto instrument = ReadInstrument(kDirectory, "observation-functional-literacy-1", "86");
  ASSERT_TRUE(instrument.ok());
  const auto sheet = Sheet::Of(*instrument);
  EXPECT_EQ(sheet->rows().size(), 26u);
  Answers best;
  for (const auto& row : sheet->rows()) {
    auto& answer = *best.Add();
    answer.set_item(row.item->code());
    answer.set_option(row.scale->options().rbegin()->code());
  }
  v1::Result result;
  Score(*sheet, best, result);
  EXPECT_EQ(result.total_points(), 43);
  EXPECT_EQ(result.max_points(), 43);
  EXPECT_EQ(result.level_code(), "HIGH");
}

}  // namespace
}  // namespace rsnms::diagnostics
