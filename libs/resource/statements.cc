#include "libs/resource/statements.h"

#include "libs/journal/journal.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/text.h"

namespace rsnms::resource {
namespace {

// Fixed parameters of insert and update, then the columns from $11.
//   $1 region_code  $2 id  $3 version  $4 kind  $5 changed_fields  $6 image  $7 actor  $8
//   request_id  $9 trace_id $10 reason
constexpr size_t kFirstColumnParam = 11;

std::string_view IdType(const Type& type) {
  return type.pattern().id_kind == options::v1::ID_KIND_UUID ? "uuid" : "text";
}

// `_text` -> `text[]`.
std::string Cast(const Stored& column) {
  if (column.pg_type == "_text") return "text[]";
  return column.pg_type;
}

std::string ColumnList(const Type& type, std::string_view prefix) {
  std::string list;
  for (const auto& c : type.stored()) Append(&list, ", ", prefix, c.sql);
  return list;
}

// `, $11::text, $12::uuid`
std::string ColumnParams(const Type& type) {
  std::string list;
  size_t n = kFirstColumnParam;
  for (const auto& c : type.stored()) Append(&list, ", $", n++, "::", Cast(c));
  return list;
}

// The request_log row: its five parameters start at $n.
std::string LogRequest(size_t n) {
  return Cat("q AS (INSERT INTO request_log (actor, request_id, method, request_hash, response, ",
             "resource_name, create_time) VALUES ($7, $", n, ", $", n + 1, ", $", n + 2, ", $",
             n + 3, ", $", n + 4, ", statement_timestamp()) ON CONFLICT DO NOTHING RETURNING 1), ");
}

std::string Journal(const Type& type) {
  return Cat("j AS (INSERT INTO journal (", journal::kColumns, ") SELECT $1::text, '",
             type.resource_type(), "', $2::text, $4::smallint, $3::bigint, $5::text[], $6::bytea, ",
             "$7::text, $8::text, $9::text, $10::text FROM w) ");
}

std::string Insert(const Type& type, bool logged) {
  const size_t next = kFirstColumnParam + type.stored().size();
  return Cat("WITH ", logged ? LogRequest(next) : "", "w AS (INSERT INTO ", type.table(),
             " (region_code, id, version, create_time, update_time", ColumnList(type, ""),
             ") SELECT $1::text, $2::", IdType(type), ", $3::bigint, statement_timestamp(), ",
             "statement_timestamp()", ColumnParams(type), logged ? " FROM q" : "",
             " ON CONFLICT (region_code, id) DO NOTHING RETURNING update_time), ", Journal(type),
             "SELECT ", logged ? "(SELECT count(*) FROM q)" : "1", ", (SELECT update_time FROM w)");
}

std::string Update(const Type& type, bool logged) {
  const size_t mode = kFirstColumnParam + type.stored().size();
  std::string set;
  size_t n = kFirstColumnParam;
  for (const auto& c : type.stored()) Append(&set, ", ", c.sql, " = $", n++, "::", Cast(c));
  return Cat("WITH ", logged ? LogRequest(mode + 1) : "", "w AS (UPDATE ", type.table(),
             " AS t SET version = $3::bigint, update_time = statement_timestamp(), delete_time = ",
             "CASE $", mode,
             "::int WHEN 1 THEN statement_timestamp() WHEN 2 THEN NULL ELSE t.delete_time END", set,
             logged ? " FROM q" : "",
             " WHERE t.region_code = $1::text AND t.id = $2::", IdType(type),
             " AND t.version = $3::bigint - 1 RETURNING t.update_time), ", Journal(type), "SELECT ",
             logged ? "(SELECT count(*) FROM q)" : "1", ", (SELECT update_time FROM w)");
}

std::string CreateStage(const Type& type, const std::string& stage) {
  std::string sql = Cat("SET LOCAL client_min_messages = warning; CREATE TEMP TABLE IF NOT EXISTS ",
                        stage, " (stage_kind smallint, region_code text, id ", IdType(type),
                        ", version bigint, stage_changed text[], stage_image bytea");
  for (const auto& c : type.stored()) Append(&sql, ", ", c.sql, " ", Cast(c));
  return sql + ") ON COMMIT DELETE ROWS";
}

// stage_kind 1 rows are new, all others exist; a feed.v1.ChangeKind. The prefix keeps apart what a
// resource may also call kind or image.
std::string Merge(const Type& type, const std::string& stage) {
  std::string set;
  for (const auto& c : type.stored()) Append(&set, ", ", c.sql, " = s.", c.sql);
  return Cat(
      "WITH c AS (INSERT INTO ", type.table(),
      " (region_code, id, version, create_time, update_time", ColumnList(type, ""),
      ") SELECT s.region_code, s.id, s.version, statement_timestamp(), statement_timestamp()",
      ColumnList(type, "s."), " FROM ", stage,
      " s WHERE s.stage_kind = 1 ON CONFLICT (region_code, id) DO NOTHING RETURNING 1), ",
      "u AS (UPDATE ", type.table(),
      " AS t SET version = s.version, update_time = statement_timestamp(), delete_time = NULL", set,
      " FROM ", stage,
      " s WHERE s.stage_kind <> 1 AND t.region_code = s.region_code AND t.id = s.id AND t.version "
      "= "
      "s.version - 1 RETURNING 1), ",
      "j AS (INSERT INTO journal (", journal::kColumns, ") SELECT s.region_code, '",
      type.resource_type(),
      "', s.id::text, s.stage_kind, s.version, s.stage_changed, s.stage_image, $1::text, $2::text, "
      "$3::text, "
      "$4::text FROM ",
      stage, " s) SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM u)");
}

}  // namespace

Statements::Statements(const Type& type) {
  select = Cat("SELECT ", SelectList(type), " FROM ", type.table());
  get = Cat(select, " WHERE region_code = $1 AND id = ANY($2::", IdType(type), "[])");
  get_one = Cat(select, " WHERE region_code = $1 AND id = $2");
  lock_share = get_one + " FOR SHARE";
  lock_update = get_one + " FOR UPDATE";
  lock_bare = Cat("SELECT FROM ", type.table(), " WHERE region_code = $1 AND id = $2 FOR UPDATE");
  lock_many = get + " ORDER BY id FOR UPDATE";
  id_type = IdType(type);
  living = Cat("SELECT id FROM ", type.table(),
               " WHERE region_code = $1 AND delete_time IS NULL AND id = ANY(");
  lock_living = Cat(living, "$2::", id_type, "[]", kLockReferred);
  insert = Insert(type, false);
  insert_logged = Insert(type, true);
  update = Update(type, false);
  update_logged = Update(type, true);
  stage_table = Cat("rsnms_stage_", type.table());
  create_stage = CreateStage(type, stage_table);
  empty_stage = Cat("TRUNCATE ", stage_table);
  empty_small_stage = Cat("DELETE FROM ", stage_table);
  stage_columns = {"stage_kind", "region_code", "id", "version", "stage_changed", "stage_image"};
  for (const auto& c : type.stored()) stage_columns.push_back(c.sql);
  merge = Merge(type, stage_table);
}

}  // namespace rsnms::resource
