// Parts of resource names that the engine has already judged well-formed.
#ifndef RSNMS_SERVICES_REGISTRY_NAMES_H_
#define RSNMS_SERVICES_REGISTRY_NAMES_H_

#include <map>
#include <string>
#include <vector>

namespace rsnms::registry {

// `regions/86/…` -> `86`; empty when there is none.
std::string RegionOf(const std::string& name);
// The last segment.
std::string IdOf(const std::string& name);

// Ids by region: `region_code = $1 AND id = ANY($2)` is answered by the primary key, whatever the
// planner believes of a table just loaded.
std::map<std::string, std::vector<std::string>> IdsByRegion(const std::vector<std::string>& names);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_NAMES_H_
