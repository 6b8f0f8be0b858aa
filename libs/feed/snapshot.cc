#include "libs/feed/snapshot.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/sealing.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"

namespace rsnms::feed {
namespace {

using options::v1::COMMON_REASON_INVALID_PAGE_TOKEN;

constexpr char kNoUuid[] = "00000000-0000-0000-0000-000000000000";

// What the token is bound to.
std::string Binding(const Reader& reader) {
  return absl::StrCat("snapshot\n", reader.scopes, "\n", absl::StrJoin(reader.types, ","), "\n",
                      reader.all_regions ? "*" : absl::StrJoin(reader.regions, ","), "\n");
}

absl::Status BadToken() {
  return rpc::InvalidField("page_token", COMMON_REASON_INVALID_PAGE_TOKEN,
                           "not a token of this request");
}

// The types of the snapshot in their order.
std::vector<const resource::Type*> TypesOf(const resource::Engine& engine, const Reader& reader) {
  std::vector<const resource::Type*> types;
  for (const auto* type : engine.types()) {
    const bool wanted =
        reader.types.empty() ||
        std::binary_search(reader.types.begin(), reader.types.end(), type->resource_type());
    if (type->published() && wanted) types.push_back(type);
  }
  std::sort(types.begin(), types.end(),
            [](const auto* a, const auto* b) { return a->resource_type() < b->resource_type(); });
  return types;
}

std::string PageSql(const resource::Type& type, const Reader& reader) {
  return absl::StrCat("SELECT ", resource::SelectList(type), " FROM ", type.table(),
                      " WHERE (region_code, id) > ($1, $2)",
                      reader.all_regions ? "" : " AND region_code = ANY ($4::text[])",
                      " ORDER BY region_code, id LIMIT $3");
}

absl::StatusOr<pqxx::result> ReadRows(pg::Tx& tx, const resource::Type& type, const Reader& reader,
                                      int limit, const SnapshotPlace& place) {
  const bool uuid = type.pattern().id_kind == options::v1::ID_KIND_UUID;
  pg::Params params;
  params.Add(place.region);
  params.Add(place.id.empty() && uuid ? std::string(kNoUuid) : place.id);
  params.Add(limit);
  if (!reader.all_regions) params.Add(reader.regions);
  return tx.Query(PageSql(type, reader), params);
}

absl::Status FillResource(const resource::Type& type, const pqxx::row& row, int64_t position,
                          resource::Message* scratch, v1::Change* change) {
  if (auto status = resource::DecodeRow(type, row, scratch); !status.ok()) return status;
  change->set_position(position);
  change->set_resource_type(type.resource_type());
  change->set_resource(type.NameOf(*scratch));
  change->set_kind(type.IsDeleted(*scratch) ? v1::CHANGE_KIND_DELETED : v1::CHANGE_KIND_SNAPSHOT);
  change->set_version(row[2].as<int64_t>());
  change->mutable_image()->set_type_url(TypeUrl(type));
  change->mutable_image()->set_value(resource::ImageOf(type, *scratch));
  return absl::OkStatus();
}

}  // namespace

std::string SealToken(const SnapshotPlace& place, const Reader& reader, const std::string& key) {
  const std::string text =
      absl::StrJoin({place.began.epoch, absl::StrCat(place.began.position),
                     absl::BytesToHexString(place.began.hash), place.type, place.region, place.id},
                    "\n");
  return resource::Seal(key, Binding(reader), text);
}

absl::StatusOr<SnapshotPlace> OpenToken(const std::string& token, const Reader& reader,
                                        const std::string& key) {
  const auto text = resource::Unseal(key, Binding(reader), token);
  if (!text) return BadToken();
  const std::vector<std::string> parts = absl::StrSplit(*text, '\n');
  SnapshotPlace place;
  if (parts.size() != 6 || !absl::SimpleAtoi(parts[1], &place.began.position)) return BadToken();
  place.began.epoch = parts[0];
  place.began.hash = absl::HexStringToBytes(parts[2]);
  place.type = parts[3];
  place.region = parts[4];
  place.id = parts[5];
  return place;
}

absl::StatusOr<bool> ReadSnapshot(pg::Tx& tx, const resource::Engine& engine, const Reader& reader,
                                  int limit, SnapshotPlace& place,
                                  google::protobuf::RepeatedPtrField<v1::Change>* out) {
  size_t bytes = 0;
  for (const auto* type : TypesOf(engine, reader)) {
    if (type->resource_type() < place.type) continue;
    if (type->resource_type() != place.type) place = {place.began, type->resource_type(), "", ""};
    const int wanted = limit - out->size();
    auto rows = ReadRows(tx, *type, reader, wanted, place);
    if (!rows.ok()) return rows.status();
    const auto scratch = type->New();
    for (const auto& row : *rows) {
      auto* change = out->Add();
      auto status = FillResource(*type, row, place.began.position, scratch.get(), change);
      if (!status.ok()) return status;
      place.region = row[0].c_str();
      place.id = row[1].c_str();
      bytes += change->image().value().size();
      if (bytes >= kMessageBytes) return true;
    }
    if (static_cast<int>(rows->size()) == wanted) return true;
  }
  return false;
}

}  // namespace rsnms::feed
