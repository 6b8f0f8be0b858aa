// Which role may do what: deploy/roles.textproto in memory.
#ifndef RSNMS_LIBS_AUTH_ROLE_BOOK_H_
#define RSNMS_LIBS_AUTH_ROLE_BOOK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "rsnms/auth/v1/roles.pb.h"

namespace rsnms::auth {

// Never changes after loading. Thread-safe.
class RoleBook {
 public:
  // INVALID_ARGUMENT naming the line or the role when the file does not parse, a role appears twice
  // or a permission is not a dotted name or pattern.
  static absl::StatusOr<RoleBook> Load(const std::string& path);
  static absl::StatusOr<RoleBook> Parse(const std::string& textproto);

  // Everything the roles grant together; unknown roles grant nothing.
  absl::flat_hash_set<std::string> Permissions(const std::vector<std::string>& roles) const;
  // What people call the role; empty when there is none.
  std::string TitleOf(const std::string& role) const;

 private:
  absl::flat_hash_map<std::string, v1::Role> roles_;
};

}  // namespace rsnms::auth

#endif  // RSNMS_LIBS_AUTH_ROLE_BOOK_H_
