#include "services/registry/known_tree.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/history.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/organisation_former_name.pb.h"
#include "services/registry/names.h"

namespace rsnms::registry {
namespace {

template <class R>
absl::Status Each(pg::Tx& tx, const resource::Engine& engine, const std::string& region,
                  absl::Time time, const std::function<void(const R&)>& take) {
  return ExplainHistory(
      resource::RowsKnownAt(tx, engine.TypeOf(R::descriptor()), region, time,
                            [&](const auto& row) { take(static_cast<const R&>(row)); }));
}

bool Covers(const google::type::Date* first, const google::type::Date* last, absl::CivilDay day) {
  return (first == nullptr || ToCivil(*first) <= day) && (last == nullptr || ToCivil(*last) >= day);
}

}  // namespace

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

absl::StatusOr<KnownBodies> KnownOn(pg::Tx& tx, const resource::Engine& engine,
                                    const v1::GetOrganisationTreeRequest& request) {
  const std::string region = RegionOf(request.parent());
  const absl::Time time = ToTime(request.known_time());
  const absl::CivilDay day = ToCivil(request.as_of_date());
  KnownBodies known;
  absl::flat_hash_map<std::string, std::string> names;  // of the date, where they differ
  if (engine.FindType("registry.rsnms/OrganisationFormerName") != nullptr) {
    auto s = Each<v1::OrganisationFormerName>(tx, engine, region, time, [&](const auto& former) {
      const auto* first = former.has_valid_from_date() ? &former.valid_from_date() : nullptr;
      if (Covers(first, &former.valid_until_date(), day))
        names[former.organisation()] = former.official_name();
    });
    if (!s.ok()) return s;
  }
  auto s = Each<v1::Organisation>(tx, engine, region, time, [&](const auto& body) {
    if (!Covers(nullptr, body.has_closed_date() ? &body.closed_date() : nullptr, day)) return;
    const auto name = names.find(body.name());
    known.ids.push_back(IdOf(body.name()));
    known.names.push_back(name == names.end() ? body.official_name() : name->second);
    known.kinds.push_back(
        v1::OrganisationKind_Name(body.kind()).substr(sizeof("ORGANISATION_KIND_") - 1));
  });
  if (!s.ok()) return s;
  s = Each<v1::OrganisationLink>(tx, engine, region, time, [&](const auto& link) {
    const auto* last = link.has_valid_until_date() ? &link.valid_until_date() : nullptr;
    if (link.hierarchy() != request.hierarchy() || !Covers(&link.valid_from_date(), last, day))
      return;
    known.children.push_back(IdOf(link.child()));
    known.parents.push_back(IdOf(link.parent()));
  });
  if (!s.ok()) return s;
  return known;
}

}  // namespace rsnms::registry
