// Small text tools over std::string_view, which Debian's abseil does not know (its
// absl::string_view is a type of its own).
#ifndef RSNMS_LIBS_RESOURCE_TEXT_H_
#define RSNMS_LIBS_RESOURCE_TEXT_H_

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace rsnms::resource {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

namespace internal {
template <class T>
auto Part(const T& part) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return ToAbsl(part);
  } else {
    return part;
  }
}
}  // namespace internal

// absl::StrCat and absl::StrAppend, taking std::string_view as well.
template <class... T>
std::string Cat(const T&... parts) {
  return absl::StrCat(internal::Part(parts)...);
}
template <class... T>
void Append(std::string* out, const T&... parts) {
  absl::StrAppend(out, internal::Part(parts)...);
}

inline bool Contains(std::string_view text, char c) {
  return text.find(c) != std::string_view::npos;
}

// Takes the prefix off the front; false when it is not there.
inline bool TakePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// A whole decimal integer without spaces or plus.
inline bool ParseInteger(std::string_view text, int64_t* value) {
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && at == end && !text.empty();
}

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TEXT_H_
