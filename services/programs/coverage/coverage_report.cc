#include "services/programs/coverage/coverage_report.h"

#include <algorithm>
#include <bitset>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using v1::CompetencyNeed;
using v1::CoverageScope;
using v1::CoveringProgramme;

constexpr int kMostProgrammes = 10;
constexpr int kMostGroups = 5;
constexpr size_t kMostVersions = 10;

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// Programmes in scope, their open groups, and programmes by competency.
class Offer {
 public:
  Offer(const CoverageScope& scope, const CoverageFacts& facts) {
    for (const v1::Programme& programme : facts.programmes) {
      if (!IsInScope(scope, programme)) continue;
      for (const v1::CompetencyCoverage& coverage : programme.competencies()) {
        by_competency_[coverage.competency()].emplace_back(&programme, coverage.depth());
      }
    }
    for (const v1::Group& group : facts.groups) {
      if (IsInScope(scope, group, facts.today)) groups_[group.programme()].push_back(&group);
    }
    for (auto& [programme, groups] : groups_) {
      std::sort(groups.begin(), groups.end(), [](const v1::Group* a, const v1::Group* b) {
        return std::make_tuple(DayOf(a->start_date()), std::string_view(a->name())) <
               std::make_tuple(DayOf(b->start_date()), std::string_view(b->name()));
      });
    }
  }

  std::vector<CoveringProgramme> Covering(const std::string& competency) const {
    std::vector<CoveringProgramme> covering;
    auto found = by_competency_.find(competency);
    if (found == by_competency_.end()) return covering;
    for (const auto& [programme, depth] : found->second) {
      covering.push_back(Tell(*programme, depth));
    }
    std::sort(covering.begin(), covering.end(), [](const auto& a, const auto& b) {
      const auto key = [](const CoveringProgramme& p) {
        return std::make_tuple(!p.register_programme(), -p.free_seats(),
                               -static_cast<int>(p.depth()), p.duration_hours(),
                               std::string_view(p.programme()));
      };
      return key(a) < key(b);
    });
    return covering;
  }

 private:
  CoveringProgramme Tell(const v1::Programme& programme, v1::CoverageDepth depth) const {
    CoveringProgramme told;
    told.set_programme(programme.name());
    told.set_title(programme.title());
    told.set_register_programme(programme.register_state() == v1::REGISTER_STATE_LISTED);
    told.set_depth(depth);
    told.set_duration_hours(programme.duration_hours());
    told.set_form(programme.form());
    auto groups = groups_.find(programme.name());
    if (groups == groups_.end()) return told;
    told.set_open_group_count(static_cast<int>(groups->second.size()));
    for (const v1::Group* group : groups->second) {
      told.set_free_seats(told.free_seats() + group->seats() - group->taken_seats());
      if (told.open_groups_size() < kMostGroups) told.add_open_groups(group->name());
    }
    return told;
  }

  absl::flat_hash_map<std::string, std::vector<std::pair<const v1::Programme*, v1::CoverageDepth>>>
      by_competency_;
  absl::flat_hash_map<std::string, std::vector<const v1::Group*>> groups_;
};

// What is in demand, by name of the competency; no offer yet.
std::map<std::string, CompetencyNeed> Demand(const CoverageScope& scope,
                                             const CoverageFacts& facts) {
  std::map<std::string, CompetencyNeed> needs;
  for (const auto& [competency, deficit] : facts.deficits) {
    if (deficit.count.value_or(0) <= 0 && !deficit.suppressed) continue;
    CompetencyNeed& need = needs[competency];
    if (deficit.count.has_value()) need.set_deficit_count(*deficit.count);
    need.set_deficits_suppressed(deficit.suppressed);
  }
  for (const OrderedLine& line : facts.lines) {
    if (!IsInScope(scope, line)) continue;
    for (const std::string& competency : line.line.competencies()) {
      CompetencyNeed& need = needs[competency];
      need.set_ordered_places(need.ordered_places() + line.line.places());
      need.set_open_places(need.open_places() + line.open_places);
    }
  }
  for (auto& [competency, need] : needs) {
    need.set_competency(competency);
    need.set_demand(need.deficit_count() + need.open_places());
  }
  std::erase_if(needs, [](const auto& entry) {
    return entry.second.demand() == 0 && !entry.second.deficits_suppressed();
  });
  return needs;
}

void AddOffer(const Offer& offer, CompetencyNeed* need) {
  auto covering = offer.Covering(need->competency());
  need->set_programme_count(static_cast<int>(covering.size()));
  for (CoveringProgramme& programme : covering) {
    need->set_open_group_count(need->open_group_count() + programme.open_group_count());
    need->set_free_seats(need->free_seats() + programme.free_seats());
    if (need->programmes_size() < kMostProgrammes) *need->add_programmes() = std::move(programme);
  }
  need->set_state(need->programme_count() == 0          ? v1::COVERAGE_STATE_NOBODY_TEACHES
                  : need->open_group_count() == 0       ? v1::COVERAGE_STATE_NO_OPEN_GROUP
                  : need->free_seats() < need->demand() ? v1::COVERAGE_STATE_SHORT_OF_SEATS
                                                        : v1::COVERAGE_STATE_ENOUGH);
}

template <class Told>
void AddVersions(const VersionsInWork& in_work, const std::string& ground, Told* told) {
  auto found = in_work.find(ground);
  if (found == in_work.end()) return;
  std::vector<std::string> versions = found->second;
  std::sort(versions.begin(), versions.end());
  versions.resize(std::min(versions.size(), kMostVersions));
  for (std::string& version : versions) told->add_versions_in_work(std::move(version));
}

