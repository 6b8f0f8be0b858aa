// How many educators a methodologist has on a day, and how many more fit. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_LOAD_RULES_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_LOAD_RULES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// The attachments of methodologists by day.
class LoadBook {
 public:
  // Records an attachment; one recorded under the same `id` is replaced.
  void Put(const std::string& methodologist, const std::string& id, const std::string& educator,
           Period period);
  // Another attachment of the same educator overlaps.
  bool HasEducator(const std::string& methodologist, const std::string& id,
                   const std::string& educator, Period period) const;
  // The greatest number of attachments on any day of the period, the one under `id` left out.
  int MostOn(const std::string& methodologist, const std::string& id, Period period) const;

 private:
  struct Entry {
    std::string id, educator;
    Period period;
  };
  absl::flat_hash_map<std::string, std::vector<Entry>> entries_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_LOAD_RULES_H_
