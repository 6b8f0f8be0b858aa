#include "services/registry/structure/district_card.h"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/resource/text.h"
#include "rsnms/registry/v1/district_resource.pb.h"
#include "services/registry/known_rows.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Table;

// The same as HoldingOn below, of what was known.
template <class R>
absl::StatusOr<std::vector<R>> KnownHoldingOn(
    const resource::Engine& engine, pg::Tx& tx, const v1::GetDistrictCardRequest& request,
    const std::function<const std::string&(const R&)>& order) {
  auto rows = KnownRows<R>(tx, engine, RegionOf(request.name()), request.known_time(),
                           {"district", request.name()});
  if (!rows.ok()) return rows.status();
  std::erase_if(*rows, [&](const R& row) {
    return !Covers(&row.valid_from_date(),
                   row.has_valid_until_date() ? &row.valid_until_date() : nullptr,
                   ToCivil(request.as_of_date()));
  });
  std::sort(rows->begin(), rows->end(), [&](const R& a, const R& b) {
    return std::pair(order(a), a.name()) < std::pair(order(b), b.name());
  });
  return rows;
}

// Rows of a district that hold on a date, by `order`, which is the column of `field`.
template <class R>
absl::StatusOr<std::vector<R>> HoldingOn(const resource::Engine& engine, pg::Tx& tx,
                                         const v1::GetDistrictCardRequest& request,
                                         std::string_view order,
                                         const std::function<const std::string&(const R&)>& field) {
  if (request.has_known_time()) return KnownHoldingOn<R>(engine, tx, request, field);
  return Table<R>(engine).Select(
      tx,
      absl::StrCat("region_code = $1 AND district_id = $2::uuid AND delete_time IS NULL "
                   "AND valid_from_date <= $3::date "
                   "AND coalesce(valid_until_date, 'infinity') >= $3::date ORDER BY ",
                   resource::ToAbsl(order), ", id"),
      RegionOf(request.name()), IdOf(request.name()), ToIso(request.as_of_date()));
}

}  // namespace

absl::Status FillCard(const resource::Engine& engine, pg::Tx& tx,
                      const v1::GetDistrictCardRequest& request, v1::DistrictCard* card) {
  card->Clear();  // the transaction may run again
  if (request.has_known_time()) {
    auto s = ReadKnown(tx, engine, request.name(), request.known_time(), card->mutable_district());
    if (!s.ok()) return s;
  } else {
    auto district = Table<v1::District>(engine).Get(tx, request.name());
    if (!district.ok()) return district.status();
    *card->mutable_district() = *std::move(district);
  }
  auto members = HoldingOn<v1::DistrictMember>(
      engine, tx, request, "municipality_id",
      [](const auto& m) -> auto& { return m.municipality(); });
  if (!members.ok()) return members.status();
  card->mutable_members()->Add(members->begin(), members->end());
  auto officers = HoldingOn<v1::DistrictOfficer>(
      engine, tx, request, "municipality_id",
      [](const auto& o) -> auto& { return o.municipality(); });
  if (!officers.ok()) return officers.status();
  for (const auto& officer : *officers) {
    if (officer.role() == v1::DISTRICT_ROLE_HEAD) *card->mutable_head() = officer;
    if (officer.role() == v1::DISTRICT_ROLE_COUNCIL_MEMBER) *card->add_council() = officer;
    if (officer.role() == v1::DISTRICT_ROLE_CURATOR) *card->add_curators() = officer;
  }
  auto resources = HoldingOn<v1::DistrictResource>(
      engine, tx, request, "title", [](const auto& r) -> auto& { return r.title(); });
  if (!resources.ok()) return resources.status();
  card->mutable_resources()->Add(resources->begin(), resources->end());
  return absl::OkStatus();
}

}  // namespace rsnms::registry
