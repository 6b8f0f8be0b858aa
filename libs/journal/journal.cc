#include "libs/journal/journal.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace rsnms::journal {
namespace {

// COPY does not work on a table with row level security, hence arrays; text[][] must be
// rectangular, hence the lists of fields travel in text form.
constexpr char kSqlAppend[] =
    "INSERT INTO journal (region_code, resource_type, resource_id, kind, version, changed_fields, "
    "image, actor, request_id, trace_id, reason) "
    "SELECT e.region, e.type, e.id, e.kind, e.version, e.fields::text[], decode(e.image, 'hex'), "
    "$8, $9, $10, $11 "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], "
    "$7::text[]) WITH ORDINALITY AS e(region, type, id, kind, version, fields, image, n) ORDER BY "
    "e.n";

std::string ArrayText(const std::vector<std::string>& elements) {
  std::string out = "{";
  for (const auto& element : elements) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : element) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out += '}';
}

}  // namespace

const char kColumns[] =
    "region_code, resource_type, resource_id, kind, version, changed_fields, image, actor, "
    "request_id, trace_id, reason";

absl::Status Append(pg::Tx& tx, const Author& author, const std::vector<Entry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::vector<std::string> regions, types, ids, fields, images;
  std::vector<int64_t> kinds, versions;
  for (const auto& entry : entries) {
    regions.push_back(entry.region_code);
    types.push_back(entry.resource_type);
    ids.push_back(entry.resource_id);
    kinds.push_back(entry.kind);
    versions.push_back(entry.version);
    fields.push_back(ArrayText(entry.changed_fields));
    images.push_back(absl::BytesToHexString(entry.image));
  }
  return tx
      .Execute(kSqlAppend, regions, types, ids, kinds, versions, fields, images, author.subject,
               author.request_id, author.trace_id, author.reason)
      .status();
}

}  // namespace rsnms::journal
