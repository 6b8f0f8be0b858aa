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

v1::Group Group(const std::string& id, const std::string& programme, int seats, int month) {
  v1::Group group;
  group.set_name(NameOf("86", "groups", id));
  group.set_programme(NameOf("86", "programmes", programme));
  group.set_state(v1::Group::STATE_OPEN);
  group.set_seats(seats);
  for (auto* date : {group.mutable_start_date(), group.mutable_end_date()}) {
    date->set_year(2026);
    date->set_month(month);
    date->set_day(10);
  }
  return group;
}

void From(int month, v1::ProgrammeSelection* selection) {
  selection->mutable_start_date()->set_year(2026);
  selection->mutable_start_date()->set_month(month);
  selection->mutable_start_date()->set_day(1);
}

TEST(Selection, AnOpenGroupThereAndThenRaisesTheRankAndIsNamed) {
  v1::Group full = Group("full", "b", 0, 5), town = Group("town", "d", 9, 5);
  town.set_municipality("regions/86/municipalities/south");
  const Catalogue catalogue(
      {Make("a", false, 16, {{kA, v1::COVERAGE_DEPTH_MASTERY}}),
       Make("b", false, 16, {{kA, v1::COVERAGE_DEPTH_WORKING}}),
       Make("c", false, 16, {{kA, v1::COVERAGE_DEPTH_OVERVIEW}}),
       Make("d", false, 17, {{kA, v1::COVERAGE_DEPTH_OVERVIEW}}),
       Make("listed", true, 16, {{kA, v1::COVERAGE_DEPTH_OVERVIEW}})},
      {full, town, Group("late", "c", 9, 6), Group("soon", "c", 9, 5), Group("past", "b", 9, 2)});
  auto selection = Lacking({{kA, 1}});
  EXPECT_EQ(Ids(catalogue.Select(selection)),
            (std::vector<std::string>{"listed", "a", "b", "c", "d"}))
      << "who asks neither when nor where gets what they always got";
  From(4, &selection);
  auto selected = catalogue.Select(selection);
  EXPECT_EQ(Ids(selected), (std::vector<std::string>{"listed", "c", "d", "a", "b"}));
  ASSERT_EQ(selected.programmes(1).open_groups_size(), 2);
  EXPECT_EQ(IdOf(selected.programmes(1).open_groups(0)), "soon");
  EXPECT_EQ(selected.programmes(1).reasons(0), v1::SELECTION_REASON_OPEN_GROUP);
  selection.set_municipality("regions/86/municipalities/north");
  EXPECT_EQ(Ids(catalogue.Select(selection)),
            (std::vector<std::string>{"listed", "c", "a", "b", "d"}));
}

TEST(Selection, AGroupThatHasEndedHasNoSeats) {
  const auto open_on = [](absl::CivilDay today) {
    auto selection = Lacking({{kA, 1}});
    From(1, &selection);
    return Catalogue({Make("a", false, 16, {{kA, v1::COVERAGE_DEPTH_MASTERY}})},
                     {Group("g", "a", 9, 5)}, today)
        .Select(selection)
        .programmes(0)
        .open_groups_size();
  };
  EXPECT_EQ(open_on(absl::CivilDay(2026, 5, 10)), 1);
  EXPECT_EQ(open_on(absl::CivilDay(2026, 5, 11)), 0);
}

TEST(Selection, CompetenciesWantedAreLikeDeficitsOfWeightOne) {
  const Catalogue catalogue({Make("x", true, 16, {{kA, v1::COVERAGE_DEPTH_MASTERY}}),
                             Make("y", true, 16, {{kB, v1::COVERAGE_DEPTH_MASTERY}})});
  v1::ProgrammeSelection selection;
  selection.add_competencies(kA);
  EXPECT_EQ(Ids(catalogue.Select(selection)), (std::vector<std::string>{"x"}));
  selection = Lacking({{kB, 3}});
  selection.add_competencies(kA);
  selection.add_competencies(kB);
  const auto selected = catalogue.Select(selection);
  EXPECT_EQ(Ids(selected), (std::vector<std::string>{"y", "x"}));
  EXPECT_DOUBLE_EQ(selected.programmes(0).score(), 3);
}

