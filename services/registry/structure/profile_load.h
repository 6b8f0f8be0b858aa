// The rows of an act's profile: put into the tables from a file, and read back.
#ifndef RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_LOAD_H_
#define RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_LOAD_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/journal/journal.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "rsnms/registry/v1/structure_service.pb.h"
#include "services/registry/names.h"
#include "services/registry/structure/profile_rows.h"

namespace rsnms::registry {

// All rows of a profile in the order of the act, deleted ones too.
template <class R>
absl::StatusOr<std::vector<R>> RowsOfProfile(const resource::Engine& engine, pg::Tx& tx,
                                             const std::string& profile) {
  return resource::Table<R>(engine).Select(
      tx, "region_code = $1 AND profile_id = $2 ORDER BY position, id", RegionOf(profile),
      IdOf(profile));
}

// Makes the stored rows of the profile those of a file and says what it did: what differs is
// written, what was deleted comes back, what the file no longer names is deleted. Runs in the
// caller's transaction; errors as the registry's rules say of the rows.
absl::Status Load(const resource::Engine& engine, pg::Tx& tx, const journal::Author& author,
                  ProfileRows rows, v1::LoadSystemProfileResponse* report);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_STRUCTURE_PROFILE_LOAD_H_
