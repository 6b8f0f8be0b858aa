#include "services/programs/register/register_pairs.h"

#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace rsnms::programs::register_pairs {
namespace {

// Of candidates that go by one title and provider so many are looked at; what is beyond has left
// before them.
constexpr size_t kMostOfAKey = 200;

using ByKey = absl::flat_hash_map<std::string, std::vector<int>>;

ByKey CandidatesByKey(const std::vector<Candidate>& candidates) {
  ByKey by_key;
  for (size_t i = 0; i < candidates.size(); ++i) {
    for (const std::string& key : candidates[i].keys) {
      std::vector<int>& places = by_key[key];
      const int place = static_cast<int>(i);
      if (places.size() < kMostOfAKey && (places.empty() || places.back() != place)) {
        places.push_back(place);
      }
    }
  }
  return by_key;
}

int Likeness(const std::vector<std::string>& one, const std::vector<std::string>& other) {
  int same = 0;
  for (size_t i = 0; i < std::min(one.size(), other.size()); ++i) same += one[i] == other[i];
  return same;
}

struct Pair {
  int likeness, suitor, candidate;
  bool former;
};

}  // namespace

bool Contested(const std::vector<Suitor>& suitors, const std::vector<Candidate>& candidates) {
  const ByKey by_key = CandidatesByKey(candidates);
  std::vector<int> wanted(candidates.size());
  for (const Suitor& suitor : suitors) {
    auto it = by_key.find(suitor.key);
    if (it == by_key.end()) continue;
    if (it->second.size() > 1) return true;
    if (++wanted[it->second.front()] > 1) return true;
  }
  return false;
}

std::vector<int> Match(const std::vector<Suitor>& suitors,
                       const std::vector<Candidate>& candidates) {
  const ByKey by_key = CandidatesByKey(candidates);
  std::vector<Pair> pairs;
  for (size_t s = 0; s < suitors.size(); ++s) {
    auto it = by_key.find(suitors[s].key);
    if (it == by_key.end()) continue;
    for (const int place : it->second) {
      const Candidate& candidate = candidates[place];
      pairs.push_back({.likeness = Likeness(suitors[s].values, candidate.values),
                       .suitor = static_cast<int>(s),
                       .candidate = place,
                       .former = candidate.former});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [&](const Pair& a, const Pair& b) {
    return std::forward_as_tuple(-a.likeness, a.former, a.candidate, suitors[a.suitor].number) <
           std::forward_as_tuple(-b.likeness, b.former, b.candidate, suitors[b.suitor].number);
  });
  std::vector<int> found(suitors.size(), -1);
  std::vector<bool> taken(candidates.size());
  for (const Pair& pair : pairs) {
    if (found[pair.suitor] >= 0 || taken[pair.candidate]) continue;
    found[pair.suitor] = pair.candidate;
    taken[pair.candidate] = !pair.former;
  }
  return found;
}

}  // namespace rsnms::programs::register_pairs
