#include "libs/resource/identifiers.h"

#include <initializer_list>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "libs/resource/names.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

using options::v1::Format;

bool AllDigits(std::string_view text) {
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return !text.empty();
}

int Digit(std::string_view text, size_t i) { return text[i] - '0'; }

int Weighted(std::string_view digits, std::initializer_list<int> weights) {
  int sum = 0;
  size_t i = 0;
  for (int weight : weights) sum += weight * Digit(digits, i++);
  return sum;
}

// Remainder of a decimal number too long to be parsed twice.
int Remainder(std::string_view digits, int divisor) {
  int64_t value = 0;
  for (char c : digits) value = (value * 10 + (c - '0')) % divisor;
  return static_cast<int>(value);
}

// The Pension Fund's rule; numbers up to 001-001-998 were given before it and carry no check.
Flaw Snils(std::string* value) {
  std::string digits = absl::StrReplaceAll(*value, {{"-", ""}, {" ", ""}});
  if (digits.size() != 11 || !AllDigits(digits)) return Flaw::kShape;
  if (digits.find_first_not_of('0') == std::string::npos) return Flaw::kShape;
  if (digits.substr(0, 9) > "001001998") {
    int sum = Weighted(digits, {9, 8, 7, 6, 5, 4, 3, 2, 1}) % 101;
    if (sum == 100) sum = 0;
    if (sum != Digit(digits, 9) * 10 + Digit(digits, 10)) return Flaw::kCheckDigits;
  }
  *value = std::move(digits);
  return Flaw::kNone;
}

