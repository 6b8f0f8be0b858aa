#include "services/programs/orders/ground_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"
#include "services/programs/orders/order_rules.h"

namespace rsnms::programs::ground_rules {
namespace {

using absl::CivilDay;

constexpr CivilDay kToday(2026, 2, 1);

v1::OrderLine Line(v1::OrderGround ground, CivilDay day = CivilDay()) {
  v1::OrderLine line;
  line.set_ground(ground);
  line.set_listener_category(v1::LISTENER_CATEGORY_PEDAGOGUE);
  if (day != CivilDay()) *line.mutable_ground_date() = ToDate(day);
  return line;
}

std::string Due(v1::OrderLine line, int low = 12, int first = 24) {
  v1::TrainingRules rules;
  rules.set_low_results_months(low);
  rules.set_first_training_months(first);
  SetDue(rules, &line);
  const auto& due = line.due_date();
  return line.has_due_date() ? absl::FormatCivilTime(CivilDay(due.year(), due.month(), due.day()))
                             : "";
}

TEST(GroundRules, MonthsLaterIsTheSameDayOrTheLast) {
  EXPECT_EQ(MonthsAfter(CivilDay(2026, 5, 15), 12), CivilDay(2027, 5, 15));
  EXPECT_EQ(MonthsAfter(CivilDay(2024, 2, 29), 12), CivilDay(2025, 2, 28));
  EXPECT_EQ(MonthsAfter(CivilDay(2024, 2, 29), 48), CivilDay(2028, 2, 29));
  EXPECT_EQ(MonthsAfter(CivilDay(2026, 1, 31), 1), CivilDay(2026, 2, 28));
  EXPECT_EQ(MonthsAfter(CivilDay(2026, 12, 31), 0), CivilDay(2026, 12, 31));
  for (CivilDay day(2023, 1, 1); day < CivilDay(2025, 1, 1); ++day) {
    for (int months = 0; months < 30; ++months) {
      const CivilDay after = MonthsAfter(day, months);
      EXPECT_EQ(absl::CivilMonth(after), absl::CivilMonth(day) + months);
      EXPECT_TRUE(
          after.day() == day.day() ||
          (after.day() < day.day() && absl::CivilMonth(after + 1) != absl::CivilMonth(after)));
    }
  }
}

TEST(GroundRules, AGroundSetsItsTerm) {
  const CivilDay found(2025, 6, 10);
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_LOW_RESULTS, found)), "2026-06-10");
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_LOW_RESULTS, found), 6), "2025-12-10");
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_LOW_RESULTS)), "");
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_ATTESTATION, found)), "2025-06-10");
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_DEFICIT, found)), "");
  EXPECT_EQ(Due(Line(v1::ORDER_GROUND_RESERVE, found)), "");
  v1::OrderLine appointed = Line(v1::ORDER_GROUND_APPOINTMENT, found);
  EXPECT_EQ(Due(appointed), "") << "only who comes without experience has a term";
  appointed.set_listener_category(v1::LISTENER_CATEGORY_YOUNG_SPECIALIST);
  EXPECT_EQ(Due(appointed), "2027-06-10");
  *appointed.mutable_due_date() = ToDate(kToday);
  appointed.clear_ground_date();
  EXPECT_EQ(Due(appointed), "") << "nobody sets a term by hand";
}

TEST(GroundRules, NothingIsWantedAfterItsTerm) {
  v1::OrderLine line = Line(v1::ORDER_GROUND_LOW_RESULTS);
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(line, 2026, "lines[0]")), "GROUND_DATE_REQUIRED");
  line = Line(v1::ORDER_GROUND_LOW_RESULTS, CivilDay(2025, 6, 10));
  *line.mutable_due_date() = ToDate(CivilDay(2026, 6, 10));
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(line, 2026, "lines[0]")), "");
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(line, 2027, "lines[0]")), "GROUND_TERM_MISSED");
  line.set_quarter(2);
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(line, 2026, "lines[0]")), "");
  line.set_quarter(3);
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(line, 2026, "lines[0]")), "GROUND_TERM_MISSED");
  EXPECT_EQ(rpc::ReasonOf(CheckTerm(Line(v1::ORDER_GROUND_DEFICIT), 2099, "lines[0]")), "");
}

