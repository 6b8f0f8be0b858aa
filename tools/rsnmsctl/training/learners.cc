#include "tools/rsnmsctl/training/learners.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/programs/v1/programs.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tools/rsnmsctl/paging.h"

namespace rsnms::ctl {
namespace {

using diagnostics::v1::Route;
using programs::v1::Enrolment;
using programs::v1::Programme;

constexpr int kCompletedPercent = 70;
constexpr int kTaughtTeamsPercent = 60;

// Of the others by the hundred, in this order; who is left goes on learning.
struct Share {
  Fate fate;
  int percent;
};
constexpr Share kShares[] = {{Fate::kWithdraws, 8}, {Fate::kFails, 6}, {Fate::kDefers, 10}};

Fate FateOf(uint64_t seed, const std::string& name) {
  if (TakesPart(seed + 1, name, kCompletedPercent)) return Fate::kCompletes;
  int percent = 0;
  for (const Share& share : kShares) {
    percent += share.percent;
    if (TakesPart(seed + 3, name, percent)) return share.fate;
  }
  return Fate::kLearns;
}

// `key` names the learning: the same key is the same enrolment.
Learner MakeLearner(const Desk& desk, Enrolment enrolment, const std::string& key) {
  enrolment.set_name(absl::StrCat(desk.parent(), "/enrolments/", RequestIdFor("enrolment " + key)));
  auto& start = *enrolment.mutable_start_date();
  start.set_year(desk.options().year);
  start.set_month(4);
  start.set_day(10);
  const Fate fate = FateOf(desk.options().seed, enrolment.name());
  return {std::move(enrolment), fate};
}

}  // namespace

absl::StatusOr<Programmes> ReadProgrammes(Session& session, const std::string& parent) {
  programs::v1::ListProgrammesRequest list;
  list.set_parent(parent);
  Programmes programmes;
  const auto status =
      ForEachPage<programs::v1::ListProgrammesRequest, programs::v1::ListProgrammesResponse>(
          session, "rsnms.programs.v1.Programs/ListProgrammes", list, [&](const auto& page) {
            for (const Programme& programme : page.programmes()) {
              programmes[programme.name()] = programme;
            }
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  return programmes;
}

absl::StatusOr<std::vector<Learner>> AlongRoutes(const Desk& desk, const std::string& campaign) {
  diagnostics::v1::ListRoutesRequest list;
  list.set_parent(desk.parent());
  list.set_filter(
      absl::StrCat("campaign = \"", campaign, "\" AND (state = ACTIVE OR state = COMPLETED)"));
  std::vector<Learner> learners;
  const auto add = [&](const Route& route, const diagnostics::v1::RouteItem& item) {
    if (item.programme().empty()) return;
    Enrolment enrolment;
    enrolment.set_person(route.person());
    enrolment.set_organisation(route.organisation());
    enrolment.set_municipality(route.municipality());
    enrolment.set_category(static_cast<programs::v1::LearnerCategory>(route.category()));
    enrolment.set_programme(item.programme());
    enrolment.set_route(route.name());
    enrolment.set_route_item_id(absl::StrCat(item.number()));
    enrolment.set_basis(programs::v1::ENROLMENT_BASIS_DIAGNOSTICS);
    learners.push_back(
        MakeLearner(desk, std::move(enrolment), absl::StrCat(route.name(), " ", item.number())));
  };
  const auto status =
      ForEachPage<diagnostics::v1::ListRoutesRequest, diagnostics::v1::ListRoutesResponse>(
          desk.session(), "rsnms.diagnostics.v1.Diagnostics/ListRoutes", list,
          [&](const auto& page) {
            for (const Route& route : page.routes()) {
              for (const auto& item : route.items()) add(route, item);
            }
            return absl::OkStatus();
          });
  if (!status.ok()) return status;
  return learners;
}

std::string QualityProgramme(const Programmes& programmes) {
  std::string chosen;
  for (const auto& [name, programme] : programmes) {
    const auto& topics = programme.topic_codes();
    if (programme.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN ||
        std::find(topics.begin(), topics.end(), "education-quality-management") == topics.end()) {
      continue;
    }
    if (chosen.empty() || name < chosen) chosen = name;
  }
  return chosen;
}

absl::StatusOr<std::vector<TaughtTeam>> ChooseTeams(const Desk& desk) {
  registry::v1::ListManagementTeamsRequest list;
  list.set_parent(desk.parent());
  std::vector<TaughtTeam> teams;
  const auto status = ForEachPage<registry::v1::ListManagementTeamsRequest,
                                  registry::v1::ListManagementTeamsResponse>(
      desk.session(), "rsnms.registry.v1.Registry/ListManagementTeams", list,
      [&](const auto& page) {
        for (const auto& team : page.management_teams()) {
          if (!TakesPart(desk.options().seed + 2, team.name(), kTaughtTeamsPercent)) continue;
          teams.push_back({team.name(),
                           team.organisation(),
                           team.municipality(),
                           {team.members().begin(), team.members().end()}});
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return teams;
}

std::vector<Learner> MembersOf(const Desk& desk, const std::vector<TaughtTeam>& teams,
                               const std::string& programme) {
  std::vector<Learner> learners;
  if (programme.empty()) return learners;
  absl::flat_hash_set<std::string> seen;
  for (const TaughtTeam& team : teams) {
    for (const std::string& member : team.members) {
      if (!seen.insert(member).second) continue;
      Enrolment enrolment;
      enrolment.set_person(member);
      enrolment.set_organisation(team.organisation);
      enrolment.set_municipality(team.municipality);
      enrolment.set_category(programs::v1::LEARNER_CATEGORY_MANAGER);
      enrolment.set_programme(programme);
      enrolment.set_basis(programs::v1::ENROLMENT_BASIS_PLAN);
      learners.push_back(
          MakeLearner(desk, std::move(enrolment), absl::StrCat(member, " ", programme)));
    }
  }
  return learners;
}

}  // namespace rsnms::ctl
