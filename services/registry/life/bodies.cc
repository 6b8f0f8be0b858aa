#include "services/registry/life/bodies.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/organisation_link.pb.h"
#include "services/registry/life/dated_records.h"
#include "services/registry/link_store.h"
#include "services/registry/names.h"
#include "services/registry/organisation_store.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {

absl::StatusOr<std::map<std::string, v1::Organisation>> HoldBodies(
    Ledger& ledger, const std::string& region, const std::vector<std::string>& names) {
  const resource::Table<v1::Organisation> bodies(ledger.engine());
  std::map<std::string, v1::Organisation> held;
  // In one order, whoever comes: no two changes wait for each other.
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    if (RegionOf(name) != region) {
      return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_PARENT,
                               "all bodies of a change lie in one region");
    }
    auto body = bodies.Get(ledger.tx(), name, resource::Lock::kUpdate);
    if (!body.ok()) return body.status();
    held.emplace(name, *std::move(body));
  }
  return held;
}

absl::Status HoldHierarchies(Ledger& ledger, const std::string& region) {
  for (const auto hierarchy :
       {v1::HIERARCHY_ADMINISTRATIVE, v1::HIERARCHY_METHODOLOGICAL, v1::HIERARCHY_THEMATIC}) {
    if (auto s = LockHierarchy(ledger.tx(), region, hierarchy); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> FoundBody(Ledger& ledger, const std::string& region,
                                      v1::Organisation body, const std::string& model,
                                      const std::vector<std::string>& ending, absl::CivilDay day,
                                      const std::string& path) {
  body.set_name(absl::StrCat("regions/", region));
  body.clear_etag();
  body.clear_successors();
  body.clear_closed_date();
  if (!body.has_founded_date()) *body.mutable_founded_date() = ToDate(day);
  if (auto s = ledger.Insert(&body); !s.ok()) return rpc::UnderField(s, path);
  auto above = LastingRecords(ledger, kLinksAbove, model, day);
  if (!above.ok()) return above.status();
  for (const auto& record : *above) {
    const auto& link = static_cast<const v1::OrganisationLink&>(*record);
    if (std::find(ending.begin(), ending.end(), link.parent()) != ending.end()) continue;
    const absl::CivilDay start = std::max(day, ToCivil(link.valid_from_date()));
    auto parent = FindOrganisations(ledger.tx(), {link.parent()});
    if (!parent.ok()) return parent.status();
    // A body above that is closed by then is none.
    if (!MayBegin(&(*parent)[link.parent()], ToDate(start), "").ok()) continue;
    v1::OrganisationLink own;
    own.set_name(absl::StrCat("regions/", region));
    own.set_child(body.name());
    own.set_parent(link.parent());
    own.set_hierarchy(link.hierarchy());
    own.set_basis_document(link.basis_document());
    *own.mutable_valid_from_date() = ToDate(start);
    if (link.has_valid_until_date()) *own.mutable_valid_until_date() = link.valid_until_date();
    if (auto s = ledger.Insert(&own); !s.ok()) return s;
  }
  return body.name();
}

absl::Status CloseBody(Ledger& ledger, const v1::Organisation& body,
                       const std::vector<std::string>& successors, absl::CivilDay day) {
  auto above = LastingRecords(ledger, kLinksAbove, body.name(), day);
  if (!above.ok()) return above.status();
  if (auto s = EndRecords(ledger, kLinksAbove, *std::move(above), day); !s.ok()) return s;
  v1::Organisation closed = body;
  *closed.mutable_closed_date() = ToDate(day - 1);
  for (const std::string& successor : successors) closed.add_successors(successor);
  return ledger.Update(body, &closed);
}

}  // namespace rsnms::registry
