#include "libs/feed/reader.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/journal/verify.h"
#include "libs/resource/sealing.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"

namespace rsnms::feed {
namespace {

using options::v1::COMMON_REASON_DATABASE_UNAVAILABLE;
using options::v1::COMMON_REASON_INVALID_FORMAT;
using options::v1::COMMON_REASON_PERMISSION_DENIED;
using options::v1::COMMON_REASON_RESYNC_REQUIRED;

// One read looks through so many times the page's size for rows that match a selector.
constexpr int kLookThrough = 40;
// A window is read as a range when its rows lie that densely in it.
constexpr int64_t kDense = 2, kSlack = 1000;
constexpr char kWholeRegion[] = "regions/";

// No row while the recorded epoch is not this database's: the sealer is about to begin another.
constexpr char kSqlEnds[] =
    "SELECT e.epoch, coalesce(s.position, 0), coalesce(s.hash, ''), "
    "coalesce((SELECT min(position) FROM journal_seal), 1) "
    "FROM (SELECT * FROM journal_epoch ORDER BY number DESC LIMIT 1) e "
    "JOIN pg_control_system() c ON c.system_identifier = e.system_identifier "
    "JOIN pg_database d ON d.datname = current_database() AND d.oid::bigint = e.database_oid "
    "LEFT JOIN LATERAL (SELECT * FROM journal_seal ORDER BY position DESC LIMIT 1) s ON true";

constexpr char kSqlHash[] = "SELECT hash FROM journal_seal WHERE position = $1";

// The window of positions; the hash comes with its last one.
constexpr char kSqlWindow[] =
    "SELECT position, seq, CASE WHEN position = $2 THEN hash END FROM journal_seal "
    "WHERE position > $1 AND position <= $2 ORDER BY position";

// The rows of a window. Positions follow seq closely, so a window is a short range of the primary
// key, which is read nearly as fast as the plain table; an index look-up for each row costs half as
// much again. Microseconds by float8 are exact until the year 2106.
constexpr char kSqlRows[] =
    "SELECT j.seq, j.resource_type, j.region_code, j.resource_id, j.kind, j.version, j.image, "
    "j.changed_fields, j.actor, (date_part('epoch', j.change_time) * 1000000)::bigint, "
    "j.request_id "
    "FROM journal j WHERE j.seq BETWEEN $1 AND $2 "
    "AND ($3::text[] IS NULL OR j.resource_type = ANY ($3)) "
    "AND ($4::text[] IS NULL OR j.region_code = ANY ($4))";

// The same when a window is torn: a transaction that took its place early wrote rows far away.
constexpr char kSqlScatteredRows[] =
    "SELECT j.seq, j.resource_type, j.region_code, j.resource_id, j.kind, j.version, j.image, "
    "j.changed_fields, j.actor, (date_part('epoch', j.change_time) * 1000000)::bigint, "
    "j.request_id "
    "FROM journal j WHERE j.seq = ANY ($1::bigint[]) "
    "AND ($2::text[] IS NULL OR j.resource_type = ANY ($2)) "
    "AND ($3::text[] IS NULL OR j.region_code = ANY ($3))";

void Normalise(std::vector<std::string>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

bool MayRead(const auth::Identity& identity, const resource::Type& type) {
  const auto& permissions = type.read_permissions();
  return std::any_of(permissions.begin(), permissions.end(),
                     [&](const std::string& permission) { return identity.May(permission); });
}

absl::Status Refused(const resource::Type& type) {
  return rpc::Error(absl::StatusCode::kPermissionDenied, COMMON_REASON_PERMISSION_DENIED,
                    absl::StrCat("the caller's roles do not grant reading ", type.resource_type()))
      .With("permission", type.read_permissions().back());
}

// Types asked for by name must all be granted; otherwise those that are.
absl::Status ReadTypes(const auth::Identity& identity, const v1::ChangeSelector& selector,
                       const resource::Engine& engine, Reader& reader) {
  for (int i = 0; i < selector.resource_types_size(); ++i) {
    const auto* type = engine.FindType(selector.resource_types(i));
    if (type == nullptr || !type->published()) {
      return rpc::InvalidField(absl::StrCat("selector.resource_types[", i, "]"),
                               COMMON_REASON_INVALID_FORMAT,
                               "this service publishes no such type of resource",
                               "Сервис не публикует записи такого вида.");
    }
    if (!MayRead(identity, *type)) return Refused(*type);
    reader.types.push_back(selector.resource_types(i));
  }
  if (reader.types.empty()) {
    bool some_left_out = false;
    for (const auto* type : engine.types()) {
      const bool read = type->published() && MayRead(identity, *type);
      some_left_out = some_left_out || !read;
      if (read) reader.types.push_back(type->resource_type());
    }
    if (reader.types.empty()) {
      return rpc::Error(absl::StatusCode::kPermissionDenied, COMMON_REASON_PERMISSION_DENIED,
                        "the caller's roles grant reading nothing of what this service publishes");
    }
    if (!some_left_out) reader.types.clear();
  }
  Normalise(reader.types);
  return absl::OkStatus();
}

// The types are written out even when they are all: a release that publishes one more gives
// another selection, as do roles that grant one more or one less.
std::string SelectionOf(const Reader& reader, const resource::Engine& engine) {
  std::vector<std::string> types = reader.types;
  if (types.empty()) {
    for (const auto* type : engine.types()) types.push_back(type->resource_type());
    Normalise(types);
  }
  return resource::Hmac(
      "feed selection",
      absl::StrCat(absl::StrJoin(types, ","), "\n",
                   reader.all_regions ? "*" : absl::StrJoin(reader.regions, ",")));
}

// The caller's scopes that are whole regions, as region codes.
std::vector<std::string> WholeRegions(const auth::Identity& identity) {
  std::vector<std::string> regions;
  for (const auto& scope : identity.scopes) {
    if (scope.rfind(kWholeRegion, 0) != 0) continue;
    auto region = scope.substr(sizeof(kWholeRegion) - 1);
    if (!region.empty() && region.find('/') == std::string::npos) regions.push_back(region);
  }
  return regions;
}

void FillChange(const resource::Type& type, const pqxx::row& row, int64_t position,
                v1::Change* change) {
  change->set_position(position);
  change->set_resource_type(row[1].c_str(), row[1].size());
  change->set_resource(type.pattern().Format(row[2].c_str(), row[3].c_str()));
  change->set_kind(static_cast<v1::ChangeKind>(row[4].as<int>()));
  change->set_version(row[5].as<int64_t>());
  if (change->kind() != v1::CHANGE_KIND_PURGED) {
    change->mutable_image()->set_type_url(TypeUrl(type));
    change->mutable_image()->set_value(pg::FromBytea({row[6].c_str(), row[6].size()}));
  }
  if (row[7].size() > 2) {  // not `{}`
    for (auto& field : pg::FromArray({row[7].c_str(), row[7].size()})) {
      change->add_changed_fields(std::move(field));
    }
  }
  change->set_actor(row[8].c_str(), row[8].size());
  const int64_t micros = row[9].as<int64_t>();
  change->mutable_change_time()->set_seconds(micros / 1000000);
  change->mutable_change_time()->set_nanos(static_cast<int32_t>(micros % 1000000 * 1000));
  change->set_request_id(row[10].c_str(), row[10].size());
}

absl::StatusOr<std::string> HashAt(pg::Tx& tx, int64_t position) {
  auto rows = tx.Query(kSqlHash, position);
  if (!rows.ok()) return rows.status();
  return rows->empty() ? std::string() : pg::FromBytea((*rows)[0][0].c_str());
}

struct Window {
  int64_t end = 0;
  std::string end_hash;
  std::vector<std::pair<int64_t, int64_t>> seals;  // seq, position; sorted by seq
  pqxx::result rows;
  std::vector<std::pair<int64_t, int>> found;  // position, index in `rows`; sorted by position
};

absl::StatusOr<Window> ReadWindow(pg::Tx& tx, int64_t after, int64_t end) {
  auto seals = tx.Query(kSqlWindow, after, end);
  if (!seals.ok()) return seals.status();
  Window window;
  window.end = end;
  window.seals.reserve(seals->size());
  for (const auto& seal : *seals) {
    window.seals.emplace_back(seal[1].as<int64_t>(), seal[0].as<int64_t>());
    if (!seal[2].is_null()) window.end_hash = pg::FromBytea(seal[2].c_str());
  }
  std::sort(window.seals.begin(), window.seals.end());
  return window;
}

// Reads the window's rows that match, and finds their positions. A range may hold other rows too.
absl::Status ReadRows(pg::Tx& tx, const Reader& reader, Window& window) {
  if (window.seals.empty()) return absl::OkStatus();
  using Filter = std::optional<std::vector<std::string>>;
  const Filter types = reader.types.empty() ? Filter() : Filter(reader.types);
  const Filter regions = reader.all_regions ? Filter() : Filter(reader.regions);
  const int64_t first = window.seals.front().first, last = window.seals.back().first;
  const int64_t count = window.seals.size();
  absl::StatusOr<pqxx::result> rows;
  if (last - first <= kDense * count + kSlack) {
    rows = tx.Query(kSqlRows, first, last, types, regions);
  } else {
    std::vector<int64_t> seqs;
    for (const auto& seal : window.seals) seqs.push_back(seal.first);
    rows = tx.Query(kSqlScatteredRows, seqs, types, regions);
  }
  if (!rows.ok()) return rows.status();
  window.rows = *std::move(rows);
  window.found.reserve(window.rows.size());
  for (int i = 0; i < static_cast<int>(window.rows.size()); ++i) {
    const std::pair<int64_t, int64_t> key(window.rows[i][0].as<int64_t>(), 0);
    const auto seal = std::lower_bound(window.seals.begin(), window.seals.end(), key);
    if (seal == window.seals.end() || seal->first != key.first) continue;
    window.found.emplace_back(seal->second, i);
  }
  std::sort(window.found.begin(), window.found.end());
  return absl::OkStatus();
}

absl::Status Resync(const std::string& why) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, COMMON_REASON_RESYNC_REQUIRED, why);
}

}  // namespace

