#include "services/diagnostics/route_builder.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/text.h"
#include "services/diagnostics/route_rules.h"

namespace rsnms::diagnostics {
namespace {

using google::protobuf::util::MessageDifferencer;

struct Case {
  std::vector<v1::RouteDeficit> deficits;
  std::vector<Offer> offers;
};

v1::RouteDeficit Deficit(std::string_view code, v1::Severity severity) {
  v1::RouteDeficit deficit;
  deficit.set_competency_code(std::string(code));
  deficit.set_severity(severity);
  return deficit;
}

Offer Programme(int id, int hours, bool listed, std::vector<std::string> codes) {
  return {.programme = resource::Cat("regions/86/programmes/", id),
          .title = resource::Cat("Программа ", id),
          .hours = hours,
          .register_programme = listed,
          .competency_codes = std::move(codes)};
}

v1::Route Built(const Case& c, int hours_limit = 0) {
  v1::Route route;
  BuildRoute(c.deficits, Offers(c.offers), {hours_limit, v1::EDUCATOR_CATEGORY_PEDAGOGUE}, route);
  return route;
}

// Up to six deficits among eight codes, up to seven offers; `all_listed` leaves only hours to
// choose by.
Case RandomCase(bool all_listed) {
  Case c;
  const auto picks = *rc::gen::container<std::vector<int>>(8, rc::gen::inRange(0, 8));
  for (int i = 0; i < 8 && c.deficits.size() < 6; ++i) {
    if (picks[i] < 3) continue;
    c.deficits.push_back(Deficit(resource::Cat("c", i),
                                 static_cast<v1::Severity>(v1::SEVERITY_MILD + picks[i] % 3)));
  }
  const int offers = *rc::gen::inRange(0, 8);
  for (int i = 0; i < offers; ++i) {
    const int mask = *rc::gen::inRange(1, 256);
    std::vector<std::string> codes;
    for (int b = 0; b < 8; ++b) {
      if (mask >> b & 1) codes.push_back(resource::Cat("c", b));
    }
    const bool listed = all_listed || *rc::gen::arbitrary<bool>();
    c.offers.push_back(Programme(i, *rc::gen::inRange(8, 73), listed, std::move(codes)));
  }
  return c;
}

std::set<std::string> Covered(const v1::Route& route) {
  std::set<std::string> out;
  for (const auto& item : route.items()) {
    out.insert(item.competency_codes().begin(), item.competency_codes().end());
  }
  return out;
}

TEST(RouteBuilderTest, RegisterProgrammesComeFirst) {
  const Case c{{Deficit("a", v1::SEVERITY_SEVERE)},
               {Programme(1, 16, false, {"a", "b"}), Programme(2, 72, true, {"a"})}};
  const auto route = Built(c);
  ASSERT_EQ(route.items_size(), 1);
  EXPECT_EQ(route.items(0).programme(), "regions/86/programmes/2");
  EXPECT_TRUE(route.items(0).register_programme());
}

TEST(RouteBuilderTest, OneProgrammeForSeveralDeficitsIsPreferred) {
  const Case c{{Deficit("a", v1::SEVERITY_SEVERE), Deficit("b", v1::SEVERITY_MODERATE)},
               {Programme(1, 16, true, {"a"}), Programme(2, 36, true, {"a", "b"})}};
  const auto route = Built(c);
  ASSERT_EQ(route.items_size(), 1);
  EXPECT_EQ(route.items(0).competency_codes_size(), 2);
}

TEST(RouteBuilderTest, HeaviestDeficitsGetTheHours) {
  const Case c{{Deficit("a", v1::SEVERITY_MODERATE), Deficit("b", v1::SEVERITY_SEVERE)},
               {Programme(1, 40, true, {"a"}), Programme(2, 40, true, {"b"})}};
  const auto route = Built(c, 72);
  EXPECT_EQ(Covered(route), std::set<std::string>{"b"});
  ASSERT_EQ(route.uncovered_size(), 1);
  EXPECT_EQ(route.uncovered(0).competency_code(), "a");
  EXPECT_NE(route.uncovered(0).reason().find("72"), std::string::npos);
}

TEST(RouteBuilderTest, WhatNobodyTeachesIsSaid) {
  const auto route = Built({{Deficit("a", v1::SEVERITY_SEVERE)}, {}});
  EXPECT_EQ(route.items_size(), 0);
  ASSERT_EQ(route.uncovered_size(), 1);
  EXPECT_EQ(route.uncovered(0).reason(), "Нет программы, которая закрывает этот дефицит.");
}

TEST(RouteBuilderTest, ProgrammesForManagersAreNotForPedagogues) {
  Case c{{Deficit("a", v1::SEVERITY_SEVERE)}, {Programme(1, 16, true, {"a"})}};
  c.offers[0].for_pedagogues = false;
  EXPECT_EQ(Built(c).items_size(), 0);
  c.offers[0].for_managers = false;  // says nothing: for both
  EXPECT_EQ(Built(c).items_size(), 1);
}

TEST(RouteBuilderProperty, SameInputSameRouteWhateverTheOrder) {
  EXPECT_TRUE(rc::check([] {
    Case c = RandomCase(false);
    const int limit = *rc::gen::element(0, 36, 72, 144);
    const auto route = Built(c, limit);
    RC_ASSERT(MessageDifferencer::Equals(route, Built(c, limit)));
    std::reverse(c.deficits.begin(), c.deficits.end());
    std::reverse(c.offers.begin(), c.offers.end());
    for (auto& offer : c.offers) {
      std::reverse(offer.competency_codes.begin(), offer.competency_codes.end());
    }
    RC_ASSERT(MessageDifferencer::Equals(route, Built(c, limit)));
  }));
}

TEST(RouteBuilderProperty, EveryRouteIsValidWithinHoursAndEveryItemClosesADeficit) {
  EXPECT_TRUE(rc::check([] {
    const Case c = RandomCase(false);
    const int limit = *rc::gen::element(0, 20, 72, 144);
    v1::Route route = Built(c, limit);
    int hours = 0;
    std::set<std::string> once;
    for (const auto& item : route.items()) {
      RC_ASSERT(item.competency_codes_size() > 0);
      RC_ASSERT(!item.reason().empty());
      hours += item.hours();
      for (const auto& code : item.competency_codes()) RC_ASSERT(once.insert(code).second);
    }
    RC_ASSERT(route.total_hours() == hours);
    RC_ASSERT(limit == 0 || hours <= limit);
    RC_ASSERT(once.size() + static_cast<size_t>(route.uncovered_size()) == c.deficits.size());
    const v1::Route before = route;
    RC_ASSERT(CheckRoute(resource::Change::kCreate, nullptr, &route).ok());
    RC_ASSERT(before.total_hours() == route.total_hours());
    RC_ASSERT(before.uncovered_size() == route.uncovered_size());
  }));
}

TEST(RouteBuilderProperty, NothingThatStillFitsIsLeftOut) {
  EXPECT_TRUE(rc::check([] {
    const Case c = RandomCase(false);
    const int limit = *rc::gen::element(36, 72, 144);
    const v1::Route route = Built(c, limit);
    for (const auto& open : route.uncovered()) {
      for (const auto& offer : c.offers) {
        const bool covers = std::count(offer.competency_codes.begin(), offer.competency_codes.end(),
                                       open.competency_code()) > 0;
        RC_ASSERT(!covers || route.total_hours() + offer.hours > limit);
      }
    }
  }));
}

// The shortest covering set of offers by trying all of them.
int ShortestHours(const Case& c) {
  std::set<std::string> coverable;
  for (const auto& d : c.deficits) {
    for (const auto& o : c.offers) {
      if (std::count(o.competency_codes.begin(), o.competency_codes.end(), d.competency_code())) {
        coverable.insert(d.competency_code());
      }
    }
  }
  int best = -1;
  for (size_t set = 0; set < size_t{1} << c.offers.size(); ++set) {
    std::set<std::string> covered;
    int hours = 0;
    for (size_t i = 0; i < c.offers.size(); ++i) {
      if (!(set >> i & 1)) continue;
      hours += c.offers[i].hours;
      covered.insert(c.offers[i].competency_codes.begin(), c.offers[i].competency_codes.end());
    }
    if (std::includes(covered.begin(), covered.end(), coverable.begin(), coverable.end()) &&
        (best < 0 || hours < best)) {
      best = hours;
    }
  }
  return best;
}

TEST(RouteBuilderProperty, CoversAsMuchAsAnExhaustiveSearchAndIsSeldomMuchLonger) {
  int64_t greedy_hours = 0, best_hours = 0, cases = 0, exact = 0;
  EXPECT_TRUE(rc::check([&] {
    const Case c = RandomCase(true);
    const v1::Route route = Built(c);
    std::set<std::string> coverable;
    for (const auto& offer : c.offers) {
      for (const auto& d : c.deficits) {
        if (std::count(offer.competency_codes.begin(), offer.competency_codes.end(),
                       d.competency_code())) {
          coverable.insert(d.competency_code());
        }
      }
    }
    RC_ASSERT(Covered(route) == coverable);
    const int best = ShortestHours(c);
    RC_ASSERT(route.total_hours() >= best);
    RC_ASSERT(route.total_hours() <= 6 * std::max(1, best) * 9);  // six deficits, 8..72 hours each
    greedy_hours += route.total_hours();
    best_hours += best;
    exact += route.total_hours() == best;
    ++cases;
  }));
  RecordProperty("cases", std::to_string(cases));
  RecordProperty("shortest", std::to_string(exact));
  std::cout << "greedy " << greedy_hours << " h, shortest " << best_hours
            << " h, shortest found in " << exact << " of " << cases << " cases\n";
}

}  // namespace
}  // namespace rsnms::diagnostics
