// Bytes of a text file as UTF-8, whatever they were written in.
#ifndef RSNMS_TOOLS_RSNMSCTL_SHEET_TEXT_H_
#define RSNMS_TOOLS_RSNMSCTL_SHEET_TEXT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace rsnms::sheet {

class TextSource {
 public:
  virtual ~TextSource() = default;
  // Appends the next piece to `out`; false at the end. The byte order mark is gone.
  virtual absl::StatusOr<bool> Read(std::string* out) = 0;
  virtual const std::string& encoding() const = 0;  // as people call it: `UTF-8`, `cp1251`
};

// Reads the whole file once to learn its encoding, unless `encoding` names it: a byte order mark,
// else UTF-8 when every byte fits, else the Cyrillic encoding in which the text looks like Russian.
absl::StatusOr<std::unique_ptr<TextSource>> OpenText(const std::string& path,
                                                     const std::string& encoding);

// Non-breaking and other odd spaces become plain ones, invisible characters go, the ends are
// trimmed.
std::string Clean(std::string_view text);

// Letters and digits alone, in lower case, ё as е: how titles are compared.
std::string Fold(std::string_view text);

// Day an Excel number means; nullopt outside 1900 … 9999 and for 29.02.1900, which never was.
std::optional<std::string> DateOfSerial(double serial, bool since_1904);

}  // namespace rsnms::sheet

#endif  // RSNMS_TOOLS_RSNMSCTL_SHEET_TEXT_H_
