// Hours over days against a naive reading: laying them out, the most urgent first.
#include "services/programs/learning/day_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace rsnms::programs {
namespace {

using day_rules::Overfull;
using day_rules::Span;
using Record = v1::LearningRecord;

const absl::CivilDay kFirst(2026, 3, 2);

Span Days(int first, int last, int hours) { return {kFirst + first, kFirst + last, hours}; }

TEST(DayRules, HoursOfOverlappingRecordsAddUp) {
  EXPECT_FALSE(Overfull(Days(0, 4, 40), {}, 8));
  EXPECT_TRUE(Overfull(Days(0, 4, 41), {}, 8));
  EXPECT_FALSE(Overfull(Days(0, 4, 20), {Days(0, 4, 20)}, 8));
  EXPECT_TRUE(Overfull(Days(0, 4, 20), {Days(0, 4, 21)}, 8));
  EXPECT_FALSE(Overfull(Days(0, 4, 20), {Days(5, 9, 40)}, 8)) << "one after the other";
  EXPECT_FALSE(Overfull(Days(0, 4, 40), {Days(3, 9, 40)}, 8)) << "moved to its later days";
  EXPECT_TRUE(Overfull(Days(0, 4, 40), {Days(3, 9, 41)}, 8));
}

TEST(DayRules, DaysBetweenOthersAreTaken) {
  const std::vector<Span> others = {Days(0, 1, 16), Days(3, 4, 16)};
  EXPECT_FALSE(Overfull(Days(0, 4, 8), others, 8)) << "the third day is free";
  const auto days = Overfull(Days(1, 3, 9), others, 8);
  ASSERT_TRUE(days);
  EXPECT_EQ(days->last - days->first + 1, 5) << "41 hours in five days";
}

TEST(DayRules, WhatIsNotAgreedTakesNoDays) {
  Record record;
  record.mutable_start_date()->set_year(2026);
  record.mutable_start_date()->set_month(3);
  record.mutable_start_date()->set_day(2);
  *record.mutable_end_date() = record.start_date();
  record.set_hours(5);
  for (const auto state :
       {Record::STATE_PLANNED, Record::STATE_FAILED, Record::STATE_CANCELLED, Record::STATE_VOID}) {
    record.set_state(state);
    EXPECT_FALSE(day_rules::SpanOf(record)) << state;
  }
  for (const auto state : {Record::STATE_AGREED, Record::STATE_IN_PROGRESS, Record::STATE_REPORTED,
                           Record::STATE_ACCEPTED}) {
    record.set_state(state);
    ASSERT_TRUE(day_rules::SpanOf(record)) << state;
    EXPECT_EQ(day_rules::SpanOf(record)->hours, 5);
  }
  *record.mutable_completion_date() = record.start_date();
  record.mutable_completion_date()->set_day(4);
  record.set_completed_hours(7);
  EXPECT_EQ(day_rules::SpanOf(record)->hours, 7) << "as reported";
  EXPECT_EQ(day_rules::SpanOf(record)->last, kFirst + 2);
}

// Whether the hours can be laid out: day by day, what ends first is learned first.
bool Fits(std::vector<Span> spans, int most) {
  for (int day = 0; day < 30; ++day) {
    int left = most;
    std::sort(spans.begin(), spans.end(),
              [](const Span& a, const Span& b) { return a.last < b.last; });
    for (Span& span : spans) {
      if (kFirst + day < span.first || span.last < kFirst + day) continue;
      const int learned = std::min(left, span.hours);
      span.hours -= learned;
      left -= learned;
    }
  }
  return std::all_of(spans.begin(), spans.end(), [](const Span& span) { return span.hours == 0; });
}

TEST(DayRules, OverfullIsWhatCannotBeLaidOut) {
  int fitted = 0, refused = 0;
  for (unsigned seed = 1; seed <= 150; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int below) { return static_cast<int>(random() % below); };
    const int most = 1 + pick(10);
    std::vector<Span> taken;
    for (int i = 0; i < 40; ++i) {
      const int first = pick(20), days = 1 + pick(8);
      const Span added = Days(first, first + days - 1, 1 + pick(most * days + 2));
      std::vector<Span> all = taken;
      all.push_back(added);
      const bool fits = Fits(all, most);
      ASSERT_EQ(!Overfull(added, taken, most), fits) << "seed " << seed << ", span " << i;
      if (fits) taken = std::move(all);
      ++(fits ? fitted : refused);
    }
  }
  EXPECT_GT(fitted, 1000);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace rsnms::programs