Flaw Inn(std::string_view v) {
  if (!AllDigits(v) || (v.size() != 10 && v.size() != 12)) return Flaw::kShape;
  if (v.starts_with("00")) return Flaw::kShape;
  bool good;
  if (v.size() == 10) {
    good = Weighted(v, {2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == Digit(v, 9);
  } else {
    good = Weighted(v, {7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == Digit(v, 10) &&
           Weighted(v, {3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8}) % 11 % 10 == Digit(v, 11);
  }
  return good ? Flaw::kNone : Flaw::kCheckDigits;
}

Flaw Ogrn(std::string_view v) {
  if (!AllDigits(v) || (v.size() != 13 && v.size() != 15)) return Flaw::kShape;
  const size_t last = v.size() - 1;
  const int divisor = v.size() == 13 ? 11 : 13;
  return Remainder(v.substr(0, last), divisor) % 10 == Digit(v, last) ? Flaw::kNone
                                                                      : Flaw::kCheckDigits;
}

// The classifier's control digit is not part of the code, so the shape is all there is to check.
Flaw Oktmo(std::string_view v) {
  const bool good = AllDigits(v) && (v.size() == 8 || v.size() == 11) &&
                    v.find_first_not_of('0') != std::string_view::npos;
  return good ? Flaw::kNone : Flaw::kShape;
}

Flaw Kpp(std::string_view v) {
  if (v.size() != 9 || !AllDigits(v.substr(0, 4)) || !AllDigits(v.substr(6))) return Flaw::kShape;
  for (char c : v.substr(4, 2)) {
    if (!absl::ascii_isdigit(c) && !absl::ascii_isupper(c)) return Flaw::kShape;
  }
  return Flaw::kNone;
}

// A host name of at least two labels; letters beyond ASCII are allowed (`.рф`).
bool IsHost(std::string_view host) {
  if (host.empty() || host.size() > 253 || !Contains(host, '.')) return false;
  size_t label = 0;
  char before = '.';
  for (char c : host) {
    const bool letter = absl::ascii_isalnum(c) || (c & 0x80) != 0;
    if (c == '.' ? (label == 0 || before == '-') : (!letter && (c != '-' || label == 0))) {
      return false;
    }
    label = c == '.' ? 0 : label + 1;
    if (label > 63) return false;
    before = c;
  }
  return label > 0 && before != '-';
}

Flaw Email(std::string* value) {
  const size_t at = value->rfind('@');
  if (at == std::string::npos || at == 0 || at > 64 || value->size() > 254) return Flaw::kShape;
  char before = '.';
  for (char c : std::string_view(*value).substr(0, at)) {
    if (c == '.' ? before == '.' : !absl::ascii_isalnum(c) && !Contains("!#$%&'*+/=?^_`{|}~-", c)) {
      return Flaw::kShape;
    }
    before = c;
  }
  const std::string host = absl::AsciiStrToLower(value->substr(at + 1));
  if (before == '.' || !IsHost(host)) return Flaw::kShape;
  value->replace(at + 1, std::string::npos, host);
  return Flaw::kNone;
}

Flaw Url(std::string_view v) {
  if (v.size() > 2048) return Flaw::kShape;
  for (char c : v) {
    if (absl::ascii_isspace(c) || absl::ascii_iscntrl(c) || Contains("\"<>\\^`{|}", c)) {
      return Flaw::kShape;
    }
  }
  const size_t scheme = v.starts_with("https://") ? 8 : v.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return Flaw::kShape;
  const std::string_view authority = v.substr(scheme, v.find_first_of("/?#", scheme) - scheme);
  const std::string_view host = authority.substr(0, authority.find(':'));
  if (Contains(authority, '@') || (host != "localhost" && !IsHost(host))) {
    return Flaw::kShape;
  }
  return Flaw::kNone;
}

Flaw Phone(std::string* value) {
  std::string plain = absl::StrReplaceAll(*value, {{" ", ""}, {"-", ""}, {"(", ""}, {")", ""}});
  if (plain.size() < 9 || plain.size() > 16 || plain[0] != '+' || plain[1] == '0' ||
      !AllDigits(std::string_view(plain).substr(1))) {
    return Flaw::kShape;
  }
  *value = std::move(plain);
  return Flaw::kNone;
}

Flaw Uuid(std::string* value) {
  std::string lower = absl::AsciiStrToLower(*value);
  if (!IsUuid(lower)) return Flaw::kShape;
  *value = std::move(lower);
  return Flaw::kNone;
}

bool IsSha256(std::string_view v) {
  if (v.size() != 64) return false;
  for (char c : v) {
    if (!absl::ascii_isdigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

Flaw Shape(bool good) { return good ? Flaw::kNone : Flaw::kShape; }

}  // namespace

Flaw NormaliseIdentifier(Format format, std::string* value) {
  switch (format) {
    case options::v1::FORMAT_SNILS:
      return Snils(value);
    case options::v1::FORMAT_INN:
      return Inn(*value);
    case options::v1::FORMAT_OGRN:
      return Ogrn(*value);
    case options::v1::FORMAT_OKTMO:
      return Oktmo(*value);
    case options::v1::FORMAT_KPP:
      return Kpp(*value);
    case options::v1::FORMAT_EMAIL:
      return Email(value);
    case options::v1::FORMAT_UUID:
      return Uuid(value);
    case options::v1::FORMAT_REGION_CODE:
      return Shape(IsRegionCode(*value));
    case options::v1::FORMAT_URL:
      return Url(*value);
    case options::v1::FORMAT_PHONE:
      return Phone(value);
    case options::v1::FORMAT_SHA256:
      return Shape(IsSha256(*value));
    default:
      return Flaw::kNone;
  }
}

FormatText DescribeFormat(Format format) {
  switch (format) {
    case options::v1::FORMAT_SNILS:
      return {"must be a SNILS of 11 digits", "СНИЛС состоит из 11 цифр"};
    case options::v1::FORMAT_INN:
      return {"must be an INN of 10 or 12 digits", "ИНН состоит из 10 или 12 цифр"};
    case options::v1::FORMAT_OGRN:
      return {"must be an OGRN of 13 or 15 digits", "ОГРН состоит из 13 цифр, ОГРНИП — из 15"};
    case options::v1::FORMAT_OKTMO:
      return {"must be an OKTMO code of 8 or 11 digits", "код ОКТМО состоит из 8 или 11 цифр"};
    case options::v1::FORMAT_KPP:
      return {"must be a KPP of 9 characters", "КПП состоит из 9 знаков"};
    case options::v1::FORMAT_EMAIL:
      return {"must be an e-mail address", "укажите адрес электронной почты"};
    case options::v1::FORMAT_UUID:
      return {"must be a UUID", "укажите UUID"};
    case options::v1::FORMAT_REGION_CODE:
      return {"must be a region code of 2 or 3 digits", "код региона состоит из 2 или 3 цифр"};
    case options::v1::FORMAT_URL:
      return {"must be an absolute http or https URL",
              "укажите полный адрес: http://… или https://…"};
    case options::v1::FORMAT_PHONE:
      return {"must be a telephone number such as +79991234567",
              "укажите телефон в виде +79991234567"};
    case options::v1::FORMAT_SHA256:
      return {"must be a SHA-256 in lower-case hexadecimal",
              "укажите SHA-256: 64 шестнадцатеричных знака"};
    default:
      return {"", ""};
  }
}

}  // namespace rsnms::resource
