#include "libs/resource/text_values.h"

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

constexpr int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// Takes exactly `count` digits off the front.
bool TakeDigits(std::string_view* text, size_t count, int* value) {
  if (text->size() < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!absl::ascii_isdigit((*text)[i])) return false;
    *value = *value * 10 + ((*text)[i] - '0');
  }
  text->remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view* text, std::string_view any_of) {
  if (text->empty() || any_of.find((*text)[0]) == std::string_view::npos) return false;
  text->remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view* text, int* year, int* month, int* day) {
  return TakeDigits(text, 4, year) && TakeChar(text, "-") && TakeDigits(text, 2, month) &&
         TakeChar(text, "-") && TakeDigits(text, 2, day);
}

bool IsCivil(int year, int month, int day) {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  const absl::CivilDay civil(year, month, day);
  return civil.month() == month && civil.day() == day;
}

// `.5`, up to nine digits, to nanoseconds.
bool TakeFraction(std::string_view* text, int* nanos) {
  *nanos = 0;
  if (!TakeChar(text, ".")) return true;
  int scale = 100'000'000, digits = 0;
  while (!text->empty() && absl::ascii_isdigit((*text)[0])) {
    *nanos += ((*text)[0] - '0') * scale;
    scale /= 10;
    text->remove_prefix(1);
    if (++digits > 9) return false;
  }
  return digits > 0;
}

// `Z`, `+05`, `+05:30`, `-03:00:00`, or nothing (UTC).
bool TakeOffset(std::string_view* text, int* seconds) {
  *seconds = 0;
  if (text->empty() || TakeChar(text, "Zz")) return true;
  const bool west = (*text)[0] == '-';
  int hours = 0, minutes = 0, rest = 0;
  if (!TakeChar(text, "+-") || !TakeDigits(text, 2, &hours)) return false;
  if (TakeChar(text, ":") && !TakeDigits(text, 2, &minutes)) return false;
  if (TakeChar(text, ":") && !TakeDigits(text, 2, &rest)) return false;
  if (hours > 23 || minutes > 59) return false;
  *seconds = (hours * 3600 + minutes * 60 + rest) * (west ? -1 : 1);
  return true;
}

}  // namespace

bool IsDate(const google::type::Date& date) {
  return IsCivil(date.year(), date.month(), date.day());
}

std::string DateText(const google::type::Date& date) {
  char text[16];
  const int n = std::snprintf(
      text, sizeof(text), "%04u-%02u-%02u", static_cast<unsigned>(date.year()) % 10000,
      static_cast<unsigned>(date.month()) % 100, static_cast<unsigned>(date.day()) % 100);
  return std::string(text, n);
}

bool ParseDate(std::string_view text, google::type::Date* date) {
  int year = 0, month = 0, day = 0;
  if (!TakeDate(&text, &year, &month, &day) || !text.empty() || !IsCivil(year, month, day)) {
    return false;
  }
  date->set_year(year);
  date->set_month(month);
  date->set_day(day);
  return true;
}

bool IsTimestamp(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && time.nanos() >= 0 &&
         time.nanos() <= 999'999'999;
}

std::string TimestampText(const google::protobuf::Timestamp& time) {
  const auto civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
  char text[48];
  const int n = std::snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d:%02d.%06d+00",
                              static_cast<int>(civil.year()), civil.month(), civil.day(),
                              civil.hour(), civil.minute(), civil.second(), time.nanos() / 1000);
  return std::string(text, n);
}

bool ParseTimestamp(std::string_view text, google::protobuf::Timestamp* time) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, nanos = 0, offset = 0;
  if (!TakeDate(&text, &year, &month, &day) || !IsCivil(year, month, day)) return false;
  if (!text.empty()) {
    if (!TakeChar(&text, " Tt") || !TakeDigits(&text, 2, &hour) || !TakeChar(&text, ":") ||
        !TakeDigits(&text, 2, &minute) || !TakeChar(&text, ":") || !TakeDigits(&text, 2, &second) ||
        !TakeFraction(&text, &nanos) || !TakeOffset(&text, &offset) || !text.empty()) {
      return false;
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  const int64_t days = absl::CivilDay(year, month, day) - absl::CivilDay(1970, 1, 1);
  time->set_seconds(days * 86400 + hour * 3600 + minute * 60 + second - offset);
  time->set_nanos(nanos);
  return IsTimestamp(*time);
}

std::optional<std::string> CanonicalDecimal(std::string_view text) {
  constexpr size_t kMaxDigits = 100;
  const bool negative = !text.empty() && text[0] == '-';
  TakeChar(&text, "+-");
  int64_t exponent = 0;
  const size_t e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    if (!ParseInteger(power, &exponent)) return std::nullopt;
    text = text.substr(0, e);
  }
  const size_t dot = text.find('.');
  const std::string_view whole = text.substr(0, dot);
  const std::string_view part = dot == std::string_view::npos ? "" : text.substr(dot + 1);
  if (whole.size() + part.size() == 0 || whole.size() + part.size() > kMaxDigits ||
      exponent > static_cast<int>(kMaxDigits) || exponent < -static_cast<int>(kMaxDigits)) {
    return std::nullopt;
  }
  std::string digits = Cat(whole, part);
  for (char c : digits) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
  }
  int point = static_cast<int>(whole.size()) + static_cast<int>(exponent);
  if (point < 0) {
    digits.insert(0, -point, '0');
    point = 0;
  }
  if (point > static_cast<int>(digits.size())) digits.append(point - digits.size(), '0');
  std::string before = digits.substr(0, point), after = digits.substr(point);
  before.erase(0, before.find_first_not_of('0'));
  while (!after.empty() && after.back() == '0') after.pop_back();
  if (before.size() + after.size() > kMaxDigits) return std::nullopt;
  if (before.empty() && after.empty()) return "0";
  return Cat(negative ? "-" : "", before.empty() ? "0" : before, after.empty() ? "" : ".", after);
}

std::string ArrayText(const std::vector<std::string>& elements) {
  std::string out = "{";
  for (const auto& element : elements) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (char c : element) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  out += '}';
  return out;
}

std::string BytesText(std::string_view bytes) {
  return Cat("\\x", absl::BytesToHexString(ToAbsl(bytes)));
}

}  // namespace rsnms::resource
