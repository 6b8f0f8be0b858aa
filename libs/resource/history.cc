#include "libs/resource/history.h"

#include <string>

#include "libs/resource/row_codec.h"
#include "libs/resource/table.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {
namespace {

constexpr char kSqlRevisions[] = R"sql(
SELECT version, change_time, kind, actor, reason, request_id, changed_fields, image
  FROM journal
 WHERE region_code = $1 AND resource_type = $2 AND resource_id = $3
   AND version < $4::bigint AND change_time <= $5::timestamptz
 ORDER BY version DESC
 LIMIT $6
)sql";

constexpr char kSqlVersions[] = R"sql(
SELECT w.place - 1 AS place, j.image
  FROM unnest($3::text[], $4::bigint[]) WITH ORDINALITY AS w (id, version, place)
  JOIN journal j ON j.region_code = $1 AND j.resource_type = $2
   AND j.resource_id = w.id AND j.version = w.version
)sql";

// Rows of a table that changed after $2 and began before: their last image until then. `begun`
// tells those that were being created at that very moment from those whose history is gone.
constexpr char kSqlChangedSince[] = R"sql(
 AS t
  LEFT JOIN LATERAL (
    SELECT kind, image FROM journal j
     WHERE j.region_code = t.region_code AND j.resource_type = $3 AND j.resource_id = t.id::text
       AND j.change_time <= $2::timestamptz
     ORDER BY version DESC LIMIT 1
  ) AS known ON true
 WHERE t.region_code = $1 AND t.update_time > $2::timestamptz AND t.create_time <= $2::timestamptz
)sql";
constexpr char kSqlBegun[] = R"sql(
SELECT t.id, known.kind, known.image, EXISTS (
         SELECT FROM journal j
          WHERE j.region_code = t.region_code AND j.resource_type = $3 AND j.resource_id = t.id::text
            AND j.version = 1) AS begun
  FROM )sql";

constexpr int64_t kAnyVersion = int64_t{1} << 53;

absl::Status Gone() { return absl::OutOfRangeError("the journal no longer holds this time"); }

std::string TimeText(absl::Time time) {
  google::protobuf::Timestamp stamp;
  const int64_t micros = absl::ToUnixMicros(time);
  stamp.set_seconds(micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0));
  stamp.set_nanos(static_cast<int32_t>((micros % 1'000'000 + 1'000'000) % 1'000'000 * 1000));
  return TimestampText(stamp);
}

// The image of a journal row; false when its bytes are not one.
bool ParseImage(const Type& type, std::string_view region, std::string_view id,
                const pqxx::field& bytes, Message* out) {
  if (!out->ParseFromString(pg::FromBytea(bytes.c_str()))) return false;
  type.SetName(out, region, id);
  return true;
}

absl::StatusOr<feed::v1::Revision> RevisionOf(const Type& type, const NameParts& parts,
                                              std::string_view name, const pqxx::row& row) {
  feed::v1::Revision revision;
  revision.set_resource(std::string(name));
  revision.set_version(row["version"].as<int64_t>());
  ParseTimestamp(row["change_time"].c_str(), revision.mutable_change_time());
  revision.set_kind(static_cast<feed::v1::ChangeKind>(row["kind"].as<int>()));
  revision.set_actor(row["actor"].c_str());
  revision.set_reason(row["reason"].c_str());
  revision.set_request_id(row["request_id"].c_str());
  for (auto& field : pg::FromArray(row["changed_fields"].c_str()))
    revision.add_changed_fields(std::move(field));
  const auto image = type.New();
  if (!ParseImage(type, parts.region, parts.id, row["image"], image.get()))
    return absl::InternalError("a journal image cannot be read");
  revision.mutable_image()->PackFrom(*image);
  return revision;
}

// At most `limit` versions below `before` written until `until` (SQL's own form of a time). What
// the caller may see is decided by the row as it stands: the journal itself is shown for whole
// regions.
absl::StatusOr<std::vector<feed::v1::Revision>> Read(pg::Tx& tx, const Type& type,
                                                     std::string_view name, int64_t before,
                                                     const std::string& until, int limit) {
  const auto parts = ParseName(type.pattern(), name);
  std::vector<feed::v1::Revision> revisions;
  auto s = tx.Unscoped(parts->region, [&]() -> absl::Status {
    auto rows = tx.Query(kSqlRevisions, parts->region, type.resource_type(), parts->id, before,
                         until, limit);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      auto revision = RevisionOf(type, *parts, name, row);
      if (!revision.ok()) return revision.status();
      revisions.push_back(*std::move(revision));
    }
    return absl::OkStatus();
  });
  if (!s.ok()) return s;
  return revisions;
}

// The row as it stands, seen by the caller.
absl::Status MustSee(pg::Tx& tx, const Engine& engine, const Type& type, std::string_view name) {
  const auto row = type.New();
  return RowsOf(engine, type.descriptor()).Get(tx, name, Lock::kNone, row.get());
}

}  // namespace

