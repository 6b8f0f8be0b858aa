// The migration files of one family, read from its directory.
#ifndef RSNMS_LIBS_PG_MIGRATION_FILES_H_
#define RSNMS_LIBS_PG_MIGRATION_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/pg/migrate.h"

namespace rsnms::pg {

// One migration with both its directions.
struct Migration {
  int version = 0;       // NNNN of the file name, 1, 2, 3 … without gaps
  std::string name;      // `what` of NNNN_what.up.sql
  std::string up;        // SQL
  std::string down;      // SQL
  std::string checksum;  // SHA-256 of `up`, hexadecimal
};

// Ordered by version. INVALID_ARGUMENT when a file's name is malformed, a number is missing or
// twice, or a direction is missing; an absent directory is an empty family. Developers read these
// messages, callers never do.
absl::StatusOr<std::vector<Migration>> ReadMigrations(const MigrationSet& set);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_MIGRATION_FILES_H_
