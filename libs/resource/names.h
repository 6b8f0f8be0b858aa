// Names, ids and versions of resources in their text forms.
#ifndef RSNMS_LIBS_RESOURCE_NAMES_H_
#define RSNMS_LIBS_RESOURCE_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rsnms/options/v1/options.pb.h"

namespace rsnms::resource {

bool IsRegionCode(std::string_view text);  // two or three digits
bool IsUuid(std::string_view text);        // canonical, lower-case
bool IsCode(std::string_view text);        // [a-z0-9][a-z0-9_-]{0,62}

// What every name of a type looks like: `regions/{region}/{collection}/{id}`, or `regions/{region}`
// for the region itself, whose collection is empty and whose id is the region's code.
struct NamePattern {
  std::string collection;
  options::v1::IdKind id_kind = options::v1::ID_KIND_UNSPECIFIED;

  bool IsId(std::string_view id) const;
  std::string Format(std::string_view region, std::string_view id) const;
};

// Views into the name they were read from.
struct NameParts {
  std::string_view region, id;
};
std::optional<NameParts> ParseName(const NamePattern& pattern, std::string_view name);
// `regions/86` -> `86`; `regions/-` -> `-`.
std::optional<std::string_view> ParseParent(std::string_view parent);

// Version 7: 48 bits of milliseconds, then random; ids made later sort later.
std::string NewUuid();

// AIP-154: the version in quotes, `"7"`.
std::string EtagOf(int64_t version);
std::optional<int64_t> ParseEtag(std::string_view etag);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_NAMES_H_
