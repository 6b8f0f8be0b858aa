#include "services/programs/selection/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

constexpr char kA[] = "regions/86/competencies/a";
constexpr char kB[] = "regions/86/competencies/b";

v1::Programme Make(const std::string& id, bool listed, int hours,
                   const std::vector<std::pair<std::string, v1::CoverageDepth>>& covers) {
  v1::Programme programme;
  programme.set_name(NameOf("86", "programmes", id));
  programme.set_duration_hours(hours);
  programme.set_for_pedagogues(true);
  programme.set_register_state(listed ? v1::REGISTER_STATE_LISTED : v1::REGISTER_STATE_NOT_LISTED);
  for (const auto& [competency, depth] : covers) {
    auto& coverage = *programme.add_competencies();
    coverage.set_competency(competency);
    coverage.set_depth(depth);
  }
  return programme;
}

v1::ProgrammeSelection Lacking(const std::vector<std::pair<std::string, double>>& deficits) {
  v1::ProgrammeSelection selection;
  for (const auto& [competency, weight] : deficits) {
    auto& deficit = *selection.add_deficits();
    deficit.set_competency(competency);
    deficit.set_weight(weight);
  }
  return selection;
}

std::vector<std::string> Ids(const v1::SelectedProgrammes& selected) {
  std::vector<std::string> ids;
  for (const auto& ranked : selected.programmes()) ids.emplace_back(IdOf(ranked.programme()));
  return ids;
}

TEST(Selection, RegisterProgrammesComeFirstThoughTheyCoverLess) {
  const Catalogue catalogue(
      {Make("own", false, 16, {{kA, v1::COVERAGE_DEPTH_MASTERY}, {kB, v1::COVERAGE_DEPTH_MASTERY}}),
       Make("listed", true, 72, {{kA, v1::COVERAGE_DEPTH_OVERVIEW}})});
  const auto selected = catalogue.Select(Lacking({{kA, 3}, {kB, 1}}));
  EXPECT_EQ(Ids(selected), (std::vector<std::string>{"listed", "own"}));
  EXPECT_EQ(selected.programmes(0).reasons(0), v1::SELECTION_REASON_REGISTER_PROGRAMME);
  EXPECT_EQ(selected.programmes(1).reasons(0), v1::SELECTION_REASON_COVERS_SEVERAL);
}

TEST(Selection, HeavierDeficitsThenWantedFormThenFewerHoursDecide) {
  v1::Programme wanted = Make("wanted", true, 72, {{kB, v1::COVERAGE_DEPTH_WORKING}});
  wanted.set_form(v1::STUDY_FORM_FULL_TIME);
  const Catalogue catalogue({Make("light-short", true, 16, {{kB, v1::COVERAGE_DEPTH_WORKING}}),
                             Make("light-long", true, 36, {{kB, v1::COVERAGE_DEPTH_WORKING}}),
                             wanted, Make("heavy", true, 72, {{kA, v1::COVERAGE_DEPTH_WORKING}})});
  auto selection = Lacking({{kA, 3}, {kB, 1}});
  selection.set_form(v1::STUDY_FORM_FULL_TIME);
  EXPECT_EQ(Ids(catalogue.Select(selection)),
            (std::vector<std::string>{"heavy", "wanted", "light-short", "light-long"}));
}

TEST(Selection, SaysWhatNobodyCovers) {
  const Catalogue catalogue({Make("x", true, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}})});
  const auto selected = catalogue.Select(Lacking({{kA, 1}, {kB, 1}}));
  ASSERT_EQ(selected.uncovered_size(), 1);
  EXPECT_EQ(selected.uncovered(0), kB);
}

TEST(Selection, WithdrawnDeletedTooLongAndForOthersAreLeftOut) {
  v1::Programme withdrawn = Make("withdrawn", true, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}});
  withdrawn.set_register_state(v1::REGISTER_STATE_WITHDRAWN);
  v1::Programme deleted = Make("deleted", true, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}});
  deleted.mutable_delete_time()->set_seconds(1);
  v1::Programme managers = Make("managers", true, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}});
  managers.set_for_pedagogues(false);
  managers.set_for_managers(true);
  const Catalogue catalogue({withdrawn, deleted, managers,
                             Make("long", true, 100, {{kA, v1::COVERAGE_DEPTH_WORKING}}),
                             Make("own", false, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}})});
  auto selection = Lacking({{kA, 1}});
  selection.set_max_duration_hours(72);
  EXPECT_EQ(Ids(catalogue.Select(selection)), (std::vector<std::string>{"own"}));
  selection.set_manager(true);
  EXPECT_EQ(Ids(catalogue.Select(selection)), (std::vector<std::string>{"managers"}));
  selection.set_manager(false);
  selection.set_register_only(true);
  EXPECT_TRUE(Ids(catalogue.Select(selection)).empty());
}

TEST(Selection, ADeficitNamedTwiceCountsOnceWithItsGreaterWeight) {
  const Catalogue catalogue({Make("x", true, 16, {{kA, v1::COVERAGE_DEPTH_MASTERY}})});
  const auto selected = catalogue.Select(Lacking({{kA, 1}, {kA, 3}, {kA, 2}}));
  EXPECT_DOUBLE_EQ(selected.programmes(0).score(), 3);
  EXPECT_EQ(selected.programmes(0).covered_size(), 1);
}

// The same answer found without an index, by looking at every programme.
std::vector<std::string> Naive(const std::vector<v1::Programme>& programmes,
                               const v1::ProgrammeSelection& selection) {
  struct Row {
    bool own;
    double minus_score;
    int hours;
    std::string name;
    auto operator<=>(const Row&) const = default;
  };
  std::vector<Row> rows;
  for (const auto& programme : programmes) {
    double score = 0;
    for (const auto& deficit : selection.deficits()) {
      for (const auto& coverage : programme.competencies()) {
        if (coverage.competency() == deficit.competency()) {
          score += deficit.weight() * DepthFactor(coverage.depth());
        }
      }
    }
    if (score == 0) continue;
    rows.push_back({programme.register_state() != v1::REGISTER_STATE_LISTED, -score,
                    programme.duration_hours(), std::string(IdOf(programme.name()))});
  }
  std::sort(rows.begin(), rows.end());
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size() && i < 10; ++i) ids.push_back(rows[i].name);
  return ids;
}

TEST(Selection, EqualsTheNaiveSearchOnRandomCatalogues) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<v1::Programme> programmes;
    const int count = static_cast<int>(random() % 40);
    for (int i = 0; i < count; ++i) {
      std::vector<std::pair<std::string, v1::CoverageDepth>> covers;
      for (int c = 0; c < 6; ++c) {
        if (random() % 3 != 0) continue;
        covers.emplace_back(
            NameOf("86", "competencies", std::string(1, static_cast<char>('a' + c))),
            static_cast<v1::CoverageDepth>(1 + random() % 3));
      }
      programmes.push_back(
          Make(Cat("p", i), random() % 2 == 0, 16 + static_cast<int>(random() % 3), covers));
    }
    std::vector<std::pair<std::string, double>> deficits;
    for (int c = 0; c < 6; ++c) {
      if (random() % 2 == 0) continue;
      deficits.emplace_back(
          NameOf("86", "competencies", std::string(1, static_cast<char>('a' + c))),
          1 << random() % 3);
    }
    const auto selection = Lacking(deficits);
    EXPECT_EQ(Ids(Catalogue(programmes).Select(selection)), Naive(programmes, selection));
  }
}

}  // namespace
}  // namespace rsnms::programs
