#include "services/registry/names.h"

namespace rsnms::registry {

std::string RegionOf(const std::string& name) {
  constexpr size_t kPrefix = sizeof("regions/") - 1;
  if (name.size() <= kPrefix) return "";
  return name.substr(kPrefix, name.find('/', kPrefix) - kPrefix);
}

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

std::map<std::string, std::vector<std::string>> IdsByRegion(const std::vector<std::string>& names) {
  std::map<std::string, std::vector<std::string>> ids;
  for (const std::string& name : names) ids[RegionOf(name)].push_back(IdOf(name));
  return ids;
}

}  // namespace rsnms::registry
