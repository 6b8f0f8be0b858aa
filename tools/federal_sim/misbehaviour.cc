#include "tools/federal_sim/misbehaviour.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace rsnms::federal_sim {

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
    const std::string& verb = parts[0];
    if (verb == "unavailable") {
      misbehaviour.unavailable_every = number;
    } else if (verb == "exhausted") {
      misbehaviour.exhausted_every = number;
    } else if (verb == "hang") {
      misbehaviour.hang_every = number;
    } else if (verb == "expire") {
      misbehaviour.expire_every = number;
    } else if (verb == "truncate") {
      misbehaviour.truncate_walks = number;
    } else if (verb == "shrink") {
      misbehaviour.shrink_percent = number;
    } else if (verb == "repeat") {
      misbehaviour.repeat = true;
    } else if (verb == "reorder") {
      misbehaviour.reorder = true;
    } else if (verb == "lie-types") {
      misbehaviour.lie_types = true;
    } else if (verb == "lie-identifiers") {
      misbehaviour.lie_identifiers = true;
    } else if (verb == "endless") {
      misbehaviour.endless = true;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(word, ": no such misbehaviour"));
    }
  }
  return misbehaviour;
}

}  // namespace rsnms::federal_sim