std::string TypeUrl(const resource::Type& type) {
  return absl::StrCat("type.googleapis.com/", type.descriptor()->full_name());
}

absl::StatusOr<Reader> MakeReader(const auth::Identity& identity,
                                  const v1::ChangeSelector& selector,
                                  const resource::Engine& engine) {
  Reader reader;
  if (auto status = ReadTypes(identity, selector, engine, reader); !status.ok()) return status;
  const std::vector<std::string> wanted(selector.region_codes().begin(),
                                        selector.region_codes().end());
  if (identity.CoversAll()) {
    reader.scopes = "*";
    reader.all_regions = wanted.empty();
    reader.regions = wanted;
  } else {
    const auto allowed = WholeRegions(identity);
    if (allowed.empty()) {
      return rpc::Error(absl::StatusCode::kPermissionDenied, COMMON_REASON_PERMISSION_DENIED,
                        "the feed needs the scope of a whole region");
    }
    for (const auto& region : allowed) {
      if (wanted.empty() || std::count(wanted.begin(), wanted.end(), region) > 0) {
        reader.regions.push_back(region);
      }
    }
    reader.scopes = absl::StrCat(kWholeRegion, absl::StrJoin(allowed, ",regions/"));
  }
  Normalise(reader.regions);
  reader.selection = SelectionOf(reader, engine);
  return reader;
}

