// Who calls, and what they may do.
#ifndef RSNMS_LIBS_AUTH_IDENTITY_H_
#define RSNMS_LIBS_AUTH_IDENTITY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace rsnms::auth {

// A verified caller. Claims: `sub`, `roles` (array of role names), `scopes` (array of resource-name
// prefixes valid downward: `regions/86`, `regions/86/municipalities/71876000`,
// `regions/86/organisations/<uuid>`, `regions/86/persons/<uuid>`, or `*` for the federal operator
// and the system's own services).
struct Identity {
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> scopes;
  // Expanded from the roles by RoleBook; patterns with `*` segments stay patterns.
  absl::flat_hash_set<std::string> permissions;

  bool May(std::string_view permission) const;
  // True when some scope is `*`, or the region as a whole.
  bool CoversRegion(std::string_view region_code) const;
  // True when some scope lies in the region (whole or narrower): lists of the region are worth
  // running.
  bool TouchesRegion(std::string_view region_code) const;
  bool CoversAll() const;
  // The scopes as row level security reads them (TxOptions::scopes).
  std::string ScopesSetting() const;

  // The identity of a service's own background job: every permission, every scope, subject
  // `system:<job>`.
  static Identity System(std::string_view job);
};

// Whether `scope` is `*`, `regions/86`, or one municipality, organisation or person of a region.
// Anything else grants nothing.
bool IsScope(std::string_view scope);

}  // namespace rsnms::auth

#endif  // RSNMS_LIBS_AUTH_IDENTITY_H_