TEST(GroundRules, TheLastDayIsTheQuartersOrTheGroundsIfEarlier) {
  const google::type::Date none, june = ToDate(CivilDay(2026, 6, 10));
  EXPECT_EQ(LastDay(2026, 1, none), CivilDay(2026, 3, 31));
  EXPECT_EQ(LastDay(2026, 4, none), CivilDay(2026, 12, 31));
  EXPECT_EQ(LastDay(2026, 0, none), CivilDay(2026, 12, 31));
  EXPECT_EQ(LastDay(2026, 0, june), CivilDay(2026, 6, 10));
  EXPECT_EQ(LastDay(2026, 1, june), CivilDay(2026, 3, 31));
}

TEST(GroundRules, WhatIsOverdueIsCountedFromTheEarlierDay) {
  v1::TrainingOrder order;
  order.set_year(2026);
  v1::OrderLine line = Line(v1::ORDER_GROUND_LOW_RESULTS);
  *line.mutable_due_date() = ToDate(CivilDay(2026, 6, 10));
  const auto overdue = [&](CivilDay day) {
    v1::OrderLineExecution told;
    told.set_places(5);
    told.set_completed(2);
    told.set_learning(1);
    order_rules::Conclude(order, line, day, &told);
    EXPECT_EQ(told.free(), 2);
    EXPECT_EQ(told.due_date().month(), line.has_due_date() ? 6 : 12);
    return told.overdue();
  };
  EXPECT_EQ(overdue(CivilDay(2026, 6, 10)), 0);
  EXPECT_EQ(overdue(CivilDay(2026, 6, 11)), 3);
  line.clear_due_date();
  EXPECT_EQ(overdue(CivilDay(2026, 12, 31)), 0);
  EXPECT_EQ(overdue(CivilDay(2027, 1, 1)), 3);
}

TEST(GroundRules, WhatShowsAGroundIsOfTheRegionAndItsKind) {
  v1::OrderLine line = Line(v1::ORDER_GROUND_RESERVE);
  const auto shown = [&](const std::string& name) {
    line.set_ground_resource(name);
    return rpc::ReasonOf(Check(line, "86", kToday, "lines[0]"));
  };
  EXPECT_EQ(shown(""), "");
  EXPECT_EQ(shown("regions/86/reserveCandidates/x"), "");
  for (const char* name : {"regions/61/reserveCandidates/x", "regions/86/reserveCandidates/",
                           "regions/86/campaigns/x", "x", "regions/86/reserveCandidates/x/y"}) {
    EXPECT_EQ(shown(name), "INVALID_NAME") << name;
  }
  line.set_ground(v1::ORDER_GROUND_DEFICIT);
  EXPECT_EQ(shown("regions/86/campaigns/x"), "");
}

TEST(GroundRules, WhatIsFoundHasBeenFound) {
  const auto dated = [](v1::OrderGround ground, CivilDay day) {
    return rpc::ReasonOf(Check(Line(ground, day), "86", kToday, "lines[0]"));
  };
  for (const auto ground : {v1::ORDER_GROUND_LOW_RESULTS, v1::ORDER_GROUND_DEFICIT}) {
    EXPECT_EQ(dated(ground, kToday), "");
    EXPECT_EQ(dated(ground, kToday + 1), "OUT_OF_RANGE");
  }
  EXPECT_EQ(dated(v1::ORDER_GROUND_ATTESTATION, kToday + 90), "") << "attestation is ahead";
}

}  // namespace
}  // namespace rsnms::programs::ground_rules