// What lines the programmes in scope answer, made once: Answers() of a line and all programmes.
class Answered {
 public:
  Answered(const CoverageScope& scope, const CoverageFacts& facts) {
    for (const v1::Programme& programme : facts.programmes) {
      if (!IsInScope(scope, programme)) continue;
      auto said = facts.meant.find(programme.name());
      const Listeners listeners =
          said == facts.meant.end() ? Listeners().set() : ListenersOf(said->second);
      names_.insert(programme.name());
      for (const auto& coverage : programme.competencies()) {
        by_competency_[coverage.competency()] |= listeners;
      }
      for (const std::string& topic : programme.topic_codes()) by_topic_[topic] |= listeners;
    }
  }

  bool Has(const v1::OrderLine& line) const {
    if (!line.programme().empty()) return names_.contains(line.programme());
    const bool by_competency = !line.competencies().empty();
    const auto& wanted = by_competency ? line.competencies() : line.topic_codes();
    const auto& taught = by_competency ? by_competency_ : by_topic_;
    return std::any_of(wanted.begin(), wanted.end(), [&](const std::string& subject) {
      auto found = taught.find(subject);
      return found != taught.end() && found->second.test(line.listener_category());
    });
  }

 private:
  // Whom somebody teaches a subject to, by category of listeners.
  using Listeners = std::bitset<v1::ListenerCategory_ARRAYSIZE>;

  static Listeners ListenersOf(const std::vector<v1::ListenerCategory>& meant) {
    Listeners listeners;
    if (meant.empty()) return listeners.set();
    for (size_t i = 0; i < listeners.size(); ++i) {
      listeners.set(i, IsFor(meant, static_cast<v1::ListenerCategory>(i)));
    }
    return listeners;
  }

  absl::flat_hash_set<std::string_view> names_;
  absl::flat_hash_map<std::string_view, Listeners> by_competency_, by_topic_;
};

}  // namespace

bool IsInScope(const CoverageScope& scope, const v1::Programme& programme) {
  if (scope.form() != v1::STUDY_FORM_UNSPECIFIED && programme.form() != scope.form()) return false;
  if (programme.duration_hours() < scope.min_duration_hours()) return false;
  return scope.max_duration_hours() == 0 ||
         programme.duration_hours() <= scope.max_duration_hours();
}

bool IsInScope(const CoverageScope& scope, const v1::Group& group, absl::CivilDay today) {
  if (DayOf(group.end_date()) < today) return false;
  if (group.state() != v1::Group::STATE_OPEN || group.has_delete_time()) return false;
  if (group.taken_seats() >= group.seats()) return false;
  if (scope.form() != v1::STUDY_FORM_UNSPECIFIED && group.form() != scope.form()) return false;
  if (!scope.municipality().empty() && !group.municipality().empty() &&
      group.municipality() != scope.municipality()) {
    return false;
  }
  if (scope.has_start_date() && DayOf(group.start_date()) < DayOf(scope.start_date())) return false;
  return !scope.has_end_date() || DayOf(group.end_date()) <= DayOf(scope.end_date());
}

bool IsInScope(const CoverageScope& scope, const OrderedLine& line) {
  if (!scope.municipality().empty() && line.municipality != scope.municipality()) return false;
  if (scope.has_start_date() && line.year < scope.start_date().year()) return false;
  return !scope.has_end_date() || line.year <= scope.end_date().year();
}

std::vector<CompetencyNeed> TellNeeds(const CoverageScope& scope, const CoverageFacts& facts) {
  const Offer offer(scope, facts);
  std::vector<CompetencyNeed> told;
  for (auto& [competency, need] : Demand(scope, facts)) {
    CompetencyNeed& added = told.emplace_back(std::move(need));
    AddOffer(offer, &added);
    AddVersions(facts.in_work, competency, &added);
  }
  std::sort(told.begin(), told.end(), [](const CompetencyNeed& a, const CompetencyNeed& b) {
    const auto key = [](const CompetencyNeed& need) {
      return std::make_tuple(static_cast<int>(need.state()), -need.demand(),
                             std::string_view(need.competency()));
    };
    return key(a) < key(b);
  });
  return told;
}

std::vector<v1::UnmetOrderLine> TellUnmet(const CoverageScope& scope, const CoverageFacts& facts) {
  const Answered answered(scope, facts);
  std::vector<const OrderedLine*> unmet;
  for (const OrderedLine& line : facts.lines) {
    if (line.open_places <= 0 || !IsInScope(scope, line)) continue;
    if (!answered.Has(line.line)) unmet.push_back(&line);
  }
  std::sort(unmet.begin(), unmet.end(), [](const OrderedLine* a, const OrderedLine* b) {
    return std::make_tuple(-a->open_places, std::string_view(a->order), a->place) <
           std::make_tuple(-b->open_places, std::string_view(b->order), b->place);
  });
  std::vector<v1::UnmetOrderLine> told;
  for (const OrderedLine* line : unmet) {
    v1::UnmetOrderLine& added = told.emplace_back();
    added.set_training_order(line->order);
    added.set_organisation(line->organisation);
    added.set_municipality(line->municipality);
    added.set_year(line->year);
    *added.mutable_line() = line->line;
    added.set_open_places(line->open_places);
    AddVersions(facts.in_work, Cat(line->order, "/", line->line.id()), &added);
  }
  return told;
}

}  // namespace rsnms::programs
