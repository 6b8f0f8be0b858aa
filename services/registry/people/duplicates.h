// Who may be the same person: pairs found by SQL, judged by pure rules.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_DUPLICATES_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_DUPLICATES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/person_merge.pb.h"

namespace rsnms::registry {

// What is compared of a person. Names are in the form they are searched in.
struct PersonTraits {
  std::string family, given, patronymic;
  std::optional<absl::CivilDay> birth;
  std::string email, phone;
  std::string snils_index;  // equal for equal СНИЛС; empty: unknown
};

// Least number of letters to change, add or leave out to make one word of the other.
int EditDistance(const std::string& a, const std::string& b);

struct Likeness {
  int score = 0;  // 0–100
  std::vector<v1::DuplicateReason> reasons;
};
// Symmetric.
Likeness Compare(const PersonTraits& a, const PersonTraits& b);

// The order of FindDuplicates: the likeliest first, then by names.
bool LikelierThan(const v1::DuplicateCandidate& a, const v1::DuplicateCandidate& b);

// Pairs of a region's living people, or of `person` and others, that score at least `min_score`,
// in the order of LikelierThan.
absl::StatusOr<std::vector<v1::DuplicateCandidate>> FindDuplicates(pg::Tx& tx,
                                                                   const std::string& region,
                                                                   const std::string& person,
                                                                   int min_score);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_DUPLICATES_H_
