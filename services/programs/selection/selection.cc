#include "services/programs/selection/selection.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "services/programs/catalogue/programme_rules.h"

namespace rsnms::programs {
namespace {

constexpr int kDefaultLimit = 10;
constexpr int kGreatestLimit = 100;
constexpr int kMostGroups = 3;

struct Deficit {
  std::string competency;
  double weight;
};

// In the request's order, each once, with its greatest weight.
std::vector<Deficit> Distinct(const v1::ProgrammeSelection& selection) {
  std::vector<Deficit> deficits;
  absl::flat_hash_map<std::string, size_t> at;
  const auto add = [&](const std::string& competency, double weight) {
    auto [it, fresh] = at.try_emplace(competency, deficits.size());
    if (fresh) {
      deficits.push_back({competency, weight});
    } else {
      deficits[it->second].weight = std::max(deficits[it->second].weight, weight);
    }
  };
  for (const v1::CompetencyDeficit& deficit : selection.deficits()) {
    add(deficit.competency(), deficit.weight() > 0 ? deficit.weight() : 1);
  }
  for (const std::string& competency : selection.competencies()) add(competency, 1);
  return deficits;
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

bool HasSeat(const v1::Group& group, absl::CivilDay today) {
  return group.state() == v1::Group::STATE_OPEN && !group.has_delete_time() &&
         group.taken_seats() < group.seats() && DayOf(group.end_date()) >= today;
}

// Whether a group is there and then, and of the wanted form.
bool IsWanted(const v1::Group& group, const v1::ProgrammeSelection& selection) {
  if (selection.has_start_date() && DayOf(group.start_date()) < DayOf(selection.start_date())) {
    return false;
  }
  if (selection.has_end_date() && DayOf(group.end_date()) > DayOf(selection.end_date())) {
    return false;
  }
  if (selection.form() != v1::STUDY_FORM_UNSPECIFIED && group.form() != selection.form()) {
    return false;
  }
  return selection.municipality().empty() || group.municipality().empty() ||
         group.municipality() == selection.municipality();
}

void AddReasons(const v1::Programme& programme, const v1::ProgrammeSelection& selection,
                v1::RankedProgramme& ranked) {
  if (ranked.register_programme()) ranked.add_reasons(v1::SELECTION_REASON_REGISTER_PROGRAMME);
  if (!ranked.open_groups().empty()) ranked.add_reasons(v1::SELECTION_REASON_OPEN_GROUP);
  ranked.add_reasons(ranked.covered_size() > 1 ? v1::SELECTION_REASON_COVERS_SEVERAL
                                               : v1::SELECTION_REASON_COVERS_COMPETENCY);
  if (selection.form() != v1::STUDY_FORM_UNSPECIFIED && programme.form() == selection.form()) {
    ranked.add_reasons(v1::SELECTION_REASON_WANTED_FORM);
  }
  if (!programme.provider().empty()) {
    ranked.add_reasons(v1::SELECTION_REASON_REGIONAL_PROVIDER);
  }
}

void Order(const v1::ProgrammeSelection& selection, v1::SelectedProgrammes& selected) {
  auto key = [&](const v1::RankedProgramme& ranked) {
    const bool wanted = ranked.form() == selection.form();
    return std::make_tuple(!ranked.register_programme(), ranked.open_groups().empty(),
                           -ranked.score(), !wanted, ranked.duration_hours(),
                           std::string_view(ranked.programme()));
  };
  auto& programmes = *selected.mutable_programmes();
  std::sort(programmes.begin(), programmes.end(),
            [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const int limit =
      selection.limit() <= 0 ? kDefaultLimit : std::min(selection.limit(), kGreatestLimit);
  if (programmes.size() > limit) {
    programmes.DeleteSubrange(limit, programmes.size() - limit);
  }
}

}  // namespace

double DepthFactor(v1::CoverageDepth depth) {
  switch (depth) {
    case v1::COVERAGE_DEPTH_MASTERY:
      return 1;
    case v1::COVERAGE_DEPTH_WORKING:
      return 0.8;
    default:
      return 0.5;
  }
}

bool WantsGroups(const v1::ProgrammeSelection& selection) {
  return selection.has_start_date() || selection.has_end_date() ||
         !selection.municipality().empty();
}

Catalogue::Catalogue(std::vector<v1::Programme> programmes, std::vector<v1::Group> groups,
                     absl::CivilDay today)
    : programmes_(std::move(programmes)) {
  std::sort(groups.begin(), groups.end(), [](const v1::Group& a, const v1::Group& b) {
    return std::make_tuple(DayOf(a.start_date()), std::string_view(a.name())) <
           std::make_tuple(DayOf(b.start_date()), std::string_view(b.name()));
  });
  for (v1::Group& group : groups) {
    if (HasSeat(group, today)) groups_[group.programme()].push_back(group);
  }
  for (size_t i = 0; i < programmes_.size(); ++i) {
    const v1::Programme& programme = programmes_[i];
    if (!programme_rules::OnOffer(programme)) continue;
    for (const v1::CompetencyCoverage& coverage : programme.competencies()) {
      by_competency_[coverage.competency()].push_back({static_cast<int>(i), coverage.depth()});
    }
  }
}

bool Catalogue::Fits(const v1::Programme& programme,
                     const v1::ProgrammeSelection& selection) const {
  if (selection.register_only() && programme.register_state() != v1::REGISTER_STATE_LISTED) {
    return false;
  }
  if (programme.duration_hours() < selection.min_duration_hours()) return false;
  if (selection.max_duration_hours() > 0 &&
      programme.duration_hours() > selection.max_duration_hours()) {
    return false;
  }
  return selection.manager() ? programme.for_managers() : programme.for_pedagogues();
}

void Catalogue::AddGroups(const v1::ProgrammeSelection& selection,
                          v1::RankedProgramme* ranked) const {
  auto groups = groups_.find(ranked->programme());
  if (!WantsGroups(selection) || groups == groups_.end()) return;
  for (const v1::Group& group : groups->second) {
    if (ranked->open_groups_size() == kMostGroups) return;
    if (IsWanted(group, selection)) ranked->add_open_groups(group.name());
  }
}

v1::SelectedProgrammes Catalogue::Select(const v1::ProgrammeSelection& selection) const {
  v1::SelectedProgrammes selected;
  std::map<int, v1::RankedProgramme> found;
  for (const Deficit& deficit : Distinct(selection)) {
    bool covered = false;
    auto links = by_competency_.find(deficit.competency);
    if (links != by_competency_.end()) {
      for (const Link& link : links->second) {
        if (!Fits(programmes_[link.programme], selection)) continue;
        covered = true;
        v1::RankedProgramme& ranked = found[link.programme];
        ranked.set_score(ranked.score() + deficit.weight * DepthFactor(link.depth));
        v1::CompetencyCoverage& coverage = *ranked.add_covered();
        coverage.set_competency(deficit.competency);
        coverage.set_depth(link.depth);
      }
    }
    if (!covered) selected.add_uncovered(deficit.competency);
  }
  for (auto& [index, ranked] : found) {
    const v1::Programme& programme = programmes_[index];
    ranked.set_programme(programme.name());
    ranked.set_title(programme.title());
    ranked.set_duration_hours(programme.duration_hours());
    ranked.set_form(programme.form());
    ranked.set_register_programme(programme.register_state() == v1::REGISTER_STATE_LISTED);
    AddGroups(selection, &ranked);
    AddReasons(programme, selection, ranked);
    *selected.add_programmes() = std::move(ranked);
  }
  Order(selection, selected);
  return selected;
}

}  // namespace rsnms::programs
