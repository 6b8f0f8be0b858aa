#include "libs/resource/personal_text.h"

#include <re2/re2.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "libs/resource/identifiers.h"

namespace rsnms::resource {
namespace {

constexpr std::string_view kWhy[] = {"ground", "motivation", "question", "reason"};

// Begins and ends where a number or word does. The dashes are those people and editors write.
const re2::RE2& Snils() {
  static const auto& pattern = *new re2::RE2(
      "(?:^|[^\\pL\\pN])(\\d{3}[-‐‑–— ]\\d{3}[-‐‑–— ]\\d{3}[-‐‑–— ]\\d{2})(?:[^\\pL\\pN]|$)");
  return pattern;
}
const re2::RE2& Digits() {
  static const auto& pattern = *new re2::RE2("(?:^|[^\\pL\\pN])(\\d{11})(?:[^\\pL\\pN]|$)");
  return pattern;
}
const re2::RE2& Phone() {
  static const auto& pattern = *new re2::RE2(
      "(?:^|[^\\pL\\pN+])(?:\\+7[-‐‑–— \u00a0(]*\\d{3,5}[-‐‑–— \u00a0)]*\\d(?:[-‐‑–— "
      "\u00a0]?\\d){4,6}"
      "|8[-‐‑–— \u00a0]*\\(\\d{3,5}\\)[-‐‑–— \u00a0]*\\d(?:[-‐‑–— \u00a0]?\\d){4,6}"
      "|8[-‐‑–— \u00a0]?9\\d{2}[-‐‑–— \u00a0]?\\d{3}[-‐‑–— \u00a0]?\\d{2}[-‐‑–— \u00a0]?\\d{2})"
      "(?:[^\\pL\\pN]|$)");
  return pattern;
}
const re2::RE2& Email() {
  static const auto& pattern =
      *new re2::RE2("[\\pL\\pN._%+-]+@[\\pL\\pN-]+(?:\\.[\\pL\\pN-]+)*\\.\\pL{2,}");
  return pattern;
}

bool MayHold(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool HoldsSnils(std::string_view text) {
  if (text.size() < 11 || !MayHold(text)) return false;
  if (re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), Snils())) return true;
  re2::StringPiece rest(text.data(), text.size());
  std::string digits;
  while (re2::RE2::FindAndConsume(&rest, Digits(), &digits)) {
    if (NormaliseIdentifier(options::v1::FORMAT_SNILS, &digits) == Flaw::kNone) return true;
  }
  return false;
}

Personal FindPersonal(std::string_view text) {
  const re2::StringPiece piece(text.data(), text.size());
  if (HoldsSnils(text)) return Personal::kSnils;
  if (MayHold(text) && re2::RE2::PartialMatch(piece, Phone())) return Personal::kPhone;
  if (text.find('@') != text.npos && re2::RE2::PartialMatch(piece, Email())) {
    return Personal::kEmail;
  }
  return Personal::kNone;
}

bool TellsWhy(std::string_view field) {
  return std::find(std::begin(kWhy), std::end(kWhy), field) != std::end(kWhy);
}

PersonalWords DescribePersonal(Personal found) {
  switch (found) {
    case Personal::kSnils:
      return {"must hold no personal data: there is a СНИЛС in it",
              "здесь не должно быть персональных данных: уберите СНИЛС"};
    case Personal::kPhone:
      return {"must hold no personal data: there is a telephone in it",
              "здесь не должно быть персональных данных: уберите номер телефона"};
    case Personal::kEmail:
      return {"must hold no personal data: there is an e-mail address in it",
              "здесь не должно быть персональных данных: уберите адрес электронной почты"};
    case Personal::kNone:
      break;
  }
  return {};
}

}  // namespace rsnms::resource
