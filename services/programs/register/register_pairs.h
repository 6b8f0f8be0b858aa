// Which entry stands for which programme when several bear one title and provider. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_PAIRS_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_PAIRS_H_

#include <string>
#include <vector>

namespace rsnms::programs::register_pairs {

// A standing entry whose number nobody bears.
struct Suitor {
  std::string number, key;          // key: title and provider (register_rules::MatchKey)
  std::vector<std::string> values;  // of the mirrored fields; those of all sides in one order
};

// A programme such an entry may be about.
struct Candidate {
  std::vector<std::string> keys;    // the titles and providers it goes by
  std::vector<std::string> values;  // as the register said them last
  bool former = false;  // withdrawn by name: it stands for no other entry, and is never used up
};

// True when some candidate and some suitor have more than one to choose from, so that values tell.
bool Contested(const std::vector<Suitor>& suitors, const std::vector<Candidate>& candidates);

// For each suitor the place of its candidate, or -1. The most alike go together first; of those
// equally alike what may be taken goes before what was withdrawn by name, then in the order of
// candidates, then of numbers. A candidate goes to one suitor, unless it is `former`.
//
// Suitors and candidates that went together, and suitors that found nothing, may be left out of a
// later call without changing what becomes of the others. So the pairs are the same in whatever
// pieces they are made, as long as each call sees all who are left.
std::vector<int> Match(const std::vector<Suitor>& suitors,
                       const std::vector<Candidate>& candidates);

}  // namespace rsnms::programs::register_pairs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_PAIRS_H_
