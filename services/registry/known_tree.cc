#include "services/registry/known_tree.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "rsnms/registry/v1/organisation_former_name.pb.h"
#include "services/registry/known_rows.h"
#include "services/registry/names.h"

namespace rsnms::registry {
absl::StatusOr<KnownBodies> KnownOn(pg::Tx& tx, const resource::Engine& engine,
                                    const v1::GetOrganisationTreeRequest& request) {
  const std::string region = RegionOf(request.parent());
  const absl::CivilDay day = ToCivil(request.as_of_date());
  KnownBodies known;
  absl::flat_hash_map<std::string, std::string> names;  // of the date, where they differ
  if (engine.FindType("registry.rsnms/OrganisationFormerName") != nullptr) {
    auto former = KnownRows<v1::OrganisationFormerName>(tx, engine, region, request.known_time());
    if (!former.ok()) return former.status();
    for (const auto& borne : *former) {
      const auto* first = borne.has_valid_from_date() ? &borne.valid_from_date() : nullptr;
      if (Covers(first, &borne.valid_until_date(), day))
        names[borne.organisation()] = borne.official_name();
    }
  }
  auto bodies = KnownRows<v1::Organisation>(tx, engine, region, request.known_time());
  if (!bodies.ok()) return bodies.status();
  for (const auto& body : *bodies) {
    if (!Covers(nullptr, body.has_closed_date() ? &body.closed_date() : nullptr, day)) continue;
    const auto name = names.find(body.name());
    known.ids.push_back(IdOf(body.name()));
    known.names.push_back(name == names.end() ? body.official_name() : name->second);
    known.kinds.push_back(
        v1::OrganisationKind_Name(body.kind()).substr(sizeof("ORGANISATION_KIND_") - 1));
  }
  auto links = KnownRows<v1::OrganisationLink>(tx, engine, region, request.known_time());
  if (!links.ok()) return links.status();
  for (const auto& link : *links) {
    const auto* last = link.has_valid_until_date() ? &link.valid_until_date() : nullptr;
    if (link.hierarchy() != request.hierarchy() || !Covers(&link.valid_from_date(), last, day))
      continue;
    known.children.push_back(IdOf(link.child()));
    known.parents.push_back(IdOf(link.parent()));
  }
  return known;
}

}  // namespace rsnms::registry
