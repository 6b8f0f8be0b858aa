// Parts of resource names this service deals with. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_NAMES_H_
#define RSNMS_SERVICES_PROGRAMS_NAMES_H_

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"

namespace rsnms::programs {

// absl::StrCat for texts that std::string_view views, which this absl does not take.
template <class... Parts>
std::string Cat(const Parts&... parts) {
  auto part = []<class Part>(const Part& value) {
    if constexpr (std::is_arithmetic_v<Part>) {
      return absl::AlphaNum(value);
    } else {
      const std::string_view text(value);
      return absl::string_view(text.data(), text.size());
    }
  };
  return absl::StrCat(part(parts)...);
}

// `86` of `regions/86` and of every name below it; empty when it is no such name.
std::string_view RegionOf(std::string_view name);

// The last segment of a name.
std::string_view IdOf(std::string_view name);

// `regions/86/programmes/<id>`.
std::string NameOf(std::string_view region_code, std::string_view collection, std::string_view id);

// Lower-case hexadecimal SHA-256.
std::string Sha256Hex(std::string_view bytes);

// A UUID (version 8) made of the SHA-256 of `text`: the same text always gives the same id, which
// makes what is created from it idempotent.
std::string StableUuid(std::string_view text);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_NAMES_H_