absl::Status CheckSelection(const Reader& reader, const std::string& selection) {
  if (selection.empty() || selection == reader.selection) return absl::OkStatus();
  return Resync(
      "the selector or the caller's scope or roles have changed since the position was read");
}

absl::StatusOr<Ends> ReadEnds(pg::Tx& tx) {
  auto rows = tx.Query(kSqlEnds);
  if (!rows.ok()) return rows.status();
  if (rows->empty()) {
    return rpc::Error(absl::StatusCode::kUnavailable, COMMON_REASON_DATABASE_UNAVAILABLE,
                      "the journal's epoch is not recorded yet")
        .RetryAfter(absl::Seconds(1));
  }
  const auto row = (*rows)[0];
  Ends ends;
  ends.sealed = {row[0].c_str(), row[1].as<int64_t>(), pg::FromBytea(row[2].c_str())};
  ends.oldest = journal::OldestKept(row[3].as<int64_t>());
  return ends;
}

absl::Status CheckPlace(pg::Tx& tx, const Ends& ends, const Place& place) {
  if (place.epoch.empty() && place.position == 0 && ends.oldest == 1) return absl::OkStatus();
  if (place.epoch != ends.sealed.epoch) return Resync("the epoch has changed");
  if (place.position < ends.oldest - 1) return Resync("the changes after the position are gone");
  if (place.position > ends.sealed.position) return Resync("the position lies in the future");
  if (place.position == 0 || place.hash.empty()) return absl::OkStatus();
  auto hash = HashAt(tx, place.position);
  if (!hash.ok()) return hash.status();
  return *hash == place.hash ? absl::OkStatus() : Resync("the chain differs at the position");
}

absl::StatusOr<Place> ReadChanges(pg::Tx& tx, const resource::Engine& engine, const Reader& reader,
                                  int64_t after, const Place& sealed, int limit,
                                  google::protobuf::RepeatedPtrField<v1::Change>* out) {
  Place next{sealed.epoch, after, ""};
  if (after >= sealed.position) return sealed;
  size_t bytes = 0;
  const int64_t horizon = std::min(sealed.position, after + int64_t{kLookThrough} * limit);
  for (int64_t size = limit; next.position < horizon; size *= 4) {
    auto window = ReadWindow(tx, next.position, std::min(horizon, next.position + size));
    if (!window.ok()) return window.status();
    if (auto status = ReadRows(tx, reader, *window); !status.ok()) return status;
    next.position = window->end;
    next.hash = window->end_hash;
    for (const auto& [position, index] : window->found) {
      const auto row = window->rows[index];
      const auto* type = engine.FindType(row[1].c_str());
      if (type == nullptr) continue;  // a type this release no longer has
      FillChange(*type, row, position, out->Add());
      bytes += row[6].size() / 2;
      if (bytes < kMessageBytes && out->size() < limit) continue;
      if (position == next.position) return next;
      auto hash = HashAt(tx, position);
      if (!hash.ok()) return hash.status();
      return Place{sealed.epoch, position, *std::move(hash)};
    }
    if (out->size() >= limit / 2) break;
  }
  return next;
}

}  // namespace rsnms::feed
