// The graph of bodies in one hierarchy. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_LINK_RULES_H_
#define RSNMS_SERVICES_REGISTRY_LINK_RULES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

// Links of one region and hierarchy. Holds only graphs that are acyclic, with one parent a body, on
// every date.
class LinkGraph {
 public:
  struct Link {
    std::string id;
    std::string child;
    std::string parent;
    Period period;
  };

  // Takes a link as it stands, unchecked: rows of the database.
  void Put(Link link);
  // Takes a candidate, replacing the link of the same id, or refuses it and stays as it was:
  // FAILED_PRECONDITION SECOND_PARENT or LINK_CYCLE.
  absl::Status Add(Link link);
  void Remove(const std::string& id);
  // The parent of `child` on a day, or null.
  const Link* ParentOn(const std::string& child, int64_t day) const;

 private:
  bool ReachesUpward(const std::string& from, const std::string& target, Period period) const;

  absl::flat_hash_map<std::string, std::vector<Link>> by_child_;
  absl::flat_hash_map<std::string, std::string> child_of_;  // link id -> child
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_LINK_RULES_H_
