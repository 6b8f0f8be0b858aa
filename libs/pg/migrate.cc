#include "libs/pg/migrate.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/pg/migration_files.h"
#include "libs/pg/pool.h"

namespace rsnms::pg {
namespace {

// One migrator at a time per database; held until the transaction's end.
constexpr char kSqlLock[] = "SELECT pg_advisory_xact_lock(hashtextextended('rsnms.migrate', 0))";

// Roles belong to the cluster, so another database's migrator may be creating them at this moment.
// Extensions go where every search_path finds them. $ stands for the schema's name.
constexpr char kSqlPrepare[] = R"sql(
DO $do$
BEGIN
  IF to_regrole('$_owner') IS NULL THEN
    CREATE ROLE $_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $do$;
DO $do$
BEGIN
  IF to_regrole('$_app') IS NULL THEN
    CREATE ROLE $_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $do$;
DO $do$
BEGIN
  IF NOT pg_has_role(current_user, '$_owner', 'MEMBER') THEN
    EXECUTE format('GRANT $_owner TO %I', current_user);
  END IF;
  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = '$_app') THEN
    RAISE EXCEPTION 'role $_app may bypass row level security';
  END IF;
END $do$;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA pg_catalog;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA pg_catalog;
CREATE SCHEMA IF NOT EXISTS $ AUTHORIZATION $_owner;
GRANT USAGE ON SCHEMA $ TO $_app;
SET LOCAL ROLE $_owner;
CREATE TABLE IF NOT EXISTS schema_version (
  family text NOT NULL,
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  apply_time timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (family, version)
);
ALTER DEFAULT PRIVILEGES FOR ROLE $_owner IN SCHEMA $
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO $_app;
ALTER DEFAULT PRIVILEGES FOR ROLE $_owner IN SCHEMA $ GRANT USAGE, SELECT ON SEQUENCES TO $_app;
REVOKE ALL ON schema_version FROM $_app;
GRANT SELECT ON schema_version TO $_app;
RESET ROLE;
)sql";

constexpr char kSqlIsPrepared[] =
    "SELECT EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('schema_version'))";
constexpr char kSqlApplied[] =
    "SELECT version, checksum FROM schema_version WHERE family = $1 ORDER BY version";
constexpr char kSqlRecord[] =
    "INSERT INTO schema_version (family, version, name, checksum) VALUES ($1, $2, $3, $4)";
constexpr char kSqlForget[] = "DELETE FROM schema_version WHERE family = $1 AND version = $2";
constexpr char kSqlFamilies[] = "SELECT family, max(version) FROM schema_version GROUP BY family";

struct Family {
  std::string name;
  std::vector<Migration> migrations;
};

bool IsIdentifier(std::string_view name) {
  return !name.empty() && name.size() <= 40 && absl::ascii_islower(name[0]) &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

absl::StatusOr<std::vector<Family>> ReadFamilies(const std::vector<MigrationSet>& sets) {
  std::vector<Family> families;
  for (const auto& set : sets) {
    auto migrations = ReadMigrations(set);
    if (!migrations.ok()) return migrations.status();
    families.push_back({set.family, *std::move(migrations)});
  }
  return families;
}

std::unique_ptr<Pool> MigratorPool(const std::string& conninfo, const std::string& schema) {
  PoolOptions options;
  options.conninfo = conninfo;
  options.schema = schema;
  options.application_name = "rsnms_migrate";
  options.size = 1;
  options.acquire_timeout = absl::Seconds(30);
  return Pool::Create(std::move(options));
}

TxOptions WholeScope() {
  TxOptions options;
  options.scopes = "*";
  return options;
}

// How many of the family's migrations are applied; refuses a changed or unknown one.
absl::StatusOr<int> AppliedCount(Tx& tx, const Family& family) {
  auto rows = tx.Query(kSqlApplied, family.name);
  if (!rows.ok()) return rows.status();
  int count = 0;
  for (const auto& row : *rows) {
    const int version = row[0].as<int>();
    if (version != count + 1 || version > static_cast<int>(family.migrations.size())) {
      return absl::FailedPreconditionError(absl::StrCat("migration ", family.name, "/", version,
                                                        " is applied, but its file is not here"));
    }
    if (family.migrations[count].checksum != row[1].c_str()) {
      return absl::FailedPreconditionError(absl::StrCat("migration ", family.name, "/", version,
                                                        " was changed after it had been applied"));
    }
    ++count;
  }
  return count;
}

// Runs a migration's text as the schema's owner.
absl::Status RunAsOwner(Tx& tx, const std::string& schema, const std::string& sql) {
  return tx.Script(absl::StrCat("SET LOCAL ROLE ", schema, "_owner;\n", sql, "\n;RESET ROLE;"));
}

// The server's complaint stays in the log (failure.cc); the caller learns which file.
absl::Status At(const absl::Status& status, const std::string& family, const Migration& migration) {
  return absl::Status(status.code(), absl::StrCat("migration ", family, "/", migration.version, "_",
                                                  migration.name, ": ", status.message()));
}

// Applies the family's next migration; false when there is none.
absl::StatusOr<bool> Step(Pool& pool, const std::string& schema, const Family& family) {
  bool applied = false;
  auto status = pool.Run(WholeScope(), [&](Tx& tx) -> absl::Status {
    applied = false;
    if (auto lock = tx.Query(kSqlLock); !lock.ok()) return lock.status();
    auto count = AppliedCount(tx, family);
    if (!count.ok()) return count.status();
    if (*count == static_cast<int>(family.migrations.size())) return absl::OkStatus();
    const Migration& next = family.migrations[*count];
    if (auto run = RunAsOwner(tx, schema, next.up); !run.ok()) return At(run, family.name, next);
    spdlog::info("migration applied: schema={} {}/{}_{}", schema, family.name, next.version,
                 next.name);
    applied = true;
    return tx.Query(kSqlRecord, family.name, next.version, next.name, next.checksum).status();
  });
  if (!status.ok()) return status;
  return applied;
}

// Undoes the family's last migration above `version`; false when there is none.
absl::StatusOr<bool> StepBack(Pool& pool, const std::string& schema, const Family& family,
                              int version) {
  bool undone = false;
  auto status = pool.Run(WholeScope(), [&](Tx& tx) -> absl::Status {
    undone = false;
    if (auto lock = tx.Query(kSqlLock); !lock.ok()) return lock.status();
    auto count = AppliedCount(tx, family);
    if (!count.ok()) return count.status();
    if (*count <= version) return absl::OkStatus();
    const Migration& last = family.migrations[*count - 1];
    if (auto run = RunAsOwner(tx, schema, last.down); !run.ok()) return At(run, family.name, last);
    spdlog::info("migration undone: schema={} {}/{}_{}", schema, family.name, last.version,
                 last.name);
    undone = true;
    return tx.Query(kSqlForget, family.name, last.version).status();
  });
  if (!status.ok()) return status;
  return undone;
}

absl::Status PrepareSchema(Pool& pool, const std::string& schema) {
  return pool.Run(WholeScope(), [&](Tx& tx) -> absl::Status {
    if (auto lock = tx.Query(kSqlLock); !lock.ok()) return lock.status();
    auto prepared = tx.Query(kSqlIsPrepared);
    if (!prepared.ok()) return prepared.status();
    if ((*prepared)[0][0].as<bool>()) return absl::OkStatus();
    std::string script = kSqlPrepare;
    absl::StrReplaceAll({{"$do$", "$do$"}, {"$", schema}}, &script);
    return tx.Script(script);
  });
}

}  // namespace

