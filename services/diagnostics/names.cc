#include "services/diagnostics/names.h"

#include <openssl/sha.h>

#include <array>

#include "absl/strings/escaping.h"
#include "libs/resource/text.h"

namespace rsnms::diagnostics {
namespace {

constexpr std::string_view kRegions = "regions/";

std::string DerivedUuid(std::string_view seed) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  SHA256(reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), hash.data());
  hash[6] = (hash[6] & 0x0f) | 0x80;  // version 8
  hash[8] = (hash[8] & 0x3f) | 0x80;  // variant
  const std::string hex =
      absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(hash.data()), 16));
  return resource::Cat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-",
                       hex.substr(16, 4), "-", hex.substr(20));
}

std::string Sibling(std::string_view name, std::string_view collection) {
  return resource::Cat(kRegions, RegionOf(name), "/", collection, "/", IdOf(name));
}

}  // namespace

std::string_view RegionOf(std::string_view name) {
  if (!name.starts_with(kRegions)) return {};
  name.remove_prefix(kRegions.size());
  return name.substr(0, name.find('/'));
}

std::string_view IdOf(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos || slash < kRegions.size()) return {};
  return name.substr(slash + 1);
}

std::string SessionName(std::string_view region, std::string_view campaign,
                        std::string_view instrument, std::string_view person) {
  return resource::Cat(
      kRegions, region, "/sessions/",
      DerivedUuid(resource::Cat("session\n", campaign, "\n", instrument, "\n", person)));
}

std::string ResultName(std::string_view session) { return Sibling(session, "results"); }

std::string RouteName(std::string_view result) { return Sibling(result, "routes"); }

}  // namespace rsnms::diagnostics
