#include "tools/demo/answers.h"

#include <algorithm>

namespace rsnms::demo {

double Mastery(const Dice& dice, std::string_view person, std::string_view item) {
  const uint64_t who = HashOf(person), what = HashOf(item);
  // The sum of two even draws is a triangle: most people stand in the middle, few at the ends.
  const double level = (dice.Unit(Ask::kMastery, who) + dice.Unit(Ask::kMastery, ~who)) / 2;
  const double ease = dice.Unit(Ask::kAnswer, what) - 0.5;
  const double chance = dice.Unit(Ask::kAnswer, who ^ Mix(what)) - 0.5;
  return std::clamp(0.1 + level + 0.3 * ease + 0.4 * chance, 0.0, 0.999999);
}

int ChooseOption(const Dice& dice, std::string_view person, std::string_view item, int options) {
  return static_cast<int>(Mastery(dice, person, item) * options);
}

}  // namespace rsnms::demo
