#include "tools/demo/identifiers.h"

#include <array>

#include "absl/strings/str_format.h"

namespace rsnms::demo {
namespace {

// A permutation of [0, size): steps by a prime that does not divide it, from a place the seed
// chooses.
uint64_t Permuted(const Dice& dice, uint64_t index, uint64_t size) {
  constexpr uint64_t kStep = 7'368'787;
  return (index % size * (kStep % size) + dice.Below(Ask::kSnils, size, size)) % size;
}

}  // namespace

std::string Snils(const Dice& dice, uint64_t index) {
  const std::string number = absl::StrFormat("9%08d", Permuted(dice, index, 100'000'000));
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (number[i] - '0') * (9 - i);
  return absl::StrFormat("%s%02d", number, sum % 101 % 100);
}

std::string Inn(const std::string& region_code, const Dice& dice, uint64_t index) {
  const std::string number =
      absl::StrFormat("%s%07d", region_code.substr(0, 2), Permuted(dice, index, 10'000'000));
  constexpr std::array<int, 9> kWeights = {2, 4, 10, 3, 5, 9, 4, 6, 8};
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += (number[i] - '0') * kWeights[i];
  return absl::StrFormat("%s%d", number, sum % 11 % 10);
}

std::string Ogrn(const std::string& region_code, const Dice& dice, uint64_t index, int year) {
  const std::string number = absl::StrFormat("1%02d%s%07d", year % 100, region_code.substr(0, 2),
                                             Permuted(dice, index, 10'000'000));
  uint64_t value = 0;
  for (const char digit : number) value = value * 10 + (digit - '0');
  return absl::StrFormat("%s%d", number, value % 11 % 10);
}

std::string Kpp(const std::string& inn) { return inn.substr(0, 4) + "01001"; }

std::string Uuid(const Dice& dice, UuidOf kind, uint64_t index) {
  constexpr uint64_t kEpochMillis = 1'704'067'200'000;  // 2024-01-01
  const uint64_t time = kEpochMillis + index;
  const uint64_t asked = (static_cast<uint64_t>(kind) << 48) ^ index;
  const uint64_t high = dice.Roll(Ask::kUuid, asked);
  const uint64_t low = Mix(high ^ asked);
  return absl::StrFormat("%08x-%04x-7%03x-%04x-%012x", time >> 16, time & 0xFFFF, high & 0xFFF,
                         0x8000 | (low >> 48 & 0x3FFF), low & 0xFFFFFFFFFFFF);
}

}  // namespace rsnms::demo
