#include "libs/resource/access_log.h"

namespace rsnms::resource {
namespace {

constexpr char kSqlAppend[] =
    "INSERT INTO access_log (actor, method, trace_id, region_code, resource_id, resource_type) "
    "SELECT *, $6::text FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])";
constexpr char kSqlPrune[] =
    "SELECT access_log_prune(make_interval(secs => $1::bigint), $2::integer)";

}  // namespace

void AccessLog::Add(const rpc::Call& call, std::string_view region, std::string_view id) {
  if (!type_.personal()) return;
  actors_.push_back(call.identity().subject);
  methods_.push_back(call.method().full_name());
  traces_.push_back(call.trace().trace_id);
  regions_.emplace_back(region);
  ids_.emplace_back(id);
}

absl::Status AccessLog::Write(pg::Tx& tx) const {
  if (ids_.empty()) return absl::OkStatus();
  return tx.Defer(kSqlAppend, pg::Params::Of(actors_, methods_, traces_, regions_, ids_,
                                             type_.resource_type()));
}

absl::Status RecordReads(pg::Tx& tx, const rpc::Call& call, const Type& type,
                         const std::vector<std::string>& names) {
  AccessLog log(type);
  for (const auto& name : names) {
    if (const auto parts = ParseName(type.pattern(), name)) log.Add(call, parts->region, parts->id);
  }
  return log.Write(tx);
}

absl::StatusOr<int64_t> PruneAccessLog(pg::Tx& tx, absl::Duration kept, int batch) {
  auto rows = tx.Query(kSqlPrune, absl::ToInt64Seconds(kept), batch);
  if (!rows.ok()) return rows.status();
  return (*rows)[0][0].as<int64_t>();
}

}  // namespace rsnms::resource
