#include "services/registry/life/reorganisation.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/life/bodies.h"
#include "services/registry/life/dated_records.h"
#include "services/registry/life/holdings.h"
#include "services/registry/life/life_rules.h"
#include "services/registry/life/life_store.h"
#include "services/registry/life/sums.h"
#include "services/registry/names.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using Names = std::vector<std::string>;
using Bodies = std::map<std::string, v1::Organisation>;

constexpr char kReorganised[] = "Реорганизация организации";
constexpr char kDissolved[] = "Ликвидация организации";

template <class Repeated>
Names List(const Repeated& names) {
  return {names.begin(), names.end()};
}

Names NamesOf(const Ledger& ledger, const Records& records) {
  Names names;
  for (const auto& record : records) names.push_back(ledger.TypeOf(*record).NameOf(*record));
  return names;
}

// What every change begins with: who takes part, held and fit for it. Bodies of `existing` work
// before the day, those of `taking` on it.
absl::StatusOr<Bodies> Begin(Ledger& ledger, const std::string& region, const Names& existing,
                             const Names& taking, absl::CivilDay day) {
  Names all = existing;
  all.insert(all.end(), taking.begin(), taking.end());
  if (auto s = CheckDistinct(all); !s.ok()) return s;
  auto bodies = HoldBodies(ledger, region, all);
  if (!bodies.ok()) return bodies.status();
  for (const std::string& name : existing)
    if (auto s = MayChange(bodies->at(name), day, true); !s.ok()) return s;
  for (const std::string& name : taking)
    if (auto s = MayChange(bodies->at(name), day, false); !s.ok()) return s;
  if (auto s = HoldHierarchies(ledger, region); !s.ok()) return s;
  return bodies;
}

// Why records end, where they say so.
std::string GroundOf(const std::string& basis_document, const char* otherwise) {
  return basis_document.empty() ? otherwise : basis_document;
}

template <class Request>
v1::OrganisationChange Describe(const Request& request, const std::string& region,
                                v1::OrganisationChangeKind kind, const Names& sources,
                                const Names& targets) {
  v1::OrganisationChange change;
  change.set_name(absl::StrCat("regions/", region));
  change.set_kind(kind);
  change.set_state(v1::ORGANISATION_CHANGE_STATE_APPLIED);
  *change.mutable_change_date() = request.change_date();
  change.set_basis_document(request.basis_document());
  for (const auto& name : sources) change.add_sources(name);
  for (const auto& name : targets) change.add_targets(name);
  return change;
}

absl::StatusOr<v1::OrganisationChange> Record(Ledger& ledger, v1::OrganisationChange change) {
  for (const auto& effect : ledger.effects()) *change.add_effects() = effect;
  auto s = resource::Table<v1::OrganisationChange>(ledger.engine())
               .Insert(ledger.tx(), ledger.author(), change);
  if (!s.ok()) return s;
  return change;
}

absl::Status SuccessorMissing(const std::string& path) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                           "name the successor: `target` or `new_target`",
                           "укажите правопреемника");
}

// --- merging

