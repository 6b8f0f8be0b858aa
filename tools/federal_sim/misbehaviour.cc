#include "tools/federal_sim/misbehaviour.h"

#include <random>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rsnms::federal_sim {

namespace {

// Where the number after a word goes; null when the word takes none or is unknown.
int* NumberOf(std::string_view verb, Misbehaviour& misbehaviour) {
  if (verb == "unavailable") return &misbehaviour.unavailable_every;
  if (verb == "exhausted") return &misbehaviour.exhausted_every;
  if (verb == "hang") return &misbehaviour.hang_every;
  if (verb == "expire") return &misbehaviour.expire_every;
  if (verb == "truncate") return &misbehaviour.truncate_walks;
  if (verb == "shrink") return &misbehaviour.shrink_percent;
  if (verb == "skip") return &misbehaviour.skip;
  if (verb == "shift") return &misbehaviour.shift_every;
  if (verb == "unsteady") return &misbehaviour.unsteady_percent;
  return nullptr;
}

bool* SwitchOf(std::string_view verb, Misbehaviour& misbehaviour) {
  if (verb == "repeat") return &misbehaviour.repeat;
  if (verb == "reorder") return &misbehaviour.reorder;
  if (verb == "lie-types") return &misbehaviour.lie_types;
  if (verb == "lie-identifiers") return &misbehaviour.lie_identifiers;
  if (verb == "lie-fields") return &misbehaviour.lie_fields;
  if (verb == "lie-numbers") return &misbehaviour.lie_numbers;
  if (verb == "short") return &misbehaviour.short_pages;
  if (verb == "endless") return &misbehaviour.endless;
  return nullptr;
}

}  // namespace

absl::StatusOr<Misbehaviour> ParseMisbehaviour(std::string_view text) {
  Misbehaviour misbehaviour;
  const std::vector<std::string> words =
      absl::StrSplit(std::string(text), ',', absl::SkipWhitespace());
  for (const std::string& word : words) {
    const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits(':', 1));
    int number = 1;
    if (parts.size() == 2 && !absl::SimpleAtoi(parts[1], &number)) {
      return absl::InvalidArgumentError(absl::StrCat(word, ": a whole number must follow"));
    }
    if (parts[0] == "chaos") {
      misbehaviour = DrawMisbehaviour(number);
    } else if (parts[0] == "seed") {
      misbehaviour.seed = number;
    } else if (int* counted = NumberOf(parts[0], misbehaviour)) {
      *counted = number;
    } else if (bool* switched = SwitchOf(parts[0], misbehaviour)) {
      *switched = true;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(word, ": no such misbehaviour"));
    }
  }
  return misbehaviour;
}

Misbehaviour DrawMisbehaviour(uint64_t seed) {
  std::mt19937_64 random(seed * 7919 + 17);
  Misbehaviour drawn;
  const auto chance = [&](int percent) { return static_cast<int>(random() % 100) < percent; };
  const auto number = [&](int least, int most) {
    return least + static_cast<int>(random() % (most - least + 1));
  };
  drawn.seed = random();
  if (chance(30)) drawn.unavailable_every = number(2, 6);
  if (chance(30)) drawn.exhausted_every = number(2, 6);
  if (chance(20)) drawn.expire_every = number(3, 9);
  if (chance(40)) drawn.unsteady_percent = number(5, 40);
  drawn.repeat = chance(35);
  drawn.reorder = chance(35);
  drawn.short_pages = chance(30);
  if (chance(20)) drawn.truncate_walks = number(1, 2);
  drawn.lie_types = chance(20);
  drawn.lie_identifiers = chance(20);
  drawn.lie_fields = chance(20);
  drawn.lie_numbers = chance(10);
  if (chance(20)) drawn.skip = number(1, 3);
  if (chance(20)) drawn.shift_every = number(2, 5);
  if (chance(15)) drawn.shrink_percent = number(20, 60);
  return drawn;
}

}  // namespace rsnms::federal_sim
