#include "services/registry/asset/load_rules.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace rsnms::registry {
namespace {

TEST(LoadRules, WhoLeavesTheEveningBeforeMakesRoom) {
  LoadBook book;
  book.Put("m", "1", "a", {.first = 1, .last = 10});
  book.Put("m", "2", "b", {.first = 11, .last = Period::kOpen});
  EXPECT_EQ(book.MostOn("m", "new", {.first = 1, .last = 100}), 1);
  EXPECT_EQ(book.MostOn("m", "2", {.first = 11, .last = 100}), 0) << "not counted against itself";
  EXPECT_EQ(book.MostOn("other", "new", {.first = 1, .last = 100}), 0);
}

TEST(LoadRules, EducatorIsKnownOnTheDaysOfAnotherAttachmentOnly) {
  LoadBook book;
  book.Put("m", "1", "a", {.first = 1, .last = 10});
  EXPECT_TRUE(book.HasEducator("m", "2", "a", {.first = 10, .last = 12}));
  EXPECT_FALSE(book.HasEducator("m", "1", "a", {.first = 10, .last = 12}));
  EXPECT_FALSE(book.HasEducator("m", "2", "a", {.first = 11, .last = 12}));
  EXPECT_FALSE(book.HasEducator("m", "2", "b", {.first = 10, .last = 12}));
}

// The greatest load is that of the heaviest day, counted day by day.
RC_GTEST_PROP(LoadRules, MostIsThatOfTheHeaviestDay, ()) {
  LoadBook book;
  std::vector<Period> periods;
  const int n = *rc::gen::inRange(0, 12);
  for (int i = 0; i < n; ++i) {
    const int first = *rc::gen::inRange(0, 20);
    const bool open = *rc::gen::arbitrary<bool>();
    periods.push_back(
        {.first = first, .last = open ? Period::kOpen : first + *rc::gen::inRange(0, 10)});
    book.Put("m", std::to_string(i), std::to_string(i), periods.back());
  }
  const int first = *rc::gen::inRange(0, 25), last = first + *rc::gen::inRange(0, 10);
  int most = 0;
  for (int day = first; day <= last; ++day) {
    int load = 0;
    for (const Period& period : periods) load += period.Contains(day) ? 1 : 0;
    most = std::max(most, load);
  }
  RC_ASSERT(book.MostOn("m", "new", {.first = first, .last = last}) == most);
}

}  // namespace
}  // namespace rsnms::registry
