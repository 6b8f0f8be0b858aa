#include "services/registry/documents/blank_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry::documents {
namespace {

using absl::StatusCode;
using v1::DocumentBlank;

constexpr size_t kUnderscores = 3, kHyphens = 4, kContext = 40;

bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= 60 && absl::ascii_islower(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

// A `{{…}}` of the text.
struct Mark {
  size_t begin = 0, end = 0;  // of the whole mark
  std::string_view inside;
};

std::vector<Mark> MarksIn(std::string_view text) {
  std::vector<Mark> marks;
  for (size_t at = 0; (at = text.find("{{", at)) != std::string_view::npos;) {
    const size_t close = text.find("}}", at + 2);
    if (close == std::string_view::npos) break;
    // The innermost pair: `{{a {{b}}` holds the mark b.
    const size_t open = text.rfind("{{", close - 2);
    marks.push_back({open, close + 2, text.substr(open + 2, close - open - 2)});
    at = close + 2;
  }
  return marks;
}

// The words before a place, at most kContext characters of its line.
std::string Before(std::string_view text, size_t at) {
  const size_t line = text.substr(0, at).rfind('\n');
  std::string_view words = text.substr(line == std::string_view::npos ? 0 : line + 1,
                                       at - (line == std::string_view::npos ? 0 : line + 1));
  size_t from = words.size();
  for (size_t n = 0; from > 0 && n < kContext; ++n) {
    do {
      --from;
    } while (from > 0 && (static_cast<unsigned char>(words[from]) & 0xC0) == 0x80);
  }
  words.remove_prefix(from);
  return std::string(absl::StripAsciiWhitespace(resource::ToAbsl(words)));
}

// Where runs of underscores and hyphens begin.
std::vector<size_t> Runs(std::string_view text) {
  std::vector<size_t> runs;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    size_t end = i + 1;
    if (c == '_' || c == '-') {
      while (end < text.size() && text[end] == c) ++end;
      if (end - i >= (c == '_' ? kUnderscores : kHyphens)) runs.push_back(i);
    }
    i = end;
  }
  return runs;
}

const DocumentBlank* Find(const Blanks& blanks, std::string_view key) {
  const auto found = std::find_if(blanks.begin(), blanks.end(),
                                  [&](const DocumentBlank& blank) { return blank.key() == key; });
  return found == blanks.end() ? nullptr : &*found;
}

rpc::Error Mismatch(std::string_view english) {
  return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_TEMPLATE_BLANKS_MISMATCH,
                    english);
}

absl::Status InvalidValue(const DocumentBlank& blank, std::string_view english,
                          std::string_view russian) {
  return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_BLANK_VALUE_INVALID,
                    absl::StrCat(blank.key(), " ", resource::ToAbsl(english)))
      .Field("values", absl::StrCat(blank.key(), " ", resource::ToAbsl(english)),
             absl::StrCat("«", blank.question(), "»: ", resource::ToAbsl(russian)))
      .ToStatus();
}

// `2026-09-01` or `01.09.2026`.
bool ParseDate(std::string_view text, absl::CivilDay* day) {
  int64_t year = 0, month = 0, date = 0;
  if (text.size() != 10) return false;
  const bool iso = text[4] == '-' && text[7] == '-';
  const bool dotted = text[2] == '.' && text[5] == '.';
  const auto number = [&](size_t from, size_t n, int64_t* value) {
    return resource::ParseInteger(text.substr(from, n), value);
  };
  const bool read = iso      ? number(0, 4, &year) && number(5, 2, &month) && number(8, 2, &date)
                    : dotted ? number(6, 4, &year) && number(3, 2, &month) && number(0, 2, &date)
                             : false;
  if (!read || year < 1900 || month < 1 || month > 12 || date < 1 || date > 31) return false;
  *day = absl::CivilDay(year, month, date);
  return day->month() == month;  // 30 February would have moved on
}

