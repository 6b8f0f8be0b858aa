// Invented answers and choices: plausible, deterministic, independent of order.
#ifndef RSNMS_TOOLS_DEMO_ANSWERS_H_
#define RSNMS_TOOLS_DEMO_ANSWERS_H_

#include <cstdint>
#include <string>

namespace rsnms::demo {

// The option (0 … options − 1, from «no difficulty» to «needs help») that `person` gives to row `row`. A person has a
// level, a row a difficulty, and each answer some chance: people differ, rows differ, groups of rows hang together.
int AnswerOf(uint64_t seed, const std::string& person, int row, int options);

// True for about `percent` of all keys, always the same ones for a seed.
bool TakesPart(uint64_t seed, const std::string& key, int percent);

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_ANSWERS_H_