// Teams of the sources end or go on at the target; each named one must be theirs.
absl::Status MergeTeams(Ledger& ledger, const Names& sources, const std::string& target,
                        const Names& disbanded, absl::CivilDay day) {
  Names present;
  std::vector<Records> all;
  for (const std::string& source : sources) {
    auto teams = LastingRecords(ledger, kTeams, source, day);
    if (!teams.ok()) return teams.status();
    for (const std::string& name : NamesOf(ledger, *teams)) present.push_back(name);
    all.push_back(*std::move(teams));
  }
  if (auto left = Apportion(present, {{"disbanded_teams", disbanded}}); !left.ok())
    return left.status();
  const absl::flat_hash_set<std::string> ends(disbanded.begin(), disbanded.end());
  for (Records& teams : all) {
    Records ending, going;
    for (auto& team : teams) {
      const bool end = ends.contains(ledger.TypeOf(*team).NameOf(*team));
      (end ? ending : going).push_back(std::move(team));
    }
    if (auto s = EndRecords(ledger, kTeams, std::move(ending), day); !s.ok()) return s;
    if (auto s = HandOver(ledger, kTeams, std::move(going), target, day); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status TakeOver(Ledger& ledger, const std::string& source, const std::string& target,
                      absl::CivilDay day) {
  for (const DatedKind* kind : {&kLinksBelow, &kEmployments, &kSupport}) {
    auto records = LastingRecords(ledger, *kind, source, day);
    if (!records.ok()) return records.status();
    if (auto s = HandOver(ledger, *kind, *std::move(records), target, day); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status MergeInto(Ledger& ledger, const Bodies& bodies,
                       const v1::MergeOrganisationsRequest& request, const std::string& target,
                       Holdings* ended) {
  const Names sources = List(request.sources());
  const absl::CivilDay day = ToCivil(request.change_date());
  // First all links of the sources upward end, so that a source below another is not handed over.
  for (const std::string& source : sources) {
    if (auto s = CloseBody(ledger, bodies.at(source), {target}, day); !s.ok()) return s;
  }
  for (const std::string& source : sources) {
    if (auto s = TakeOver(ledger, source, target, day); !s.ok()) return s;
  }
  auto s = MergeTeams(ledger, sources, target, List(request.disbanded_teams()), day);
  if (!s.ok()) return s;
  auto successor = resource::Table<v1::Organisation>(ledger.engine()).Get(ledger.tx(), target);
  if (!successor.ok()) return successor.status();
  const std::string ground = GroundOf(request.basis_document(), kReorganised);
  for (const std::string& source : sources) {
    auto held = HeldBy(ledger, source, day);
    if (!held.ok()) return held.status();
    s = Pass(ledger, *std::move(held), bodies.at(source), *successor, day, ground, ended);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

// --- splitting

// The successors in the order of the portions, new ones founded.
absl::StatusOr<Names> Successors(Ledger& ledger, const std::string& region,
                                 const v1::SplitOrganisationRequest& request, absl::CivilDay day) {
  Names targets;
  for (int i = 0; i < request.portions_size(); ++i) {
    const auto& portion = request.portions(i);
    const std::string path = absl::StrCat("portions[", i, "]");
    if (portion.has_target()) {
      targets.push_back(portion.target());
      continue;
    }
    if (!portion.has_new_target()) return SuccessorMissing(absl::StrCat(path, ".target"));
    auto made = FoundBody(ledger, region, portion.new_target(), request.name(), {}, day,
                          absl::StrCat(path, ".new_target"));
    if (!made.ok()) return made.status();
    targets.push_back(*made);
  }
  return targets;
}

Names Wanted(const DatedKind& kind, const v1::OrganisationPortion& portion) {
  if (&kind == &ApportionedKinds()[0]) return List(portion.organisation_links());
  if (&kind == &ApportionedKinds()[1]) return List(portion.employments());
  if (&kind == &ApportionedKinds()[2]) return List(portion.management_teams());
  return List(portion.support_records());
}

const char* PathOf(const DatedKind& kind) {
  if (&kind == &ApportionedKinds()[0]) return "organisation_links";
  if (&kind == &ApportionedKinds()[1]) return "employments";
  if (&kind == &ApportionedKinds()[2]) return "management_teams";
  return "support_records";
}

// Hands over what the portions name of one kind; adds the rest to `left`.
absl::Status ApportionKind(Ledger& ledger, const DatedKind& kind,
                           const v1::SplitOrganisationRequest& request, const Names& targets,
                           absl::CivilDay day, Names* left) {
  auto records = LastingRecords(ledger, kind, request.name(), day);
  if (!records.ok()) return records.status();
  std::vector<Portion> portions;
  std::map<std::string, size_t> place;
  for (int i = 0; i < request.portions_size(); ++i) {
    portions.push_back(
        {absl::StrCat("portions[", i, "].", PathOf(kind)), Wanted(kind, request.portions(i))});
    for (const std::string& name : portions.back().names) place[name] = i;
  }
  auto rest = Apportion(NamesOf(ledger, *records), portions);
  if (!rest.ok()) return rest.status();
  left->insert(left->end(), rest->begin(), rest->end());
  std::vector<Records> parts(targets.size());
  for (auto& record : *records) {
    const auto at = place.find(ledger.TypeOf(*record).NameOf(*record));
    if (at != place.end()) parts[at->second].push_back(std::move(record));
  }
  for (size_t i = 0; i < parts.size(); ++i) {
    if (auto s = HandOver(ledger, kind, std::move(parts[i]), targets[i], day); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// The same for everything else the source holds.
absl::Status ApportionHeld(Ledger& ledger, const v1::Organisation& source,
                           const v1::SplitOrganisationRequest& request, const Names& targets,
                           Names* left, Holdings* ended) {
  const absl::CivilDay day = ToCivil(request.change_date());
  auto held = HeldBy(ledger, source.name(), day);
  if (!held.ok()) return held.status();
  std::vector<Portion> portions;
  std::map<std::string, size_t> place;
  for (int i = 0; i < request.portions_size(); ++i) {
    portions.push_back(
        {absl::StrCat("portions[", i, "].records"), List(request.portions(i).records())});
    for (const std::string& name : portions.back().names) place[name] = i;
  }
  auto rest = Apportion(NamesOf(ledger, *held), portions);
  if (!rest.ok()) return rest.status();
  left->insert(left->end(), rest->begin(), rest->end());
  std::vector<std::vector<Held>> parts(targets.size());
  for (auto& one : *held) {
    const auto at = place.find(ledger.TypeOf(*one.record).NameOf(*one.record));
    if (at != place.end()) parts[at->second].push_back(std::move(one));
  }
  const std::string ground = GroundOf(request.basis_document(), kReorganised);
  for (size_t i = 0; i < parts.size(); ++i) {
    auto to = resource::Table<v1::Organisation>(ledger.engine()).Get(ledger.tx(), targets[i]);
    if (!to.ok()) return to.status();
    if (auto s = Pass(ledger, std::move(parts[i]), source, *to, day, ground, ended); !s.ok())
      return s;
  }
  return absl::OkStatus();
}

// Hands over everything the portions name, and closes the source unless it remains.
absl::Status Divide(Ledger& ledger, const v1::Organisation& source,
                    const v1::SplitOrganisationRequest& request, const Names& targets,
                    Holdings* ended) {
  const absl::CivilDay day = ToCivil(request.change_date());
  Names left;
  for (const DatedKind& kind : ApportionedKinds()) {
    if (auto s = ApportionKind(ledger, kind, request, targets, day, &left); !s.ok()) return s;
  }
  if (auto s = ApportionHeld(ledger, source, request, targets, &left, ended); !s.ok()) return s;
  if (request.source_remains()) return absl::OkStatus();
  if (auto s = NothingLeft(left); !s.ok()) return s;
  return CloseBody(ledger, source, targets, day);
}

}  // namespace

absl::StatusOr<v1::OrganisationChange> Merge(Ledger& ledger,
                                             const v1::MergeOrganisationsRequest& request) {
  const std::string region = RegionOf(request.parent());
  const absl::CivilDay day = ToCivil(request.change_date());
  const Names sources = List(request.sources()), disbanded = List(request.disbanded_teams());
  if (!request.has_target() && !request.has_new_target()) return SuccessorMissing("target");
  const Names taking = request.has_target() ? Names{request.target()} : Names{};
  auto bodies = Begin(ledger, region, sources, taking, day);
  if (!bodies.ok()) return bodies.status();
  Names all = sources;
  all.insert(all.end(), taking.begin(), taking.end());
  auto before = Measure(ledger, region, all, disbanded, day);
  if (!before.ok()) return before.status();
  std::string target = request.target();
  if (taking.empty()) {
    auto made = FoundBody(ledger, region, request.new_target(), sources.front(), sources, day,
                          "new_target");
    if (!made.ok()) return made.status();
    target = *made;
    all.push_back(target);
  }
  Holdings ended;
  if (auto s = MergeInto(ledger, *bodies, request, target, &ended); !s.ok()) return s;
  auto change = Describe(request, region, v1::ORGANISATION_CHANGE_KIND_MERGE, sources, {target});
  auto s = CheckSums(ledger, region, *before, all, disbanded, ended, day, change.mutable_sums());
  if (!s.ok()) return s;
  return Record(ledger, std::move(change));
}

absl::StatusOr<v1::OrganisationChange> Split(Ledger& ledger,
                                             const v1::SplitOrganisationRequest& request) {
  const std::string region = RegionOf(request.name());
  const absl::CivilDay day = ToCivil(request.change_date());
  Names taking;
  for (const auto& portion : request.portions())
    if (portion.has_target()) taking.push_back(portion.target());
  auto bodies = Begin(ledger, region, {request.name()}, taking, day);
  if (!bodies.ok()) return bodies.status();
  Names all = taking;
  all.push_back(request.name());
  auto before = Measure(ledger, region, all, {}, day);
  if (!before.ok()) return before.status();
  auto targets = Successors(ledger, region, request, day);
  if (!targets.ok()) return targets.status();
  Holdings ended;
  auto divided = Divide(ledger, bodies->at(request.name()), request, *targets, &ended);
  if (!divided.ok()) return divided;
  all.insert(all.end(), targets->begin(), targets->end());
  auto change =
      Describe(request, region, v1::ORGANISATION_CHANGE_KIND_SPLIT, {request.name()}, *targets);
  auto s = CheckSums(ledger, region, *before, all, {}, ended, day, change.mutable_sums());
  if (!s.ok()) return s;
  return Record(ledger, std::move(change));
}

absl::StatusOr<v1::OrganisationChange> Rename(Ledger& ledger,
                                              const v1::RenameOrganisationRequest& request) {
  const std::string region = RegionOf(request.name());
  const absl::CivilDay day = ToCivil(request.change_date());
  auto bodies = HoldBodies(ledger, region, {request.name()});
  if (!bodies.ok()) return bodies.status();
  const v1::Organisation& body = bodies->at(request.name());
  if (auto s = MayChange(body, day, true); !s.ok()) return s;
  auto earlier = FormerNames(ledger.tx(), ledger.engine(), request.name());
  if (!earlier.ok()) return earlier.status();
  auto former = FormerName(body, *earlier, request.official_name(), request.short_name(), day);
  if (!former.ok()) return former.status();
  former->set_name(absl::StrCat("regions/", region));
  if (auto s = ledger.Insert(&*former); !s.ok()) return s;
  v1::Organisation renamed = body;
  renamed.set_official_name(request.official_name());
  renamed.set_short_name(request.short_name());
  if (auto s = ledger.Update(body, &renamed); !s.ok()) return s;
  return Record(ledger, Describe(request, region, v1::ORGANISATION_CHANGE_KIND_RENAME,
                                 {request.name()}, {request.name()}));
}

absl::StatusOr<v1::OrganisationChange> Close(Ledger& ledger,
                                             const v1::CloseOrganisationRequest& request) {
  const std::string region = RegionOf(request.name());
  const absl::CivilDay day = ToCivil(request.change_date());
  auto bodies = Begin(ledger, region, {request.name()}, {}, day);
  if (!bodies.ok()) return bodies.status();
  Names left;
  for (const DatedKind& kind : ApportionedKinds()) {
    auto records = LastingRecords(ledger, kind, request.name(), day);
    if (!records.ok()) return records.status();
    for (const std::string& name : NamesOf(ledger, *records)) left.push_back(name);
  }
  auto held = HeldBy(ledger, request.name(), day);
  if (!held.ok()) return held.status();
  auto holding =
      EndHeld(ledger, *std::move(held), day, GroundOf(request.basis_document(), kDissolved));
  if (!holding.ok()) return holding.status();
  left.insert(left.end(), holding->begin(), holding->end());
  if (auto s = NothingLeft(left); !s.ok()) return s;
  if (auto s = CloseBody(ledger, bodies->at(request.name()), {}, day); !s.ok()) return s;
  return Record(
      ledger, Describe(request, region, v1::ORGANISATION_CHANGE_KIND_CLOSE, {request.name()}, {}));
}

}  // namespace rsnms::registry
