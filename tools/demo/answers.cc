#include "tools/demo/answers.h"

#include <algorithm>

namespace rsnms::demo {
namespace {

// FNV-1a over the key, then a finalizer that spreads the bits (SplitMix64).
uint64_t Hash(uint64_t seed, const std::string& key, uint64_t salt) {
  uint64_t h = 1469598103934665603ULL ^ (seed * 0x9E3779B97F4A7C15ULL) ^ (salt << 32);
  for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  h = (h ^ (h >> 30)) * 0xBF58476D1CE4E5B9ULL;
  h = (h ^ (h >> 27)) * 0x94D049BB133111EBULL;
  return h ^ (h >> 31);
}

// 0 … 1, evenly.
double Share(uint64_t hash) { return static_cast<double>(hash >> 11) * 0x1.0p-53; }

}  // namespace

int AnswerOf(uint64_t seed, const std::string& person, int row, int options) {
  constexpr int kRowsInGroup = 8;
  const double level = Share(Hash(seed, person, 1));
  const double group = Share(Hash(seed, person, 100 + static_cast<uint64_t>(row / kRowsInGroup)));
  const double difficulty = Share(Hash(seed, "row", 1000 + static_cast<uint64_t>(row)));
  const double chance = Share(Hash(seed, person, 10000 + static_cast<uint64_t>(row)));
  const double need = 0.35 * (1 - level) + 0.25 * (1 - group) + 0.15 * difficulty + 0.25 * chance;
  return std::clamp(static_cast<int>(need * options), 0, options - 1);
}

bool TakesPart(uint64_t seed, const std::string& key, int percent) {
  return Hash(seed, key, 7) % 100 < static_cast<uint64_t>(std::max(percent, 0));
}

}  // namespace rsnms::demo
