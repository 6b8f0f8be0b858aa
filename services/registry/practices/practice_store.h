// What rules of the area must know of other rows.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "libs/pg/tx.h"
#include "services/registry/practices/practice_rules.h"

namespace rsnms::registry {

// Nothing when it is absent or deleted. Looks past the caller's scope.
absl::StatusOr<std::optional<PracticeFacts>> FindPractice(pg::Tx& tx, const std::string& practice);
absl::StatusOr<std::optional<ExpertFacts>> FindExpert(pg::Tx& tx, const std::string& expert);

// How the expert stands to the practice on the day. Looks past the caller's scope.
absl::StatusOr<Conflict> FindConflict(pg::Tx& tx, const std::string& expert,
                                      const std::string& practice, const google::type::Date& day);

// Opinions given on this round of the practice.
absl::StatusOr<Reviews> ReadReviews(pg::Tx& tx, const std::string& practice, int round);

// A call as its grants refer to it, its row taken: one writer counts at a time.
struct GrantCallFacts {
  std::string organisation;
  std::optional<std::string> amount_rubles;
  v1::GrantCall::State state = v1::GrantCall::STATE_UNSPECIFIED;
  int quota = 0, awarded = 0;                        // the row about to be written left out
  std::optional<absl::CivilDay> applications_until;  // last day of applications
  absl::CivilDay today;                              // counts for an application that names no day
};
absl::StatusOr<std::optional<GrantCallFacts>> HoldGrantCall(pg::Tx& tx, const std::string& call,
                                                            const std::string& grant);

// Which of the titles is the same but for case, ё or е, quotation marks and spaces.
absl::StatusOr<std::optional<size_t>> FindSameTitle(pg::Tx& tx, const std::string& title,
                                                    const std::vector<std::string>& titles);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_STORE_H_
