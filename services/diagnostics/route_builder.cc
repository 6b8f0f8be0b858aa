#include "services/diagnostics/route_builder.h"

#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_join.h"
#include "libs/resource/text.h"
#include "services/diagnostics/scoring_rules.h"

namespace rsnms::diagnostics {
namespace {

// One run of the builder. Deficits are numbered by weight; a set of them is a bit mask
// (vector<bool> over their numbers).
class Builder {
 public:
  Builder(std::vector<v1::RouteDeficit> deficits, const Offers& offers,
          const Constraints& constraints)
      : deficits_(std::move(deficits)), offers_(offers), constraints_(constraints) {
    std::sort(deficits_.begin(), deficits_.end(), [](const auto& a, const auto& b) {
      return std::make_tuple(-a.severity(), std::string_view(a.competency_code())) <
             std::make_tuple(-b.severity(), std::string_view(b.competency_code()));
    });
    for (size_t i = 0; i < deficits_.size(); ++i) {
      numbers_.emplace(deficits_[i].competency_code(), i);
    }
    open_.assign(deficits_.size(), true);
  }

  // Pruning frees hours, so what did not fit is tried again until nothing more is covered.
  void Run() {
    while (Cover()) {
      if (!Prune()) return;
    }
  }

  void Write(v1::Route& route) const {
    route.clear_deficits();
    route.clear_items();
    route.clear_uncovered();
    for (const auto& deficit : deficits_) *route.add_deficits() = deficit;
    std::vector<bool> credited(deficits_.size(), false);
    int hours = 0;
    for (const Offer* offer : taken_) {
      WriteItem(*offer, credited, *route.add_items());
      route.mutable_items()->rbegin()->set_number(route.items_size());
      hours += offer->hours;
    }
    route.set_total_hours(hours);
    for (size_t d = 0; d < deficits_.size(); ++d) {
      if (!credited[d]) WriteUncovered(d, *route.add_uncovered());
    }
  }

 private:
  // Takes the best offer for each open deficit, heaviest first; true when some was taken.
  bool Cover() {
    const size_t before = taken_.size();
    for (size_t d = 0; d < deficits_.size(); ++d) {
      if (!open_[d]) continue;
      if (const Offer* best = Best(d)) Take(*best);
    }
    return taken_.size() > before;
  }

  bool Fits(const Offer& offer) const {
    return constraints_.hours_limit == 0 || hours_ + offer.hours <= constraints_.hours_limit;
  }

  bool Suits(const Offer& offer) const {
    if (!offer.for_pedagogues && !offer.for_managers) return true;  // says nothing: for both
    return constraints_.category == v1::EDUCATOR_CATEGORY_MANAGER ? offer.for_managers
                                                                  : offer.for_pedagogues;
  }

  int Gain(const Offer& offer) const {
    int gain = 0;
    for (const auto& code : offer.competency_codes) {
      const auto it = numbers_.find(code);
      if (it != numbers_.end() && open_[it->second])
        gain += WeightOf(deficits_[it->second].severity());
    }
    return gain;
  }

  const Offer* Best(size_t deficit) const {
    const Offer* best = nullptr;
    std::tuple<bool, int, int, std::string_view> best_key;
    for (const Offer* offer : offers_.Covering(deficits_[deficit].competency_code())) {
      if (!Suits(*offer) || !Fits(*offer)) continue;
      const auto key = std::make_tuple(!offer->register_programme, -Gain(*offer), offer->hours,
                                       std::string_view(offer->programme));
      if (best == nullptr || key < best_key) {
        best = offer;
        best_key = key;
      }
    }
    return best;
  }

  void Take(const Offer& offer) {
    taken_.push_back(&offer);
    hours_ += offer.hours;
    for (const auto& code : offer.competency_codes) {
      const auto it = numbers_.find(code);
      if (it != numbers_.end()) open_[it->second] = false;
    }
  }

  // Takes out, the last first, what the others cover too; true when something was.
  bool Prune() {
    const size_t before = taken_.size();
    std::vector<int> times(deficits_.size(), 0);
    const auto count = [&](const Offer& offer, int by) {
      for (const auto& code : offer.competency_codes) {
        const auto it = numbers_.find(code);
        if (it != numbers_.end()) times[it->second] += by;
      }
    };
    for (const Offer* offer : taken_) count(*offer, 1);
    for (size_t i = taken_.size(); i-- > 0;) {
      const Offer& offer = *taken_[i];
      const bool needed = std::any_of(offer.competency_codes.begin(), offer.competency_codes.end(),
                                      [&](const auto& code) {
                                        const auto it = numbers_.find(code);
                                        return it != numbers_.end() && times[it->second] == 1;
                                      });
      if (needed) continue;
      count(offer, -1);
      hours_ -= offer.hours;
      taken_.erase(taken_.begin() + static_cast<ptrdiff_t>(i));
    }
    return taken_.size() < before;
  }

