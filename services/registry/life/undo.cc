#include "services/registry/life/undo.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/history.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/organisation_former_name.pb.h"
#include "services/registry/known_rows.h"
#include "services/registry/life/bodies.h"
#include "services/registry/life/holdings.h"
#include "services/registry/life/life_rules.h"
#include "services/registry/life/life_store.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using Names = std::vector<std::string>;

// One record of the change, as it was before, as the change left it and as it stands.
struct Step {
  const v1::OrganisationEffect* effect = nullptr;
  std::unique_ptr<Message> before, after, now;
};
using Steps = std::map<const resource::Type*, std::vector<Step>>;

absl::StatusOr<Steps> StepsOf(const Ledger& ledger, const v1::OrganisationChange& change) {
  Steps steps;
  for (const auto& effect : change.effects()) {
    const resource::Type* type = resource::TypeOfName(ledger.engine(), effect.resource());
    if (type == nullptr) return absl::InternalError("a change names an unknown resource");
    steps[type].push_back({.effect = &effect, .before = nullptr, .after = nullptr, .now = nullptr});
  }
  return steps;
}

// Locks the records and reads them as they stand.
absl::Status ReadNow(const Ledger& ledger, const std::string& region, const resource::Type& type,
                     std::vector<Step>* steps) {
  absl::flat_hash_map<std::string, Step*> by_name;
  Names ids;
  for (Step& step : *steps) {
    by_name[step.effect->resource()] = &step;
    ids.push_back(IdOf(step.effect->resource()));
  }
  Records rows;
  auto s =
      resource::RowsOf(ledger.engine(), type.descriptor())
          .Select(ledger.tx(), "region_code = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE",
                  pg::Params::Of(region, ids), [&] { return rows.emplace_back(type.New()).get(); });
  if (!s.ok()) return s;
  for (auto& row : rows) by_name[type.NameOf(*row)]->now = std::move(row);
  return absl::OkStatus();
}

// Reads what the records were from the journal.
absl::Status ReadImages(const Ledger& ledger, const std::string& region, const resource::Type& type,
                        std::vector<Step>* steps) {
  std::vector<resource::RowVersion> wanted;
  std::vector<std::unique_ptr<Message>*> places;
  for (Step& step : *steps) {
    const std::string id = IdOf(step.effect->resource());
    if (step.effect->kind() != v1::ORGANISATION_EFFECT_KIND_CREATED) {
      wanted.push_back({id, step.effect->version_before()});
      places.push_back(&step.before);
    }
    if (step.effect->kind() == v1::ORGANISATION_EFFECT_KIND_DELETED) continue;
    wanted.push_back({id, step.effect->version_after()});
    places.push_back(&step.after);
  }
  return ExplainHistory(resource::ReadVersions(
      ledger.tx(), type, region, wanted, [&](size_t place, const Message& image) {
        *places[place] = std::unique_ptr<Message>(image.New());
        (*places[place])->CopyFrom(image);
      }));
}

// The record is as the change left it, where the change touched it.
bool StandsAsLeft(const resource::Type& type, const Step& step) {
  if (step.now == nullptr) return false;
  const bool deleted = step.effect->kind() == v1::ORGANISATION_EFFECT_KIND_DELETED;
  if (type.IsDeleted(*step.now) != deleted) return false;
  if (deleted) return true;
  for (const auto& column : type.columns()) {
    const bool written =
        step.before == nullptr || !resource::FieldsEqual(column, *step.before, *step.after);
    if (written && !resource::FieldsEqual(column, *step.after, *step.now)) return false;
  }
  return true;
}

absl::Status HasDependents(Ledger& ledger, const v1::OrganisationChange& change,
                           const Names& touched, const Names& referrers) {
  auto named = ChangesOf(ledger.tx(), change.name(), touched);
  if (!named.ok()) return named.status();
  for (const auto* more : {&touched, &referrers})
    named->insert(named->end(), more->begin(), more->end());
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::REGISTRY_REASON_CHANGE_HAS_DEPENDENTS,
                    absl::StrCat("later changes rest on it: ", Some(*named)))
      .With("dependents", Some(*named))
      .Russian(absl::StrCat("На это изменение опираются более поздние: ", Some(*named), "."));
}