namespace {

// A condition on the rows `t` of a table, $4 its id.
struct Condition {
  std::string sql, id;
};

absl::StatusOr<Condition> Narrow(const Type& type, const Naming& of) {
  if (of.name.empty()) return Condition{" AND $4::text = ''", ""};
  for (const auto& column : type.columns()) {
    if (column.field->name() != of.field || column.kind != Kind::kReference) continue;
    const auto parts = ParseName(column.target.pattern, of.name);
    if (!parts || !column.immutable) break;
    const bool uuid = column.target.pattern.id_kind == options::v1::ID_KIND_UUID;
    return Condition{Cat(" AND t.", column.sql, uuid ? " = $4::uuid" : " = $4::text"),
                     std::string(parts->id)};
  }
  return rpc::InvalidField(of.field, options::v1::COMMON_REASON_INVALID_NAME,
                           "names no such resource");
}

}  // namespace

const Type* TypeOfName(const Engine& engine, std::string_view name) {
  for (const Type* type : engine.types()) {
    if (ParseName(type->pattern(), name)) return type;
  }
  return nullptr;
}

absl::StatusOr<feed::v1::Revision> RevisionAt(pg::Tx& tx, const Engine& engine, const Type& type,
                                              std::string_view name, absl::Time time) {
  if (auto s = MustSee(tx, engine, type, name); !s.ok()) return s;
  auto known = Read(tx, type, name, kAnyVersion, TimeText(time), 1);
  if (!known.ok()) return known.status();
  if (!known->empty()) return known->front();
  auto first = Read(tx, type, name, 2, "infinity", 1);
  if (!first.ok()) return first.status();
  if (first->empty()) return Gone();
  return rpc::NotFound(type.resource_type(), name);
}

absl::StatusOr<std::vector<feed::v1::Revision>> Revisions(pg::Tx& tx, const Engine& engine,
                                                          const Type& type, std::string_view name,
                                                          int64_t before_version, int limit) {
  if (auto s = MustSee(tx, engine, type, name); !s.ok()) return s;
  return Read(tx, type, name, before_version > 0 ? before_version : kAnyVersion, "infinity", limit);
}

absl::Status ReadVersions(pg::Tx& tx, const Type& type, std::string_view region,
                          const std::vector<RowVersion>& rows,
                          const std::function<void(size_t place, const Message&)>& take) {
  std::vector<std::string> ids;
  std::vector<int64_t> versions;
  for (const RowVersion& row : rows) {
    ids.push_back(row.id);
    versions.push_back(row.version);
  }
  return tx.Unscoped(region, [&]() -> absl::Status {
    auto images = tx.Query(kSqlVersions, region, type.resource_type(), ids, versions);
    if (!images.ok()) return images.status();
    if (images->size() < rows.size()) return Gone();
    const auto image = type.New();
    for (const auto& row : *images) {
      const auto place = row["place"].as<size_t>();
      if (!ParseImage(type, region, rows[place].id, row["image"], image.get()))
        return absl::InternalError("a journal image cannot be read");
      take(place, *image);
    }
    return absl::OkStatus();
  });
}

absl::Status RowsKnownAt(pg::Tx& tx, const Type& type, std::string_view region, absl::Time time,
                         const std::function<void(const Message&)>& take, const Naming& of) {
  const std::string at = TimeText(time);
  auto narrow = Narrow(type, of);
  if (!narrow.ok()) return narrow.status();
  const auto image = type.New();
  auto unchanged = tx.Query(Cat("SELECT ", SelectList(type), " FROM ", type.table(),
                                " AS t WHERE t.region_code = $1 AND t.update_time <= "
                                "$2::timestamptz AND t.delete_time IS NULL AND $3::text <> ''",
                                narrow->sql),
                            region, at, type.resource_type(), narrow->id);
  if (!unchanged.ok()) return unchanged.status();
  for (const auto& row : *unchanged) {
    if (auto s = DecodeRow(type, row, image.get()); !s.ok()) return s;
    take(*image);
  }
  auto changed = tx.Query(Cat(kSqlBegun, type.table(), kSqlChangedSince, narrow->sql), region, at,
                          type.resource_type(), narrow->id);
  if (!changed.ok()) return changed.status();
  for (const auto& row : *changed) {
    if (row["kind"].is_null()) {
      if (row["begun"].c_str()[0] != 't') return Gone();
      continue;
    }
    if (row["kind"].as<int>() == feed::v1::CHANGE_KIND_DELETED) continue;
    if (!ParseImage(type, region, row["id"].c_str(), row["image"], image.get()))
      return absl::InternalError("a journal image cannot be read");
    take(*image);
  }
  return absl::OkStatus();
}

}  // namespace rsnms::resource
