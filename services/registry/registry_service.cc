#include "services/registry/registry_service.h"

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/employment_store.h"
#include "services/registry/known_rows.h"
#include "services/registry/known_tree.h"
#include "services/registry/link_store.h"
#include "services/registry/names.h"
#include "services/registry/organisation_store.h"

namespace rsnms::registry {
namespace {

constexpr char kContract[] = "rsnms.registry.v1.Registry";

std::string Method(const char* name) { return absl::StrCat(kContract, "/", name); }

}  // namespace

const google::protobuf::ServiceDescriptor* Contract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void RegistryService::Serve(rpc::Server& server) {
  server.Unary<v1::GetOrganisationTreeRequest, v1::OrganisationTree>(
      Method("GetOrganisationTree"), [this](auto& call, const auto& request, auto* response) {
        return GetOrganisationTree(call, request, response);
      });
  server.Unary<v1::MoveOrganisationRequest, v1::OrganisationLink>(
      Method("MoveOrganisation"), [this](auto& call, const auto& request, auto* response) {
        return MoveOrganisation(call, request, response);
      });
  server.Unary<v1::CountEducatorsRequest, v1::CountEducatorsResponse>(
      Method("CountEducators"), [this](auto& call, const auto& request, auto* response) {
        return CountEducators(call, request, response);
      });
}

absl::Status RegistryService::GetOrganisationTree(rpc::Call& call,
                                                  const v1::GetOrganisationTreeRequest& request,
                                                  v1::OrganisationTree* response) {
  if (!request.root().empty() &&
      !absl::StartsWith(request.root(), absl::StrCat(request.parent(), "/"))) {
    return rpc::InvalidField("root", options::v1::COMMON_REASON_INVALID_NAME,
                             "must lie in the parent");
  }
  if (!request.has_known_time()) {
    return engine_.pool().Run(call.ReadTx(),
                              [&](pg::Tx& tx) { return ReadTree(tx, request, response); });
  }
  if (auto s = DemandRegion(call, request.parent()); !s.ok()) return s;
  return engine_.pool().Run(KnownTx(call), [&](pg::Tx& tx) -> absl::Status {
    auto known = KnownOn(tx, engine_, request);
    return known.ok() ? BuildTree(*known, request, response) : known.status();
  });
}

absl::Status RegistryService::CountEducators(rpc::Call& call,
                                             const v1::CountEducatorsRequest& request,
                                             v1::CountEducatorsResponse* response) {
  return engine_.pool().Run(
      call.ReadTx(), [&](pg::Tx& tx) { return registry::CountEducators(tx, request, response); });
}

// Ends the link that holds on the day of the move; one that began on that very day never held and
// is deleted.
absl::Status RegistryService::CloseLink(pg::Tx& tx, const journal::Author& author,
                                        const v1::MoveOrganisationRequest& request) {
  const resource::Table<v1::OrganisationLink> links(engine_);
  auto current = links.Select(
      tx,
      "region_code = $1 AND child_id = $2::uuid AND hierarchy = $3 AND delete_time IS NULL "
      "AND valid_from_date <= $4::date AND coalesce(valid_until_date, 'infinity') >= $4::date",
      RegionOf(request.name()), IdOf(request.name()),
      v1::Hierarchy_Name(request.hierarchy()).substr(sizeof("HIERARCHY_") - 1),
      ToIso(request.valid_from_date()));
  if (!current.ok()) return current.status();
  if (current->empty()) return absl::OkStatus();
  const v1::OrganisationLink& before = current->front();
  if (before.parent() == request.parent()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_ALREADY_UNDER_PARENT,
                      "the body stands under this parent already");
  }
  const absl::CivilDay day = ToCivil(request.valid_from_date());
  if (ToCivil(before.valid_from_date()) == day) return links.Delete(tx, author, before);
  v1::OrganisationLink after = before;
  *after.mutable_valid_until_date() = ToDate(day - 1);
  return links.Update(tx, author, before, after);
}

absl::Status RegistryService::MoveOrganisation(rpc::Call& call,
                                               const v1::MoveOrganisationRequest& request,
                                               v1::OrganisationLink* response) {
  const journal::Author author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) -> absl::Status {
    auto body = resource::Table<v1::Organisation>(engine_).Get(tx, request.name());
    if (!body.ok()) return body.status();
    if (auto s = LockHierarchy(tx, RegionOf(request.name()), request.hierarchy()); !s.ok())
      return s;
    if (auto s = CloseLink(tx, author, request); !s.ok()) return s;
    v1::OrganisationLink link;
    link.set_name(absl::StrCat("regions/", RegionOf(request.name())));
    link.set_child(request.name());
    link.set_parent(request.parent());
    link.set_hierarchy(request.hierarchy());
    *link.mutable_valid_from_date() = request.valid_from_date();
    link.set_basis_document(request.basis_document());
    if (auto s = resource::Table<v1::OrganisationLink>(engine_).Insert(tx, author, link); !s.ok())
      return s;
    *response = link;
    return absl::OkStatus();
  });
}

}  // namespace rsnms::registry