absl::Status MigrateUp(const MigrateOptions& options) {
  if (!IsIdentifier(options.schema)) return absl::InvalidArgumentError("not a schema's name");
  auto families = ReadFamilies(options.sets);
  if (!families.ok()) return families.status();
  auto pool = MigratorPool(options.conninfo, options.schema);
  if (auto status = PrepareSchema(*pool, options.schema); !status.ok()) return status;
  for (const auto& family : *families) {
    while (true) {
      auto applied = Step(*pool, options.schema, family);
      if (!applied.ok()) return applied.status();
      if (!*applied) break;
    }
  }
  return absl::OkStatus();
}

absl::Status MigrateDown(const MigrateOptions& options, const std::string& family, int version) {
  if (!IsIdentifier(options.schema)) return absl::InvalidArgumentError("not a schema's name");
  auto families = ReadFamilies(options.sets);
  if (!families.ok()) return families.status();
  auto pool = MigratorPool(options.conninfo, options.schema);
  for (auto it = families->rbegin(); it != families->rend(); ++it) {
    const bool last = it->name == family;
    while (true) {
      auto undone = StepBack(*pool, options.schema, *it, last ? version : 0);
      if (!undone.ok()) return undone.status();
      if (!*undone) break;
    }
    if (last) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("no family ", family));
}

absl::StatusOr<std::map<std::string, int>> AppliedVersions(const std::string& conninfo,
                                                           const std::string& schema) {
  auto pool = MigratorPool(conninfo, schema);
  std::map<std::string, int> versions;
  auto status = pool->Run(WholeScope(), [&](Tx& tx) -> absl::Status {
    versions.clear();
    auto prepared = tx.Query(kSqlIsPrepared);
    if (!prepared.ok()) return prepared.status();
    if (!(*prepared)[0][0].as<bool>()) return absl::OkStatus();
    auto rows = tx.Query(kSqlFamilies);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) versions[row[0].c_str()] = row[1].as<int>();
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return versions;
}

absl::Status CheckVersion(const std::string& conninfo, const std::string& schema,
                          const std::vector<MigrationSet>& sets) {
  auto families = ReadFamilies(sets);
  if (!families.ok()) return families.status();
  auto versions = AppliedVersions(conninfo, schema);
  if (!versions.ok()) return versions.status();
  for (const auto& family : *families) {
    const int head = static_cast<int>(family.migrations.size());
    const int applied = (*versions)[family.name];
    if (applied != head && applied != std::max(head - 1, 0)) {
      return absl::FailedPreconditionError(absl::StrCat("schema ", schema, " stands at ",
                                                        family.name, "/", applied, ", not at ",
                                                        head, " or one before it"));
    }
    if (applied == 0 && head > 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("schema ", schema, " has no migrations of ", family.name));
    }
  }
  return absl::OkStatus();
}

}  // namespace rsnms::pg
