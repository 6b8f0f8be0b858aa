// Deterministic chance: the same question gets the same answer, in any order, on any machine. No
// state.
#ifndef RSNMS_TOOLS_DEMO_DICE_H_
#define RSNMS_TOOLS_DEMO_DICE_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace rsnms::demo {

// SplitMix64's finaliser: a bijection whose output looks random.
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// What is asked. The numbers are part of the data's identity: never renumber.
enum class Ask : uint64_t {
  kSeed = 1,
  kSex,
  kFamilyName,
  kGivenName,
  kPatronymic,
  kYouth,
  kAge,
  kDayOfYear,
  kTeachingStart,
  kEmploymentStart,
  kPost,
  kSubject,
  kSecondPost,
  kPastPost,
  kRate,
  kBodyKind,
  kBodySize,
  kBodyMunicipality,
  kBodyName,
  kFounded,
  kSupport,
  kMentor,
  kSupportStart,
  kTeam,
  kUuid,
  kSnils,
  kMastery,
  kAnswer,
  kStory,
};

class Dice {
 public:
  explicit constexpr Dice(uint64_t seed) : seed_(Mix(seed)) {}

  constexpr uint64_t Roll(Ask ask, uint64_t index) const {
    return Mix(seed_ ^ Mix(static_cast<uint64_t>(ask) << 56 ^ index));
  }
  // Uniform in [0, bound).
  constexpr uint64_t Below(Ask ask, uint64_t index, uint64_t bound) const {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(Roll(ask, index)) * bound >> 64);
  }
  // Uniform in [0, 1).
  constexpr double Unit(Ask ask, uint64_t index) const {
    return static_cast<double>(Roll(ask, index) >> 11) / 9007199254740992.0;
  }
  constexpr bool Chance(Ask ask, uint64_t index, int percent) const {
    return Below(ask, index, 100) < static_cast<uint64_t>(percent);
  }

 private:
  uint64_t seed_;
};

// FNV-1a, to ask about things known by name.
constexpr uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

}  // namespace rsnms::demo

#endif  // RSNMS_TOOLS_DEMO_DICE_H_
