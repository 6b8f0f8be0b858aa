#include "services/programs/coverage/coverage_report.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

std::string Competency(int n) {
  return NameOf("86", "competencies", std::string(1, static_cast<char>('a' + n)));
}
std::string Town(int n) { return n == 0 ? "" : NameOf("86", "municipalities", Cat("t", n)); }

v1::Programme Make(int n, const std::vector<int>& competencies, bool listed = false) {
  v1::Programme programme;
  programme.set_name(NameOf("86", "programmes", Cat("p", n)));
  programme.set_duration_hours(36);
  programme.set_register_state(listed ? v1::REGISTER_STATE_LISTED : v1::REGISTER_STATE_NOT_LISTED);
  for (const int c : competencies) programme.add_competencies()->set_competency(Competency(c));
  return programme;
}

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

v1::Group Open(int n, int programme, int seats, int taken = 0) {
  v1::Group group;
  group.set_name(NameOf("86", "groups", Cat("g", n)));
  group.set_programme(NameOf("86", "programmes", Cat("p", programme)));
  group.set_state(v1::Group::STATE_OPEN);
  group.set_seats(seats);
  group.set_taken_seats(taken);
  *group.mutable_start_date() = Day(2026, 3, 2);
  *group.mutable_end_date() = Day(2026, 3, 31);
  return group;
}

OrderedLine Asked(int order, const std::vector<int>& competencies, int places, int open) {
  OrderedLine line;
  line.order = NameOf("86", "trainingOrders", Cat("o", order));
  line.year = 2026;
  line.line.set_id("a");
  line.line.set_places(places);
  for (const int c : competencies) line.line.add_competencies(Competency(c));
  line.open_places = open;
  return line;
}

// `a:NOBODY_TEACHES:3`.
std::vector<std::string> Told(const std::vector<v1::CompetencyNeed>& needs) {
  std::vector<std::string> told;
  for (const auto& need : needs) {
    told.push_back(Cat(IdOf(need.competency()), ":",
                       v1::CoverageState_Name(need.state()).substr(15), ":", need.demand()));
  }
  return told;
}

TEST(Coverage, WhatNobodyTeachesComesFirstThenTheGreatestDemand) {
  CoverageFacts facts;
  facts.programmes = {Make(1, {1, 2, 3, 4})};
  facts.deficits = {{Competency(0), {5}}, {Competency(5), {9}}, {Competency(1), {3}}};
  facts.lines = {Asked(1, {1, 2}, 4, 2)};
  EXPECT_EQ(Told(TellNeeds({}, facts)),
            (std::vector<std::string>{"f:NOBODY_TEACHES:9", "a:NOBODY_TEACHES:5",
                                      "b:NO_OPEN_GROUP:5", "c:NO_OPEN_GROUP:2"}));
  facts.groups = {Open(1, 1, 10, 6)};
  EXPECT_EQ(Told(TellNeeds({}, facts)),
            (std::vector<std::string>{"f:NOBODY_TEACHES:9", "a:NOBODY_TEACHES:5",
                                      "b:SHORT_OF_SEATS:5", "c:ENOUGH:2"}));
}

TEST(Coverage, AWithheldCountIsShownAndAddsNothing) {
  CoverageFacts facts;
  facts.deficits[Competency(0)].suppressed = true;
  facts.deficits[Competency(1)].count = 0;
  const auto needs = TellNeeds({}, facts);
  ASSERT_EQ(needs.size(), 1u);
  EXPECT_FALSE(needs[0].has_deficit_count());
  EXPECT_TRUE(needs[0].deficits_suppressed());
  EXPECT_EQ(needs[0].demand(), 0);
}

TEST(Coverage, RegisterProgrammesComeFirstThenThoseWithSeats) {
  CoverageFacts facts;
  facts.deficits[Competency(0)].count = 1;
  facts.programmes = {Make(1, {0}), Make(2, {0}), Make(3, {0}, true)};
  facts.groups = {Open(1, 2, 5), Open(2, 2, 3)};
  const auto needs = TellNeeds({}, facts);
  ASSERT_EQ(needs[0].programmes_size(), 3);
  EXPECT_EQ(IdOf(needs[0].programmes(0).programme()), "p3");
  EXPECT_EQ(IdOf(needs[0].programmes(1).programme()), "p2");
  EXPECT_EQ(needs[0].programmes(1).free_seats(), 8);
  EXPECT_EQ(needs[0].programmes(1).open_groups_size(), 2);
}

