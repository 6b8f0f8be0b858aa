#include <charconv>
#include <cmath>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/pg/tx.h"

namespace rsnms::pg {
namespace {

void AppendQuoted(std::string& out, std::string_view element) {
  out += '"';
  for (char c : element) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

Params& Params::Add(std::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

Params& Params::Add(int64_t number) {
  values_.emplace_back(absl::StrCat(number));
  return *this;
}

Params& Params::Add(bool value) {
  values_.emplace_back(value ? "t" : "f");
  return *this;
}

Params& Params::Add(double number) {
  char text[32];
  auto end = std::to_chars(text, text + sizeof text, number).ptr;
  values_.emplace_back(std::isnan(number) ? std::string("NaN") : std::string(text, end));
  return *this;
}

Params& Params::Add(std::nullopt_t) {
  values_.emplace_back(std::nullopt);
  return *this;
}

Params& Params::AddBytes(std::string_view bytes) {
  binary_.push_back(values_.size());
  values_.emplace_back(std::string(bytes));
  return *this;
}

Params& Params::Add(const std::vector<std::string>& text_array) {
  std::string literal = "{";
  for (const auto& element : text_array) {
    if (literal.size() > 1) literal += ',';
    AppendQuoted(literal, element);
  }
  literal += '}';
  values_.emplace_back(std::move(literal));
  return *this;
}

Params& Params::Add(const std::vector<int64_t>& numbers) {
  std::string literal = "{";
  for (int64_t number : numbers) absl::StrAppend(&literal, literal.size() > 1 ? "," : "", number);
  literal += '}';
  values_.emplace_back(std::move(literal));
  return *this;
}

std::string FromBytea(std::string_view text) {
  if (!text.starts_with("\\x")) return std::string(text);
  return absl::HexStringToBytes(std::string(text.substr(2)));
}

std::vector<std::string> FromArray(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{' || text == "{}") return elements;
  std::string element;
  bool quoted = false;
  for (size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (quoted && c == '\\' && i + 1 < text.size()) {
      element += text[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '}')) {
      elements.push_back(std::move(element));
      element.clear();
    } else {
      element += c;
    }
  }
  return elements;
}

}  // namespace rsnms::pg
