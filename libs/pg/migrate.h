// Numbered migrations: NNNN_what.up.sql / NNNN_what.down.sql, each in one transaction, recorded in
// `schema_version`.
#ifndef RSNMS_LIBS_PG_MIGRATE_H_
#define RSNMS_LIBS_PG_MIGRATE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rsnms::pg {

// A family of migrations counted on its own: `platform` (journal, request ids, feed cursors;
// libs/journal/migrations) comes first in every schema, then the service's own.
struct MigrationSet {
  std::string family;     // `platform`, `registry`, …
  std::string directory;  // where its files lie
};

struct MigrateOptions {
  std::string conninfo;  // a role that may create the schema and its roles
  std::string schema;    // created when missing, owned by `<schema>_owner`; the application role
                         // `<schema>_app` gets data rights only (SELECT, INSERT, UPDATE, DELETE;
                         // never ownership, never BYPASSRLS)
  std::vector<MigrationSet> sets;
};

// Applies what is missing, in order, under an advisory lock. Extensions btree_gist and pg_trgm are
// there before the first migration, in pg_catalog, so that every schema finds them unqualified. A
// changed file that was already applied is an error.
absl::Status MigrateUp(const MigrateOptions& options);
// Undoes down to `version` of `family` (later families first).
absl::Status MigrateDown(const MigrateOptions& options, const std::string& family, int version);
// OK when every family stands at its newest file or one before it (a rolling upgrade);
// FAILED_PRECONDITION otherwise.
absl::Status CheckVersion(const std::string& conninfo, const std::string& schema,
                          const std::vector<MigrationSet>& sets);
// The last applied version of each family; empty when the schema was never migrated.
absl::StatusOr<std::map<std::string, int>> AppliedVersions(const std::string& conninfo,
                                                           const std::string& schema);

}  // namespace rsnms::pg

#endif  // RSNMS_LIBS_PG_MIGRATE_H_
