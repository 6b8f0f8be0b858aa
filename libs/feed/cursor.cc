#include "libs/feed/cursor.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace rsnms::feed {
namespace {

constexpr char kSqlMake[] =
    "INSERT INTO feed_cursor (source, name) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr char kSqlLock[] =
    "SELECT id, epoch, position, hash, snapshot_token, selection FROM feed_cursor "
    "WHERE source = $1 AND name = $2 FOR UPDATE";
constexpr char kSqlSave[] =
    "UPDATE feed_cursor SET epoch = $2, position = $3, hash = $4, snapshot_token = $5, "
    "selection = $6, update_time = clock_timestamp() WHERE id = $1";
constexpr char kSqlForgetVersions[] = "DELETE FROM feed_guard WHERE cursor_id = $1";

// `earlier` is the greatest version among the batch's preceding changes of the same resource.
constexpr char kSqlKeepNew[] =
    "WITH incoming AS ("
    "  SELECT type, region, id, version, n, max(version) OVER (PARTITION BY type, region, id "
    "    ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier "
    "  FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY "
    "    AS i(type, region, id, version, n)), "
    "fresh AS ("
    "  SELECT i.* FROM incoming i LEFT JOIN feed_guard g ON g.cursor_id = $1 "
    "    AND g.resource_type = i.type AND g.region_code = i.region AND g.resource_id = i.id "
    "  WHERE i.version > greatest(coalesce(g.version, 0), coalesce(i.earlier, 0))), "
    "seen AS ("
    "  INSERT INTO feed_guard (cursor_id, resource_type, region_code, resource_id, version) "
    "  SELECT $1, type, region, id, max(version) FROM fresh GROUP BY type, region, id "
    "  ON CONFLICT (cursor_id, resource_type, region_code, resource_id) "
    "  DO UPDATE SET version = excluded.version) "
    "SELECT n FROM fresh ORDER BY n";

// `regions/86/organisations/x` -> 86, x; `regions/86` -> 86, 86.
std::pair<std::string, std::string> KeyOf(const std::string& name) {
  const auto from = name.find('/') + 1;
  const auto to = name.find('/', from);
  const auto last = name.rfind('/') + 1;
  return {name.substr(from, to == std::string::npos ? to : to - from), name.substr(last)};
}

}  // namespace

absl::StatusOr<Cursor> LockCursor(pg::Tx& tx, const std::string& source, const std::string& name) {
  auto rows = tx.Query(kSqlLock, source, name);
  if (rows.ok() && rows->empty()) {
    if (auto made = tx.Execute(kSqlMake, source, name); !made.ok()) return made.status();
    rows = tx.Query(kSqlLock, source, name);
  }
  if (!rows.ok()) return rows.status();
  const auto row = (*rows)[0];
  Cursor cursor;
  cursor.id = row[0].as<int64_t>();
  cursor.place = {row[1].c_str(), row[2].as<int64_t>(), pg::FromBytea(row[3].c_str())};
  if (!row[4].is_null()) cursor.snapshot_token = row[4].c_str();
  cursor.selection = pg::FromBytea(row[5].c_str());
  return cursor;
}

absl::Status SaveCursor(pg::Tx& tx, const Cursor& cursor) {
  pg::Params params = pg::Params::Of(cursor.id, cursor.place.epoch, cursor.place.position);
  params.AddBytes(cursor.place.hash);
  params.Add(cursor.snapshot_token).AddBytes(cursor.selection);
  return tx.Execute(kSqlSave, params).status();
}

absl::Status ForgetCursor(pg::Tx& tx, int64_t id) {
  if (auto status = tx.Execute(kSqlForgetVersions, id); !status.ok()) return status.status();
  Cursor cursor;
  cursor.id = id;
  return SaveCursor(tx, cursor);
}

absl::StatusOr<std::vector<v1::Change>> KeepNew(
    pg::Tx& tx, int64_t cursor_id, const google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  std::vector<v1::Change> fresh;
  if (changes.empty()) return fresh;
  std::vector<std::string> types, regions, ids;
  std::vector<int64_t> versions;
  for (const auto& change : changes) {
    auto [region, id] = KeyOf(change.resource());
    types.push_back(change.resource_type());
    regions.push_back(std::move(region));
    ids.push_back(std::move(id));
    versions.push_back(change.version());
  }
  auto rows = tx.Query(kSqlKeepNew, cursor_id, types, regions, ids, versions);
  if (!rows.ok()) return rows.status();
  fresh.reserve(rows->size());
  for (const auto& row : *rows) fresh.push_back(changes[row[0].as<int>() - 1]);
  return fresh;
}

}  // namespace rsnms::feed
