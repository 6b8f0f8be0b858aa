#include "services/programs/certificate_number.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"

namespace rsnms::programs {
namespace {

// 256 locks an issuer: a batch of a thousand takes no more, in one order. Two numbers may share
// one: they wait without need.
constexpr char kSqlHold[] = R"sql(
  SELECT count(pg_advisory_xact_lock(place)) FROM (
    SELECT DISTINCT hashtextextended('certificate/' || $1 || '/' || issuer || '/' ||
                                     (hashtextextended(number, 0) & 255), 0) AS place
      FROM unnest($2::text[], $3::text[]) AS w (issuer, number) ORDER BY place OFFSET 0) AS places)sql";

// Look-alikes and Ё, by code points.
constexpr std::array<std::pair<char32_t, char32_t>, 13> kFolded = {{{U'A', U'А'},
                                                                    {U'B', U'В'},
                                                                    {U'C', U'С'},
                                                                    {U'E', U'Е'},
                                                                    {U'H', U'Н'},
                                                                    {U'K', U'К'},
                                                                    {U'M', U'М'},
                                                                    {U'O', U'О'},
                                                                    {U'P', U'Р'},
                                                                    {U'T', U'Т'},
                                                                    {U'X', U'Х'},
                                                                    {U'Y', U'У'},
                                                                    {U'Ё', U'Е'}}};

bool IsLeftOut(char32_t c) {
  if (c < 0x80) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_isspace(byte) || absl::ascii_ispunct(byte);
  }
  return c == 0xA0 || c == 0xAB || c == 0xAD || c == 0xBB || (c >= 0x2000 && c <= 0x206F) ||
         c == U'№' || c == 0x2212 || c == 0x3000 || c == 0xFEFF;
}

char32_t Fold(char32_t c) {
  if (c >= U'a' && c <= U'z') c -= U'a' - U'A';
  if (c >= U'а' && c <= U'я') c -= U'а' - U'А';
  if (c == U'ё') c = U'Ё';
  for (const auto& [from, to] : kFolded) {
    if (c == from) return to;
  }
  return c;
}

// The code point at `*at`, which moves on. The text is UTF-8: it came as a proto string.
char32_t Next(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const size_t i = *at;
  const char32_t lead = byte(i);
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  *at += length;
  char32_t point = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (size_t k = 1; k < length; ++k) point = (point << 6) | (byte(i + k) & 0x3F);
  return point;
}

void Append(char32_t c, std::string* text) {
  const auto tail = [&](int shift) {
    text->push_back(static_cast<char>(0x80 | ((c >> shift) & 0x3F)));
  };
  if (c < 0x80) {
    text->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text->push_back(static_cast<char>(0xC0 | (c >> 6)));
    tail(0);
  } else if (c < 0x10000) {
    text->push_back(static_cast<char>(0xE0 | (c >> 12)));
    tail(6);
    tail(0);
  } else {
    text->push_back(static_cast<char>(0xF0 | (c >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string NumberKey(std::string_view text) {
  std::string key;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = Next(text, &at);
    if (!IsLeftOut(c)) Append(Fold(c), &key);
  }
  return key;
}

absl::Status HoldNumbers(pg::Tx& tx, std::string_view region_code,
                         const std::vector<std::string>& issuer_keys,
                         const std::vector<std::string>& number_keys) {
  return tx.Defer(kSqlHold, pg::Params::Of(region_code, issuer_keys, number_keys));
}

}  // namespace rsnms::programs