  void WriteItem(const Offer& offer, std::vector<bool>& credited, v1::RouteItem& item) const {
    std::vector<size_t> closes;
    for (const auto& code : offer.competency_codes) {
      const auto it = numbers_.find(code);
      if (it == numbers_.end() || credited[it->second]) continue;
      credited[it->second] = true;
      closes.push_back(it->second);
    }
    std::sort(closes.begin(), closes.end());
    for (const size_t d : closes) item.add_competency_codes(deficits_[d].competency_code());
    item.set_kind(v1::ROUTE_ITEM_KIND_PROGRAMME);
    item.set_programme(offer.programme);
    item.set_title(offer.title);
    item.set_hours(offer.hours);
    item.set_register_programme(offer.register_programme);
    item.set_state(v1::RouteItem::STATE_PLANNED);
    item.set_reason(Reason(offer, closes));
  }

  std::string Reason(const Offer& offer, const std::vector<size_t>& closes) const {
    const v1::RouteDeficit& heaviest = deficits_[closes.front()];
    std::string text = resource::Cat("Закрывает ", SeverityWord(heaviest.severity()), " дефицит «",
                                     heaviest.competency_code(), "»");
    if (closes.size() > 1) resource::Append(&text, " и ещё дефицитов: ", closes.size() - 1);
    resource::Append(&text, offer.register_programme ? "; программа федерального реестра"
                                                     : "; подходящей программы в федеральном "
                                                       "реестре не нашлось");
    resource::Append(&text, ", ", offer.hours, " ч.");
    return text;
  }

  static std::string_view SeverityWord(v1::Severity severity) {
    return severity == v1::SEVERITY_SEVERE     ? "острый"
           : severity == v1::SEVERITY_MODERATE ? "выраженный"
                                               : "слабо выраженный";
  }

  void WriteUncovered(size_t d, v1::UncoveredDeficit& out) const {
    out.set_competency_code(deficits_[d].competency_code());
    out.set_severity(deficits_[d].severity());
    const auto& covering = offers_.Covering(deficits_[d].competency_code());
    const bool offered = std::any_of(covering.begin(), covering.end(),
                                     [&](const Offer* offer) { return Suits(*offer); });
    out.set_reason(offered ? resource::Cat("Не хватило часов: предел маршрута ",
                                           constraints_.hours_limit, " ч.")
                           : "Нет программы, которая закрывает этот дефицит.");
  }

  std::vector<v1::RouteDeficit> deficits_;  // heaviest first
  const Offers& offers_;
  const Constraints& constraints_;
  absl::flat_hash_map<std::string_view, size_t> numbers_;
  std::vector<bool> open_;
  std::vector<const Offer*> taken_;
  int hours_ = 0;
};

}  // namespace

Offers::Offers(std::vector<Offer> offers) : offers_(std::move(offers)) {
  for (auto& offer : offers_) {
    std::sort(offer.competency_codes.begin(), offer.competency_codes.end());
    offer.competency_codes.erase(
        std::unique(offer.competency_codes.begin(), offer.competency_codes.end()),
        offer.competency_codes.end());
    for (const auto& code : offer.competency_codes) by_competency_[code].push_back(&offer);
  }
}

const std::vector<const Offer*>& Offers::Covering(std::string_view competency_code) const {
  static const std::vector<const Offer*> kNone;
  const auto it = by_competency_.find(resource::ToAbsl(competency_code));
  return it == by_competency_.end() ? kNone : it->second;
}

Offers Offers::Without(const absl::flat_hash_set<std::string>& programmes) const {
  std::vector<Offer> rest;
  for (const Offer& offer : offers_) {
    if (!programmes.contains(offer.programme)) rest.push_back(offer);
  }
  return Offers(std::move(rest));
}

int WeightOf(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_SEVERE:
      return 16;
    case v1::SEVERITY_MODERATE:
      return 4;
    case v1::SEVERITY_MILD:
      return 1;
    default:
      return 0;
  }
}

std::vector<v1::RouteDeficit> DeficitsOf(const v1::Result& result, v1::Severity least) {
  std::vector<v1::CompetencyScore> scores(result.scores().begin(), result.scores().end());
  std::sort(scores.begin(), scores.end(), Heavier);
  std::vector<v1::RouteDeficit> out;
  for (const auto& score : scores) {
    if (score.severity() < std::max(least, v1::SEVERITY_MILD)) break;
    auto& deficit = out.emplace_back();
    deficit.set_competency_code(score.competency_code());
    deficit.set_severity(score.severity());
  }
  return out;
}

void BuildRoute(const std::vector<v1::RouteDeficit>& deficits, const Offers& offers,
                const Constraints& constraints, v1::Route& route) {
  Builder builder(deficits, offers, constraints);
  builder.Run();
  builder.Write(route);
}

}  // namespace rsnms::diagnostics