// The same answer found without an index, by looking at every programme.
std::vector<std::string> Naive(const std::vector<v1::Programme>& programmes,
                               const std::vector<v1::Group>& groups,
                               const v1::ProgrammeSelection& selection) {
  struct Row {
    bool own, no_group;
    double minus_score;
    bool other_form;
    int hours;
    std::string name;
    auto operator<=>(const Row&) const = default;
  };
  std::vector<Row> rows;
  const bool asked = selection.has_start_date() || !selection.municipality().empty();
  for (const auto& programme : programmes) {
    if (programme.duration_hours() < selection.min_duration_hours()) continue;
    double score = 0;  // summed in the request's order: doubles tell the order of their sum
    const auto add = [&](const std::string& competency, double weight) {
      for (const auto& coverage : programme.competencies()) {
        if (coverage.competency() == competency) score += weight * DepthFactor(coverage.depth());
      }
    };
    for (const auto& deficit : selection.deficits()) add(deficit.competency(), deficit.weight());
    for (const auto& competency : selection.competencies()) {
      bool lacking = false;
      for (const auto& deficit : selection.deficits()) {
        lacking = lacking || deficit.competency() == competency;
      }
      if (!lacking) add(competency, 1);
    }
    if (score == 0) continue;
    bool has_group = false;
    for (const auto& group : groups) {
      const bool then = !selection.has_start_date() ||
                        group.start_date().month() >= selection.start_date().month();
      const bool there = selection.municipality().empty() || group.municipality().empty() ||
                         group.municipality() == selection.municipality();
      const bool so = selection.form() == 0 || group.form() == selection.form();
      has_group = has_group ||
                  (asked && then && there && so && group.state() == 2 &&
                   group.seats() > group.taken_seats() && group.programme() == programme.name());
    }
    rows.push_back({programme.register_state() != v1::REGISTER_STATE_LISTED, !has_group, -score,
                    programme.form() != selection.form(), programme.duration_hours(),
                    std::string(IdOf(programme.name()))});
  }
  std::sort(rows.begin(), rows.end());
  std::vector<std::string> ids;
  for (size_t i = 0; i < rows.size() && i < 10; ++i) ids.push_back(rows[i].name);
  return ids;
}

TEST(Selection, EqualsTheNaiveSearchOnRandomCatalogues) {
  std::mt19937 random(7);
  const auto upto = [&](int most) { return static_cast<int>(random() % (most + 1)); };
  const auto competency = [](int c) {
    return NameOf("86", "competencies", std::string(1, static_cast<char>('a' + c)));
  };
  for (int round = 0; round < 400; ++round) {
    std::vector<v1::Programme> programmes;
    std::vector<v1::Group> groups;
    const int count = upto(39);
    for (int i = 0; i < count; ++i) {
      std::vector<std::pair<std::string, v1::CoverageDepth>> covers;
      for (int c = 0; c < 6; ++c) {
        if (upto(2) == 0) {
          covers.emplace_back(competency(c), static_cast<v1::CoverageDepth>(1 + upto(2)));
        }
      }
      programmes.push_back(Make(Cat("p", i), upto(1) == 0, 16 + upto(2), covers));
      programmes.back().set_form(static_cast<v1::StudyForm>(upto(2)));
    }
    for (int i = upto(20); i > 0; --i) {
      v1::Group group = Group(Cat("g", i), Cat("p", upto(40)), upto(2), 1 + upto(5));
      group.set_taken_seats(std::min(group.seats(), upto(2)));
      group.set_state(static_cast<v1::Group::State>(1 + upto(2)));
      group.set_form(static_cast<v1::StudyForm>(upto(2)));
      if (upto(1) == 0) group.set_municipality(Cat("m", upto(1)));
      groups.push_back(group);
    }
    std::vector<std::pair<std::string, double>> deficits;
    for (int c = 0; c < 6; ++c) {
      if (upto(1) == 0) deficits.emplace_back(competency(c), 1 << upto(2));
    }
    auto selection = Lacking(deficits);
    if (upto(1) == 0) selection.add_competencies(competency(upto(5)));
    selection.set_form(static_cast<v1::StudyForm>(upto(2)));
    if (upto(2) == 0) selection.set_min_duration_hours(17);
    if (upto(1) == 0) From(1 + upto(5), &selection);
    if (upto(1) == 0) selection.set_municipality(Cat("m", upto(1)));
    EXPECT_EQ(Ids(Catalogue(programmes, groups).Select(selection)),
              Naive(programmes, groups, selection))
        << round;
  }
}

}  // namespace
}  // namespace rsnms::programs
