#include "services/registry/known_rows.h"

#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

absl::Status DemandRegion(const rpc::Call& call, const std::string& name) {
  if (call.identity().CoversRegion(RegionOf(name))) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied,
                    options::v1::COMMON_REASON_PERMISSION_DENIED,
                    "needs the whole region in the caller's scope");
}

absl::Time ToTime(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

absl::Status ExplainHistory(absl::Status status) {
  if (!absl::IsOutOfRange(status)) return status;
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_HISTORY_PRUNED,
                    "the journal no longer holds this time");
}

pg::TxOptions KnownTx(const rpc::Call& call) {
  auto options = call.ReadTx();
  options.isolation = pg::Isolation::kRepeatableRead;
  return options;
}

bool Covers(const google::type::Date* first, const google::type::Date* last, absl::CivilDay day) {
  return (first == nullptr || ToCivil(*first) <= day) && (last == nullptr || ToCivil(*last) >= day);
}

absl::Status ReadKnown(pg::Tx& tx, const resource::Engine& engine, const std::string& name,
                       const google::protobuf::Timestamp& known, google::protobuf::Message* out) {
  const resource::Type& type = engine.TypeOf(out->GetDescriptor());
  auto revision = resource::RevisionAt(tx, engine, type, name, ToTime(known));
  if (!revision.ok()) return ExplainHistory(revision.status());
  if (revision->kind() == feed::v1::CHANGE_KIND_DELETED)
    return rpc::NotFound(type.resource_type(), name);
  if (!revision->image().UnpackTo(out))
    return absl::InternalError("a journal image cannot be read");
  return absl::OkStatus();
}

}  // namespace rsnms::registry
