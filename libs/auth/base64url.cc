#include <array>

#include "libs/auth/jose.h"

namespace rsnms::auth {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<signed char, 256> Values() {
  std::array<signed char, 256> values{};
  for (auto& value : values) value = -1;
  for (size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<signed char>(i);
  }
  return values;
}

}  // namespace

std::string Base64Url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char byte : bytes) {
    buffer = buffer << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[buffer >> (bits - 6) & 63];
  }
  if (bits > 0) text += kAlphabet[buffer << (6 - bits) & 63];
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  static constexpr auto kValues = Values();
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  unsigned buffer = 0;
  int bits = 0;
  for (unsigned char c : text) {
    const int value = kValues[c];
    if (value < 0) return std::nullopt;
    buffer = buffer << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xFF);
    }
  }
  // A lone character, or bits beyond the last byte, would let two texts stand for the same bytes.
  if (bits == 6 || (buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace rsnms::auth