// Bodies go last: what refers to them has gone by then.
absl::Status DeleteCreated(Ledger& ledger, const Steps& steps, bool bodies) {
  for (const auto& [type, all] : steps) {
    if ((type->descriptor() == v1::Organisation::descriptor()) != bodies) continue;
    for (const Step& step : all) {
      if (step.effect->kind() != v1::ORGANISATION_EFFECT_KIND_CREATED) continue;
      if (auto s = ledger.Delete(*step.now); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

// Bodies first: others refer to them. Holdings last: some want the posts in their place.
enum class Turn { kBodies, kDated, kHoldings };

Turn TurnOf(const resource::Type& type) {
  if (type.descriptor() == v1::Organisation::descriptor()) return Turn::kBodies;
  return IsHolding(type.resource_type()) ? Turn::kHoldings : Turn::kDated;
}

// The record as it stands, with what the change wrote as it was before.
std::unique_ptr<Message> Restored(const resource::Type& type, const Step& step) {
  auto row = type.New();
  row->CopyFrom(*step.now);
  for (const auto& column : type.columns()) {
    const bool touched =
        step.after == nullptr || !resource::FieldsEqual(column, *step.before, *step.after);
    if (touched) resource::CopyField(column.field, *step.before, row.get());
  }
  return row;
}

absl::Status Restore(Ledger& ledger, const Steps& steps, Turn turn) {
  for (const auto& [type, all] : steps) {
    if (TurnOf(*type) != turn) continue;
    Records restored;
    for (const Step& step : all) {
      if (step.effect->kind() == v1::ORGANISATION_EFFECT_KIND_CREATED) continue;
      restored.push_back(Restored(*type, step));
      if (turn != Turn::kHoldings || step.effect->kind() != v1::ORGANISATION_EFFECT_KIND_UPDATED)
        continue;
      // Written past the rules, restored past them.
      if (auto s = ledger.Rewrite(*step.now, restored.back().get()); !s.ok()) return s;
      restored.pop_back();
    }
    if (auto s = ledger.Merge(restored); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// What refers to a body the change founded, once everything of the change itself is gone.
absl::StatusOr<Names> ReferrersOfFounded(Ledger& ledger, const Steps& steps) {
  Names names;
  for (const auto& [type, all] : steps) {
    if (type->descriptor() != v1::Organisation::descriptor()) continue;
    for (const Step& step : all) {
      if (step.effect->kind() != v1::ORGANISATION_EFFECT_KIND_CREATED) continue;
      auto referrers = Referrers(ledger.tx(), ledger.engine(), step.effect->resource());
      if (!referrers.ok()) return referrers.status();
      names.insert(names.end(), referrers->begin(), referrers->end());
    }
  }
  return names;
}

absl::Status Revert(Ledger& ledger, const v1::OrganisationChange& change, const Steps& steps) {
  if (auto s = DeleteCreated(ledger, steps, false); !s.ok()) return s;
  for (const Turn turn : {Turn::kBodies, Turn::kDated, Turn::kHoldings}) {
    if (auto s = Restore(ledger, steps, turn); !s.ok()) return s;
  }
  auto referrers = ReferrersOfFounded(ledger, steps);
  if (!referrers.ok()) return referrers.status();
  if (!referrers->empty()) return HasDependents(ledger, change, {}, *referrers);
  return DeleteCreated(ledger, steps, true);
}

// Posts, people and support stay what they were; teams the change disbanded come back.
absl::Status CheckSums(const std::vector<v1::OrganisationSums>& before,
                       const std::vector<v1::OrganisationSums>& after) {
  for (size_t i = 0; i < before.size(); ++i) {
    const auto &a = before[i], &b = after[i];
    if (a.employments() == b.employments() && a.pedagogues() == b.pedagogues() &&
        a.managers() == b.managers() && a.support_records() == b.support_records() &&
        a.management_teams() <= b.management_teams())
      continue;
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SUMS_DIFFER,
                      "the sums before and after the undoing differ")
        .With("before", a.ShortDebugString())
        .With("after", b.ShortDebugString());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OrganisationChange> Hold(Ledger& ledger, const std::string& name) {
  const std::string region = RegionOf(name);
  auto change = resource::Table<v1::OrganisationChange>(ledger.engine())
                    .Get(ledger.tx(), name, resource::Lock::kUpdate);
  if (!change.ok()) return change.status();
  if (change->state() != v1::ORGANISATION_CHANGE_STATE_APPLIED) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      options::v1::COMMON_REASON_INVALID_STATE, "the change is undone already")
        .ToStatus();
  }
  Names bodies(change->sources().begin(), change->sources().end());
  bodies.insert(bodies.end(), change->targets().begin(), change->targets().end());
  if (auto held = HoldBodies(ledger, region, bodies); !held.ok()) return held.status();
  if (auto s = HoldHierarchies(ledger, region); !s.ok()) return s;
  return change;
}

}  // namespace

absl::StatusOr<v1::OrganisationChange> Undo(Ledger& ledger,
                                            const v1::UndoOrganisationChangeRequest& request) {
  const std::string region = RegionOf(request.name());
  auto change = Hold(ledger, request.name());
  if (!change.ok()) return change.status();
  auto steps = StepsOf(ledger, *change);
  if (!steps.ok()) return steps.status();
  Names touched;
  for (auto& [type, all] : *steps) {
    if (auto s = ReadNow(ledger, region, *type, &all); !s.ok()) return s;
    if (auto s = ReadImages(ledger, region, *type, &all); !s.ok()) return s;
    for (const Step& step : all)
      if (!StandsAsLeft(*type, step)) touched.push_back(step.effect->resource());
  }
  if (!touched.empty()) return HasDependents(ledger, *change, touched, {});
  Names bodies(change->sources().begin(), change->sources().end());
  bodies.insert(bodies.end(), change->targets().begin(), change->targets().end());
  const absl::CivilDay day = ToCivil(change->change_date());
  auto before = SumUp(ledger.tx(), region, bodies, {}, day);
  if (!before.ok()) return before.status();
  if (auto s = Revert(ledger, *change, *steps); !s.ok()) return s;
  auto after = SumUp(ledger.tx(), region, bodies, {}, day);
  if (!after.ok()) return after.status();
  if (auto s = CheckSums(*before, *after); !s.ok()) return s;
  v1::OrganisationChange undone = *change;
  undone.set_state(v1::ORGANISATION_CHANGE_STATE_UNDONE);
  auto s = resource::Table<v1::OrganisationChange>(ledger.engine())
               .Update(ledger.tx(), ledger.author(), *change, undone);
  if (!s.ok()) return s;
  return undone;
}

}  // namespace rsnms::registry
