// What must hold of practices, reviews, publications, projects and grants. Pure: images and facts
// in, status out. Field paths are relative to the resource.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_RULES_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/expert.pb.h"
#include "rsnms/registry/v1/expert_assignment.pb.h"
#include "rsnms/registry/v1/grant.pb.h"
#include "rsnms/registry/v1/practice.pb.h"
#include "rsnms/registry/v1/practice_spread.pb.h"
#include "rsnms/registry/v1/professional_standing.pb.h"
#include "rsnms/registry/v1/project.pb.h"
#include "rsnms/registry/v1/publication.pb.h"

namespace rsnms::registry {

// What the experts of a practice's present round said.
struct Reviews {
  int count = 0, approvals = 0;
  int64_t score_sum = 0;
};

// An expert as assignments refer to them.
struct ExpertFacts {
  std::string person, organisation;
  v1::Expert::State state = v1::Expert::STATE_UNSPECIFIED;
  std::vector<std::string> fields;  // values of ExpertField without the prefix
  bool deleted = false;
};

// A practice as others refer to it.
struct PracticeFacts {
  std::string organisation;
  v1::Practice::State state = v1::Practice::STATE_UNSPECIFIED;
  int round = 0;
};

// How an expert stands to a practice.
struct Conflict {
  bool author = false;    // wrote it
  bool employed = false;  // works in its organisation on the day of the assignment
  bool declared = false;  // declared not to review that organisation's works
};

// Level of the mean score `sum / count`, exactly; below the least of ADVANCED it is BASE.
v1::PracticeLevel LevelOfScore(const v1::ExpertiseRule& rule, int64_t sum, int count);

// Sets score, expert_count and level by the region's rule. FAILED_PRECONDITION TOO_FEW_EXPERTS,
// REVIEW_NEGATIVE (not more than half approve).
absl::Status ConfirmByReviews(const v1::ExpertiseRule& rule, const Reviews& reviews,
                              v1::Practice& practice);

// Keeps `round`. FAILED_PRECONDITION PRACTICE_FROZEN, PRACTICE_NOT_CONFIRMED; INVALID_ARGUMENT
// REPEATED_MEMBER.
absl::Status CheckPractice(resource::Change change, const v1::Practice* before,
                           v1::Practice& after);

// FAILED_PRECONDITION PRACTICE_NOT_CONFIRMED for a new spreading of a practice no expert confirmed,
// RECORD_FROZEN for another form, level or person of what was shown already.
// Sets `recognised_level`: a public defence in the district counts as spread in the region
// (Dagestan R23, L446).
absl::Status CheckSpread(const PracticeFacts& practice, const v1::PracticeSpread* before,
                         v1::PracticeSpread& after);

// FAILED_PRECONDITION EXPERT_NOT_REGISTERED, EXPERT_FIELD_MISMATCH, PRACTICE_NOT_UNDER_REVIEW,
// OWN_PRACTICE, CONFLICT_OF_INTEREST; INVALID_ARGUMENT REVIEW_SUBJECT_REQUIRED. `practice` is null
// when none is named.
absl::Status CheckNewAssignment(const ExpertFacts& expert, const PracticeFacts* practice,
                                const Conflict& conflict, const v1::ExpertAssignment& assignment);

// FAILED_PRECONDITION OPINION_FROZEN.
absl::Status CheckAssignment(resource::Change change, const v1::ExpertAssignment* before,
                             const v1::ExpertAssignment& after);

// Sets `counts_as_training` (Dagestan R15, L3546). What was reviewed and is changed goes back to
// PREPARED, without its review. FAILED_PRECONDITION REVIEW_REQUIRED (also when a kind that needs a
// review becomes one that needs none), RECORD_FROZEN once published.
absl::Status CheckPublication(resource::Change change, const v1::Publication* before,
                              v1::Publication& after);

// INVALID_ARGUMENT END_BEFORE_START; FAILED_PRECONDITION CURATOR_REQUIRED, RECORD_FROZEN: of an
// approved project the people and bodies in it change alone, of a reported one nothing.
absl::Status CheckProject(resource::Change change, const v1::Project* before,
                          const v1::Project& after);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_RULES_H_