TEST(Coverage, LinesWithoutAnOfferAreTheGroundForNewProgrammes) {
  CoverageFacts facts;
  facts.programmes = {Make(1, {0})};
  facts.lines = {Asked(1, {0, 1}, 5, 5), Asked(2, {1}, 5, 2), Asked(3, {1}, 5, 0),
                 Asked(4, {2}, 5, 3), Asked(5, {}, 5, 1)};
  facts.lines[4].line.set_programme(NameOf("86", "programmes", "gone"));
  facts.in_work[Cat(facts.lines[3].order, "/a")] = {"v2", "v1"};
  const auto unmet = TellUnmet({}, facts);
  ASSERT_EQ(unmet.size(), 3u);
  EXPECT_EQ(IdOf(unmet[0].training_order()), "o4");
  EXPECT_EQ(unmet[0].versions_in_work(0), "v1");
  EXPECT_EQ(IdOf(unmet[1].training_order()), "o2");
  EXPECT_EQ(IdOf(unmet[2].training_order()), "o5");
}

TEST(Coverage, ALineForListenersNobodyTeachesIsTold) {
  CoverageFacts facts;
  facts.programmes = {Make(1, {0})};
  facts.lines = {Asked(1, {0}, 5, 5)};
  facts.lines[0].line.set_listener_category(v1::LISTENER_CATEGORY_MANAGER);
  EXPECT_EQ(TellUnmet({}, facts).size(), 0u) << "the programme does not say whom it is for";
  auto& meant = facts.meant[facts.programmes[0].name()];
  meant = {v1::LISTENER_CATEGORY_PEDAGOGUE};
  EXPECT_EQ(TellUnmet({}, facts).size(), 1u);
  meant.push_back(v1::LISTENER_CATEGORY_MANAGER);
  EXPECT_EQ(TellUnmet({}, facts).size(), 0u);
}

TEST(Coverage, AGroupThatHasEndedHasNoSeats) {
  CoverageFacts facts;
  facts.deficits[Competency(0)].count = 1;
  facts.programmes = {Make(1, {0})};
  facts.groups = {Open(1, 1, 5)};
  facts.today = absl::CivilDay(2026, 3, 31);
  EXPECT_EQ(TellNeeds({}, facts)[0].free_seats(), 5);
  facts.today = absl::CivilDay(2026, 4, 1);
  EXPECT_EQ(TellNeeds({}, facts)[0].state(), v1::COVERAGE_STATE_NO_OPEN_GROUP);
}

constexpr int kFactsOfACase = 30;

// 0 to `most`, of the first cases too.
int Upto(int most) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, most + 1)); }

// Random facts: everything small, so that much coincides.
CoverageFacts RandomFacts() {
  CoverageFacts facts;
  const int programmes = Upto(6), groups = Upto(8), lines = Upto(6);
  facts.today = absl::CivilDay(2026, 5 + Upto(1), 1);
  for (int i = 0; i < programmes; ++i) {
    std::vector<int> covers;
    for (int c = 0; c < 5; ++c) {
      if (Upto(2) == 0) covers.push_back(c);
    }
    v1::Programme programme = Make(i, covers, Upto(1) == 0);
    for (auto& coverage : *programme.mutable_competencies()) {
      coverage.set_depth(static_cast<v1::CoverageDepth>(Upto(3)));
    }
    programme.set_form(static_cast<v1::StudyForm>(Upto(2)));
    programme.set_duration_hours(16 + Upto(3));
    if (Upto(1) == 0) programme.add_topic_codes(Cat("t", Upto(1)));
    for (const auto category : {v1::LISTENER_CATEGORY_PEDAGOGUE, v1::LISTENER_CATEGORY_MANAGER,
                                v1::LISTENER_CATEGORY_MENTOR}) {
      if (Upto(2) == 0) facts.meant[programme.name()].push_back(category);
    }
    facts.programmes.push_back(programme);
  }
  for (int i = 0; i < groups; ++i) {
    v1::Group group = Open(i, Upto(6), 1 + Upto(3), Upto(3));
    group.set_taken_seats(std::min(group.taken_seats(), group.seats()));
    group.set_state(Upto(3) == 0 ? v1::Group::STATE_RUNNING : v1::Group::STATE_OPEN);
    group.set_form(static_cast<v1::StudyForm>(Upto(2)));
    group.set_municipality(Town(Upto(2)));
    *group.mutable_start_date() = Day(2026, 1 + Upto(3), 1);
    *group.mutable_end_date() = Day(2026, 5 + Upto(2), 1);
    facts.groups.push_back(group);
  }
  for (int i = 0; i < lines; ++i) {
    std::vector<int> asks;
    for (int c = 0; c < 6; ++c) {
      if (Upto(3) == 0) asks.push_back(c);
    }
    const int places = 1 + Upto(4);
    OrderedLine line = Asked(Upto(2), asks, places, Upto(places));
    line.place = i;
    line.line.set_listener_category(static_cast<v1::ListenerCategory>(1 + Upto(7)));
    line.line.set_id(Cat("l", i));
    line.year = 2025 + Upto(2);
    line.municipality = Town(Upto(2));
    if (Upto(3) == 0) line.line.set_programme(NameOf("86", "programmes", Cat("p", Upto(6))));
    if (Upto(2) == 0) line.line.add_topic_codes(Cat("t", Upto(2)));
    facts.lines.push_back(line);
  }
  for (int c = 0; c < 6; ++c) {
    if (Upto(2) == 0) facts.deficits[Competency(c)].count = Upto(5);
    if (Upto(4) == 0) facts.deficits[Competency(c)].suppressed = true;
  }
  return facts;
}