// Digits with at most one comma or point between them, a minus before.
bool ParseNumber(std::string_view text, double* value) {
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), ',', '.');
  const size_t minus = plain.rfind('-');
  return !plain.empty() && plain.size() <= 20 &&
         plain.find_first_not_of("0123456789.-") == std::string::npos &&
         (minus == std::string::npos || minus == 0) && absl::ascii_isdigit(plain.back()) &&
         absl::SimpleAtod(plain, value);
}

bool IsPerson(std::string_view text) {
  if (!resource::TakePrefix(&text, "regions/")) return false;
  const size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos) return false;
  text.remove_prefix(slash);
  return resource::TakePrefix(&text, "/persons/") && text.size() == 36 &&
         text.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
}

}  // namespace

std::vector<std::string> KeysIn(std::string_view text) {
  std::vector<std::string> keys;
  absl::flat_hash_set<std::string> seen;
  for (const Mark& mark : MarksIn(text)) {
    if (IsKey(mark.inside) && seen.insert(std::string(mark.inside)).second) {
      keys.emplace_back(mark.inside);
    }
  }
  return keys;
}

std::vector<std::string> DrawnBlanks(std::string_view text, const Blanks& declared) {
  std::vector<size_t> places = Runs(text);
  for (const Mark& mark : MarksIn(text)) {
    // Underscores inside a key are no blank of their own.
    std::erase_if(places, [&](size_t at) { return at >= mark.begin && at < mark.end; });
    if (Find(declared, mark.inside) == nullptr) places.push_back(mark.begin);
  }
  std::sort(places.begin(), places.end());
  std::vector<std::string> drawn;
  for (size_t at : places) drawn.push_back(Before(text, at));
  return drawn;
}

absl::Status CheckTemplate(const v1::DocumentTemplate& document_template) {
  const auto used = KeysIn(document_template.text());
  absl::flat_hash_set<std::string> declared;
  rpc::Error error = Mismatch("blanks declared and blanks of the text differ");
  bool wrong = false;
  const auto refuse = [&](std::string_view path, const std::string& english,
                          const std::string& russian) {
    error.Field(path, english, russian);
    wrong = true;
  };
  for (const auto& blank : document_template.blanks()) {
    if (!declared.insert(blank.key()).second) {
      refuse("blanks", blank.key() + " is declared twice", blank.key() + ": объявлено дважды");
    } else if (std::find(used.begin(), used.end(), blank.key()) == used.end()) {
      refuse("blanks", blank.key() + " is not in the text", blank.key() + ": нет в тексте");
    }
  }
  for (const std::string& key : used) {
    if (!declared.contains(key)) {
      refuse("text", key + " is not declared", key + ": нет в перечне мест для заполнения");
    }
  }
  Blanks known = document_template.blanks();
  for (const std::string& key : used) known.Add()->set_key(key);
  for (const std::string& words : DrawnBlanks(document_template.text(), known)) {
    refuse("text", "a blank is drawn, give it a key",
           absl::StrCat("после слов «", words, "» пропуск без ключа"));
  }
  return wrong ? error.ToStatus() : absl::OkStatus();
}

absl::StatusOr<std::string> Reading(const DocumentBlank& blank, std::string_view value) {
  double number = 0;
  absl::CivilDay day;
  switch (blank.kind()) {
    case DocumentBlank::KIND_NUMBER:
      if (!ParseNumber(value, &number)) {
        return InvalidValue(blank, "takes a number", "укажите число");
      }
      return std::string(value);
    case DocumentBlank::KIND_PERCENT:
      if (!ParseNumber(value, &number) || number < 0 || number > 100) {
        return InvalidValue(blank, "takes 0 to 100", "укажите число от 0 до 100");
      }
      return std::string(value);
    case DocumentBlank::KIND_DATE:
      if (!ParseDate(value, &day)) {
        return InvalidValue(blank, "takes a date", "укажите дату, например 01.09.2026");
      }
      return absl::StrFormat("%02d.%02d.%04d", day.day(), day.month(), day.year());
    case DocumentBlank::KIND_PERSON:
      if (!IsPerson(value)) {
        return InvalidValue(blank, "takes a person's resource name", "выберите человека");
      }
      return std::string(value);
    default:
      break;
  }
  const auto text = absl::StripAsciiWhitespace(resource::ToAbsl(value));
  Blanks none;
  if (text.empty() || !DrawnBlanks(resource::ToStd(text), none).empty()) {
    return InvalidValue(blank, "takes a text without blanks", "впишите текст без пропусков");
  }
  return std::string(text);
}

