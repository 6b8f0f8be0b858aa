#include "services/registry/asset/load_rules.h"

#include <algorithm>
#include <utility>

namespace rsnms::registry {

void LoadBook::Put(const std::string& methodologist, const std::string& id,
                   const std::string& educator, Period period) {
  auto& entries = entries_[methodologist];
  const auto same = std::find_if(entries.begin(), entries.end(),
                                 [&](const Entry& entry) { return entry.id == id; });
  if (same != entries.end()) entries.erase(same);
  entries.push_back({id, educator, period});
}

bool LoadBook::HasEducator(const std::string& methodologist, const std::string& id,
                           const std::string& educator, Period period) const {
  const auto found = entries_.find(methodologist);
  if (found == entries_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Entry& entry) {
    return entry.id != id && entry.educator == educator && entry.period.Overlaps(period);
  });
}

int LoadBook::MostOn(const std::string& methodologist, const std::string& id, Period period) const {
  const auto found = entries_.find(methodologist);
  if (found == entries_.end()) return 0;
  // Ends sort before beginnings of the same day: who leaves the evening before makes room.
  std::vector<std::pair<int64_t, int>> events;
  for (const Entry& entry : found->second) {
    if (entry.id == id || !entry.period.Overlaps(period)) continue;
    events.emplace_back(std::max(entry.period.first, period.first), 1);
    if (entry.period.last != Period::kOpen) events.emplace_back(entry.period.last + 1, -1);
  }
  std::sort(events.begin(), events.end());
  int now = 0, most = 0;
  for (const auto& [day, step] : events) most = std::max(most, now += step);
  return most;
}

}  // namespace rsnms::registry
