#include "services/monitoring/indicator_rules.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace rsnms::monitoring {
namespace {

TEST(Percent, RoundsHalfUpExactly) {
  EXPECT_EQ(Percent(2, 3, 2), "66.67");
  EXPECT_EQ(Percent(1, 3, 2), "33.33");
  EXPECT_EQ(Percent(1, 8, 2), "12.50");
  EXPECT_EQ(Percent(1, 800, 2), "0.13");  // 0.125
  EXPECT_EQ(Percent(0, 7, 2), "0.00");
  EXPECT_EQ(Percent(7, 7, 2), "100.00");
  EXPECT_EQ(Percent(1, 2, 0), "50");
  EXPECT_EQ(Percent(1, 200, 0), "1");  // 0.5
  EXPECT_EQ(Percent(1, 3, 6), "33.333333");
  EXPECT_EQ(Percent(2500000, 2500001, 2), "100.00");
}

TEST(Percent, EqualsLongDivisionDigitByDigit) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 5000; ++i) {
    const int64_t denominator = 1 + static_cast<int64_t>(random() % 3000000);
    const int64_t numerator = static_cast<int64_t>(random() % (denominator + 1));
    const int places = static_cast<int>(random() % 7);
    // Schoolbook: whole part, then one digit more than wanted, then round by the rest.
    int64_t whole = numerator * 100 / denominator, rest = numerator * 100 % denominator;
    std::string digits = absl::StrCat(whole);
    for (int d = 0; d < places; ++d) {
      digits += static_cast<char>('0' + rest * 10 / denominator);
      rest = rest * 10 % denominator;
    }
    if (2 * rest >= denominator) {
      int at = static_cast<int>(digits.size()) - 1;
      while (at >= 0 && digits[at] == '9') digits[at--] = '0';
      if (at < 0)
        digits.insert(0, "1");
      else
        ++digits[at];
    }
    if (places > 0) {
      while (static_cast<int>(digits.size()) <= places) digits.insert(0, "0");
      digits.insert(digits.size() - static_cast<size_t>(places), ".");
    }
    ASSERT_EQ(Percent(numerator, denominator, places), digits)
        << numerator << "/" << denominator << " to " << places;
  }
}

CompiledIndicator Share(const std::string& numerator, const std::string& denominator) {
  v1::Profile profile;
  auto& definition = *profile.add_indicators();
  definition.set_id("share");
  definition.set_title("Доля");
  definition.set_unit(v1::UNIT_PERCENT);
  definition.set_subject_kind(v1::SUBJECT_KIND_PERSON);
  definition.set_numerator(numerator);
  definition.set_denominator(denominator);
  definition.set_decimal_places(2);
  definition.add_sources("registry");
  definition.set_by_municipality(true);
  auto compiled = CompileProfile(profile);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return compiled->front();
}

const Situation kLoaded{2026, {"registry"}, false};

v1::IndicatorValue Of(const CompiledIndicator& indicator, const Situation& situation,
                      const std::vector<Cell>& cells) {
  std::vector<const Cell*> pointers;
  for (const auto& cell : cells) pointers.push_back(&cell);
  return Evaluate(indicator, situation, pointers);
}

TEST(Evaluate, NumeratorCountsOnlyThoseInTheDenominator) {
  const auto share = Share("supported", "employed_pedagogue");
  const FactMask pedagogue = BitOf(v1::FACT_EMPLOYED_PEDAGOGUE), helped = BitOf(v1::FACT_SUPPORTED);
  const auto value = Of(share, kLoaded,
                        {{"", v1::SUBJECT_KIND_PERSON, pedagogue, 6},
                         {"", v1::SUBJECT_KIND_PERSON, pedagogue | helped, 3},
                         {"", v1::SUBJECT_KIND_PERSON, helped, 50},       // not employed
                         {"", v1::SUBJECT_KIND_TEAM, pedagogue, 1000}});  // another kind
  EXPECT_EQ(value.state(), v1::VALUE_STATE_PRESENT);
  EXPECT_EQ(value.numerator(), 3);
  EXPECT_EQ(value.denominator(), 9);
  EXPECT_EQ(value.value().value(), "33.33");
  EXPECT_EQ(value.reason(), "");
}

TEST(Evaluate, AbsencesAreDifferentAnswersEachWithItsReason) {
  auto share = Share("supported", "employed_pedagogue");
  const std::vector<Cell> cells = {{"", v1::SUBJECT_KIND_PERSON, 1, 6}};
  const auto zero = Of(share, kLoaded, {});
  EXPECT_EQ(zero.state(), v1::VALUE_STATE_ZERO_DENOMINATOR);
  EXPECT_FALSE(zero.has_value());
  const auto missing = Of(share, {2026, {}, false}, cells);
  EXPECT_EQ(missing.state(), v1::VALUE_STATE_MISSING);
  EXPECT_EQ(missing.denominator(), 0);
  share.definition.set_first_year(2027);
  const auto early = Of(share, kLoaded, cells);
  EXPECT_EQ(early.state(), v1::VALUE_STATE_NOT_APPLICABLE);
  share.definition.set_first_year(0);
  share.definition.set_by_municipality(false);
  const auto split = Of(share, {2026, {"registry"}, true}, cells);
  EXPECT_EQ(split.state(), v1::VALUE_STATE_NOT_APPLICABLE);
  for (const auto& value : {zero, missing, early, split}) EXPECT_NE(value.reason(), "");
  EXPECT_EQ(Of(share, kLoaded, cells).value().value(), "0.00");  // zero is a value
}

v1::IndicatorValue Present(int64_t numerator, int64_t denominator) {
  v1::IndicatorValue value;
  value.set_state(v1::VALUE_STATE_PRESENT);
  value.set_unit(v1::UNIT_PERCENT);
  value.set_numerator(numerator);
  value.set_denominator(denominator);
  value.mutable_value()->set_value(Percent(numerator, denominator, 2));
  return value;
}

TEST(Suppression, HidesSmallNumeratorRestAndDenominator) {
  EXPECT_TRUE(IsSmall(4, 100));
  EXPECT_TRUE(IsSmall(97, 100));
  EXPECT_TRUE(IsSmall(0, 4));
  EXPECT_FALSE(IsSmall(0, 100));
  EXPECT_FALSE(IsSmall(100, 100));
  EXPECT_FALSE(IsSmall(5, 10));
}

TEST(Suppression, OneHiddenCellHidesAnotherSoThatSubtractionFails) {
  auto a = Present(3, 100), b = Present(50, 100), c = Present(10, 20);
  SuppressSmall({&a, &b, &c});
  EXPECT_EQ(a.state(), v1::VALUE_STATE_SUPPRESSED);
  EXPECT_EQ(b.state(), v1::VALUE_STATE_PRESENT);
  EXPECT_EQ(c.state(), v1::VALUE_STATE_SUPPRESSED);  // the least of the others
  EXPECT_EQ(a.numerator() + a.denominator() + c.numerator() + c.denominator(), 0);
  EXPECT_FALSE(a.has_value());
  EXPECT_NE(a.reason(), "");
}

TEST(Suppression, NothingSmallHidesNothing) {
  auto a = Present(50, 100), b = Present(0, 30);
  SuppressSmall({&a, &b});
  EXPECT_EQ(a.state(), v1::VALUE_STATE_PRESENT);
  EXPECT_EQ(b.state(), v1::VALUE_STATE_PRESENT);
}

}  // namespace
}  // namespace rsnms::monitoring
