#include "services/monitoring/expression.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"

namespace rsnms::monitoring {
namespace {

const FactMask kPedagogue = BitOf(v1::FACT_EMPLOYED_PEDAGOGUE);
const FactMask kManager = BitOf(v1::FACT_EMPLOYED_MANAGER);
const FactMask kSupported = BitOf(v1::FACT_SUPPORTED);

Expression Must(const std::string& text, const Expression::Settings& settings = {}) {
  auto parsed = Expression::Parse(text, settings);
  EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.status();
  return parsed.ok() ? *parsed : Expression();
}

TEST(Expression, OrBindsTighterThanAnd) {
  const auto e = Must("supported AND employed_pedagogue OR employed_manager");
  EXPECT_TRUE(e.Holds(kSupported | kManager));
  EXPECT_FALSE(e.Holds(kManager));
  EXPECT_EQ(e.Text(), "supported AND (employed_pedagogue OR employed_manager)");
}

TEST(Expression, NotAndParentheses) {
  const auto e = Must("-(employed_pedagogue OR employed_manager) AND NOT supported");
  EXPECT_TRUE(e.Holds(0));
  EXPECT_FALSE(e.Holds(kSupported));
  EXPECT_FALSE(e.Holds(kManager));
}

TEST(Expression, EmptyAlwaysHolds) {
  EXPECT_TRUE(Must("").Holds(0));
  EXPECT_TRUE(Must("  ").always());
}

TEST(Expression, SettingsAreSpeltOut) {
  Expression::Settings settings;
  settings["staff"] = Must("employed_pedagogue OR employed_manager");
  const auto e = Must("staff AND NOT supported", settings);
  EXPECT_EQ(e.Text(), "(employed_pedagogue OR employed_manager) AND NOT supported");
}

TEST(Expression, FaultsNameTheirPlace) {
  for (const char* text : {"nonsense", "supported AND", "(supported", "supported)", "AND",
                           "supported supported", "supported = true", "NOT", "()"}) {
    auto parsed = Expression::Parse(text, {});
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(rpc::ReasonOf(parsed.status()), "INVALID_EXPRESSION") << text;
  }
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Expression, DepthAndLengthAreBounded) {
  EXPECT_FALSE(Expression::Parse(Repeat("(", 40) + "supported" + Repeat(")", 40), {}).ok());
  EXPECT_FALSE(Expression::Parse(Repeat("-", 40) + "supported", {}).ok());
  EXPECT_FALSE(Expression::Parse(Repeat(" ", 5000) + "supported", {}).ok());
}

// A random expression and what it says, made together.
struct Random {
  std::mt19937 random;
  std::string Make(int depth, FactMask mask, bool& holds) {
    const int what = depth == 0 ? 0 : static_cast<int>(random() % 4);
    if (what == 0) {
      const auto fact = static_cast<v1::Fact>(1 + random() % v1::Fact_MAX);
      holds = (mask & BitOf(fact)) != 0;
      return NameOf(fact);
    }
    bool a = false, b = false;
    const std::string left = Make(depth - 1, mask, a);
    if (what == 1) {
      holds = !a;
      return absl::StrCat("NOT (", left, ")");
    }
    const std::string right = Make(depth - 1, mask, b);
    holds = what == 2 ? a && b : a || b;
    return absl::StrCat("(", left, what == 2 ? ") AND (" : ") OR (", right, ")");
  }
};

TEST(Expression, AgreesWithNaiveEvaluationAndItsOwnText) {
  Random random{std::mt19937(42)};
  for (int i = 0; i < 2000; ++i) {
    const FactMask mask = random.random() & 0xffff;
    bool holds = false;
    const std::string text = random.Make(4, mask, holds);
    const auto e = Must(text);
    ASSERT_EQ(e.Holds(mask), holds) << text;
    ASSERT_EQ(Must(e.Text()).Holds(mask), holds) << e.Text();
    ASSERT_EQ(Must(e.Text()).Text(), e.Text());
  }
}

TEST(Facts, NamesAndBitsRoundTrip) {
  for (int number = 1; number <= v1::Fact_MAX; ++number) {
    const auto fact = static_cast<v1::Fact>(number);
    EXPECT_EQ(FactByName(NameOf(fact)), fact);
    const auto facts = FactsOf(BitOf(fact));
    ASSERT_EQ(facts.size(), 1);
    EXPECT_EQ(facts[0], fact);
  }
  EXPECT_EQ(FactByName("unspecified"), std::nullopt);
}

}  // namespace
}  // namespace rsnms::monitoring
