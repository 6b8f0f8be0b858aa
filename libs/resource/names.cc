#include "libs/resource/names.h"

#include <openssl/rand.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

constexpr std::string_view kRegions = "regions/";

bool IsLowerHex(char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); }

}  // namespace

bool IsRegionCode(std::string_view text) {
  if (text.size() != 2 && text.size() != 3) return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return true;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsLowerHex(text[i])) return false;
  }
  return true;
}

bool IsCode(std::string_view text) {
  if (text.empty() || text.size() > 63 || text[0] == '_' || text[0] == '-') return false;
  for (char c : text) {
    if (!absl::ascii_isdigit(c) && !absl::ascii_islower(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool NamePattern::IsId(std::string_view id) const {
  if (collection.empty()) return IsRegionCode(id);
  return id_kind == options::v1::ID_KIND_UUID ? IsUuid(id) : IsCode(id);
}

std::string NamePattern::Format(std::string_view region, std::string_view id) const {
  if (collection.empty()) return Cat(kRegions, id);
  return Cat(kRegions, region, "/", collection, "/", id);
}

std::optional<NameParts> ParseName(const NamePattern& pattern, std::string_view name) {
  if (!TakePrefix(&name, kRegions)) return std::nullopt;
  const std::string_view region = name.substr(0, name.find('/'));
  if (!IsRegionCode(region)) return std::nullopt;
  name.remove_prefix(region.size());
  if (pattern.collection.empty()) {
    if (!name.empty()) return std::nullopt;
    return NameParts{region, region};
  }
  if (!TakePrefix(&name, "/") || !TakePrefix(&name, pattern.collection) ||
      !TakePrefix(&name, "/") || !pattern.IsId(name)) {
    return std::nullopt;
  }
  return NameParts{region, name};
}

std::optional<std::string_view> ParseParent(std::string_view parent) {
  if (!TakePrefix(&parent, kRegions)) return std::nullopt;
  if (parent != "-" && !IsRegionCode(parent)) return std::nullopt;
  return parent;
}

std::string NewUuid() {
  unsigned char bytes[16];
  RAND_bytes(bytes, sizeof(bytes));
  const uint64_t millis = static_cast<uint64_t>(absl::ToUnixMillis(absl::Now()));
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(millis >> (8 * (5 - i)));
  bytes[6] = (bytes[6] & 0x0F) | 0x70;
  bytes[8] = (bytes[8] & 0x3F) | 0x80;
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(bytes), sizeof(bytes)));
  const std::string_view h = hex;
  return Cat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4), "-", h.substr(16, 4), "-",
             h.substr(20));
}

std::string EtagOf(int64_t version) { return Cat("\"", version, "\""); }

std::optional<int64_t> ParseEtag(std::string_view etag) {
  if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
  etag = etag.substr(1, etag.size() - 2);
  int64_t version = 0;
  if (!ParseInteger(etag, &version) || version < 1) return std::nullopt;
  if (Cat(version) != etag) return std::nullopt;
  return version;
}

}  // namespace rsnms::resource
