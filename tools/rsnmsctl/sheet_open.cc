// What a file is, by its first bytes.
#include <cstdio>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/rsnmsctl/sheet.h"

namespace rsnms::sheet {

absl::StatusOr<std::unique_ptr<Reader>> Open(const std::string& path, const OpenOptions& options) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError("не открыть файл " + path);
  std::string head(512, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(file.gcount()));
  const auto refuse = [](const char* what) {
    return absl::InvalidArgumentError(absl::StrCat(
        what, ": откройте файл в Excel и сохраните как «Книга Excel (*.xlsx)» или «CSV UTF-8»"));
  };
  if (head.empty()) return absl::InvalidArgumentError("файл пуст");
  if (head.starts_with("PK\x03\x04")) return OpenXlsx(path, options);
  if (head.starts_with("\xD0\xCF\x11\xE0"))
    return refuse("это старая книга Excel (XLS) или книга под паролем");
  if (head.starts_with("%PDF")) return refuse("это PDF, а не таблица");
  const std::string text = absl::AsciiStrToLower(head);
  const size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const std::string start = first == std::string::npos ? "" : text.substr(first);
  if (start.starts_with("<html") || start.starts_with("<!doctype") || start.starts_with("<table") ||
      start.starts_with("<?xml")) {
    return refuse("это веб-страница или XML под видом таблицы");
  }
  const std::string name = absl::AsciiStrToLower(path);
  if (absl::EndsWith(name, ".xlsx") || absl::EndsWith(name, ".xlsm")) {
    return absl::InvalidArgumentError(
        "файл назван книгой Excel, но внутри не она: он повреждён или переименован. Сохраните его "
        "из Excel заново");
  }
  return OpenCsv(path, options);
}

bool NeedsGuard(std::string_view text) {
  const size_t first = text.find_first_not_of('\'');
  if (first == std::string_view::npos || !absl::StrContains("=+-@", text[first])) return false;
  // A signed number is no danger, and telephones are written so.
  const bool number = first == 0 && text.size() > 1 && (text[0] == '+' || text[0] == '-') &&
                      text.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return !number;
}

std::string ColumnLetters(size_t column) {
  std::string letters;
  for (size_t rest = column + 1; rest > 0; rest = (rest - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (rest - 1) % 26));
  return letters;
}

}  // namespace rsnms::sheet