v1::CoverageScope RandomScope() {
  v1::CoverageScope scope;
  scope.set_municipality(Town(Upto(2)));
  if (Upto(1) == 0) *scope.mutable_start_date() = Day(2026, 1 + Upto(2), 1);
  if (Upto(1) == 0) *scope.mutable_end_date() = Day(2026, 5 + Upto(2), 1);
  scope.set_form(static_cast<v1::StudyForm>(Upto(2)));
  if (Upto(1) == 0) scope.set_min_duration_hours(16 + Upto(2));
  if (Upto(1) == 0) scope.set_max_duration_hours(17 + Upto(2));
  return scope;
}

bool Offered(const v1::CoverageScope& scope, const v1::Programme& programme) {
  const int most = scope.max_duration_hours() == 0 ? 9999 : scope.max_duration_hours();
  return (scope.form() == 0 || scope.form() == programme.form()) &&
         programme.duration_hours() >= scope.min_duration_hours() &&
         programme.duration_hours() <= most;
}

int Number(const google::type::Date& date, int otherwise) {
  return date.year() == 0 ? otherwise : date.year() * 10000 + date.month() * 100 + date.day();
}

// Free seats of the group the scope looks at; 0 for no such group.
int Seats(const v1::CoverageScope& scope, const v1::Group& group) {
  const bool here = scope.municipality().empty() || group.municipality().empty() ||
                    scope.municipality() == group.municipality();
  const bool then = Number(group.start_date(), 0) >= Number(scope.start_date(), 0) &&
                    Number(group.end_date(), 0) <= Number(scope.end_date(), 99999999);
  const bool so = scope.form() == 0 || scope.form() == group.form();
  if (group.state() != v1::Group::STATE_OPEN || !here || !then || !so) return 0;
  return group.seats() - group.taken_seats();
}

bool Asks(const v1::CoverageScope& scope, const OrderedLine& line) {
  return (scope.municipality().empty() || scope.municipality() == line.municipality) &&
         (!scope.has_start_date() || line.year >= 2026) &&
         (!scope.has_end_date() || line.year <= 2026);
}

// One competency by looking at everything: state, minus demand, name, and what
// is on offer.
using Naive = std::tuple<int, int64_t, std::string, int64_t, int64_t, int, int, int64_t>;