absl::Status SetValues(const BlankValues& values, v1::Document* document) {
  absl::flat_hash_set<std::string> keys;
  for (const auto& value : values) {
    const DocumentBlank* blank = Find(document->blanks(), value.key());
    if (blank == nullptr || !keys.insert(value.key()).second) {
      return rpc::Error(StatusCode::kInvalidArgument, v1::REGISTRY_REASON_UNKNOWN_BLANK,
                        absl::StrCat(value.key(), " is no blank of the document, or given twice"))
          .Field("values", value.key() + " is unknown or given twice",
                 value.key() + ": такого места нет или оно указано дважды");
    }
    if (!value.value().empty()) {
      if (auto reading = Reading(*blank, value.value()); !reading.ok()) return reading.status();
    }
  }
  BlankValues kept;
  for (const auto& old : document->blank_values()) {
    if (!keys.contains(old.key())) *kept.Add() = old;
  }
  for (const auto& value : values) {
    if (!value.value().empty()) *kept.Add() = value;
  }
  document->mutable_blank_values()->Swap(&kept);
  return absl::OkStatus();
}

std::vector<const DocumentBlank*> Remaining(const v1::Document& document) {
  absl::flat_hash_set<std::string> filled;
  for (const auto& value : document.blank_values()) filled.insert(value.key());
  std::vector<const DocumentBlank*> remaining;
  for (const auto& blank : document.blanks()) {
    if (!filled.contains(blank.key())) remaining.push_back(&blank);
  }
  return remaining;
}

absl::Status CheckFilled(const v1::Document& document) {
  const auto remaining = Remaining(document);
  const auto drawn = DrawnBlanks(document.text(), document.blanks());
  if (remaining.empty() && drawn.empty()) return absl::OkStatus();
  rpc::Error error(StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_BLANKS_REMAIN,
                   absl::StrCat(remaining.size() + drawn.size(), " blanks have no value"));
  std::vector<std::string> keys;
  for (const auto* blank : remaining) {
    keys.push_back(blank->key());
    error.Field("blanks", blank->key() + " has no value", blank->question());
  }
  for (const std::string& words : drawn) {
    error.Field("text", "a blank is drawn", absl::StrCat("пропуск после слов «", words, "»"));
  }
  return error.With("blanks", absl::StrJoin(keys, ","));
}

std::string FinalText(const v1::Document& document) {
  absl::flat_hash_map<std::string, std::string> readings;
  for (const auto& value : document.blank_values()) {
    const DocumentBlank* blank = Find(document.blanks(), value.key());
    if (blank == nullptr) continue;
    if (auto reading = Reading(*blank, value.value()); reading.ok()) {
      readings[value.key()] = *std::move(reading);
    }
  }
  const std::string_view text = document.text();
  std::string out;
  size_t at = 0;
  for (const Mark& mark : MarksIn(text)) {
    const auto reading = readings.find(std::string(mark.inside));
    if (reading == readings.end()) continue;
    resource::Append(&out, text.substr(at, mark.begin - at), reading->second);
    at = mark.end;
  }
  resource::Append(&out, text.substr(at));
  return out;
}

}  // namespace rsnms::registry::documents