std::vector<Naive> NaiveNeeds(const v1::CoverageScope& scope, const CoverageFacts& facts) {
  std::vector<Naive> rows;
  for (int c = 0; c < 6; ++c) {
    const std::string name = Competency(c);
    int64_t demand = 0, ordered = 0, open = 0, seats = 0;
    int programmes = 0, groups = 0;
    bool withheld = false;
    if (facts.deficits.contains(name)) {
      demand = facts.deficits.at(name).count.value_or(0);
      withheld = facts.deficits.at(name).suppressed;
    }
    for (const auto& line : facts.lines) {
      for (const auto& asked : line.line.competencies()) {
        if (asked != name || !Asks(scope, line)) continue;
        ordered += line.line.places();
        open += line.open_places;
      }
    }
    demand += open;
    if (demand == 0 && !withheld) continue;
    for (const auto& programme : facts.programmes) {
      bool covers = false;
      for (const auto& coverage : programme.competencies()) {
        covers = covers || coverage.competency() == name;
      }
      if (!covers || !Offered(scope, programme)) continue;
      ++programmes;
      for (const auto& group : facts.groups) {
        const bool over = Number(group.end_date(), 0) < 20260001 + 100 * facts.today.month();
        const int free = group.programme() == programme.name() && !over ? Seats(scope, group) : 0;
        groups += free > 0 ? 1 : 0;
        seats += free;
      }
    }
    int state = v1::COVERAGE_STATE_ENOUGH;
    if (seats < demand) state = v1::COVERAGE_STATE_SHORT_OF_SEATS;
    if (groups == 0) state = v1::COVERAGE_STATE_NO_OPEN_GROUP;
    if (programmes == 0) state = v1::COVERAGE_STATE_NOBODY_TEACHES;
    rows.emplace_back(state, -demand, name, ordered, open, programmes, groups, seats);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void TryEqualsTheNaiveReport() {
  const CoverageFacts facts = RandomFacts();
  const v1::CoverageScope scope = RandomScope();
  std::vector<Naive> told;
  for (const auto& need : TellNeeds(scope, facts)) {
    told.emplace_back(need.state(), -need.demand(), need.competency(), need.ordered_places(),
                      need.open_places(), need.programme_count(), need.open_group_count(),
                      need.free_seats());
    int64_t seats = 0;
    for (const auto& programme : need.programmes()) seats += programme.free_seats();
    RC_ASSERT(seats == need.free_seats());  // fewer than ten programmes: all are told
    RC_ASSERT(need.programmes_size() == need.programme_count());
    RC_ASSERT(std::is_sorted(need.programmes().begin(), need.programmes().end(),
                             [](const auto& a, const auto& b) {
                               return a.register_programme() && !b.register_programme();
                             }));
  }
  RC_ASSERT(told == NaiveNeeds(scope, facts));
}

RC_GTEST_PROP(CoverageProperty, EqualsTheNaiveReport, ()) {
  for (int i = 0; i < kFactsOfACase; ++i) TryEqualsTheNaiveReport();
}

void TryLinesWithoutAnOfferEqualTheNaiveSearch() {
  const CoverageFacts facts = RandomFacts();
  const v1::CoverageScope scope = RandomScope();
  std::set<std::tuple<int, std::string, int>> naive;
  for (const auto& line : facts.lines) {
    bool answered = false;
    for (const auto& programme : facts.programmes) {
      if (!Offered(scope, programme)) continue;
      bool covers = false, has_topic = false;
      for (const auto& coverage : programme.competencies()) {
        for (const auto& asked : line.line.competencies()) {
          covers = covers || asked == coverage.competency();
        }
      }
      for (const auto& topic : programme.topic_codes()) {
        for (const auto& asked : line.line.topic_codes()) has_topic = has_topic || asked == topic;
      }
      bool meant = true;  // as long as it does not say otherwise
      if (facts.meant.contains(programme.name())) {
        const auto& said = facts.meant.at(programme.name());
        const auto category = line.line.listener_category();
        const auto says = [&](v1::ListenerCategory one) {
          return std::find(said.begin(), said.end(), one) != said.end();
        };
        const bool young = category == v1::LISTENER_CATEGORY_PEDAGOGUE ||
                           category == v1::LISTENER_CATEGORY_YOUNG_SPECIALIST;
        const bool manager = category == v1::LISTENER_CATEGORY_MANAGER;
        meant = says(category) || (says(v1::LISTENER_CATEGORY_PEDAGOGUE) && !manager) ||
                (says(v1::LISTENER_CATEGORY_MANAGER) && !young);
      }
      covers = covers && meant;
      has_topic = has_topic && meant;
      answered =
          answered || (!line.line.programme().empty() ? line.line.programme() == programme.name()
                       : line.line.competencies_size() > 0 ? covers
                                                           : has_topic);
    }
    RC_ASSERT(answered == std::any_of(facts.programmes.begin(), facts.programmes.end(),
                                      [&](const v1::Programme& programme) {
                                        return IsInScope(scope, programme) &&
                                               Answers(programme, facts.meant, line.line);
                                      }));
    if (!answered && line.open_places > 0 && Asks(scope, line)) {
      naive.emplace(-line.open_places, line.order, line.place);
    }
  }
  std::vector<std::tuple<int, std::string, int>> told;
  for (const auto& line : TellUnmet(scope, facts)) {
    const int place = std::stoi(line.line().id().substr(1));
    told.emplace_back(-line.open_places(), line.training_order(), place);
  }
  RC_ASSERT(told == std::vector(naive.begin(), naive.end()));
}

RC_GTEST_PROP(CoverageProperty, LinesWithoutAnOfferEqualTheNaiveSearch, ()) {
  for (int i = 0; i < kFactsOfACase; ++i) TryLinesWithoutAnOfferEqualTheNaiveSearch();
}

void TryTheOrderOfTheFactsDoesNotMatter() {
  CoverageFacts facts = RandomFacts();
  const v1::CoverageScope scope = RandomScope();
  const auto bytes = [&] {
    std::string all;
    for (const auto& need : TellNeeds(scope, facts)) all += need.SerializeAsString() + "\n";
    return all;
  };
  const std::string before = bytes();
  std::reverse(facts.programmes.begin(), facts.programmes.end());
  std::reverse(facts.groups.begin(), facts.groups.end());
  std::reverse(facts.lines.begin(), facts.lines.end());
  RC_ASSERT(bytes() == before);
}

RC_GTEST_PROP(CoverageProperty, TheOrderOfTheFactsDoesNotMatter, ()) {
  for (int i = 0; i < kFactsOfACase; ++i) TryTheOrderOfTheFactsDoesNotMatter();
}

}  // namespace
}  // namespace rsnms::programs
