// SQL of mentoring: the catalogue, and what only other rows tell.
#ifndef RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_STORE_H_
#define RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/mentor_school.pb.h"
#include "rsnms/registry/v1/mentoring_catalogue.pb.h"
#include "rsnms/registry/v1/mentorship.pb.h"

namespace rsnms::registry {

// Appends the models (only `only`, unless unspecified) and the formats.
absl::Status ReadCatalogue(pg::Tx& tx, v1::MentoringModel only, v1::MentoringCatalogue* out);

// What the models prescribe.
absl::StatusOr<std::map<v1::MentoringModel, v1::MentoringModelCard>> ReadModels(pg::Tx& tx);

// What stands against a mentorship in other rows, whoever may see them.
struct Findings {
  bool unemployed = false;   // a participant is not employed on each of its days
  bool overlapping = false;  // two participants have another pair on one of its days
};
absl::StatusOr<Findings> FindAgainst(pg::Tx& tx, const v1::Mentorship& mentorship);

// Positions of those employments that, with the dates they have here, no longer carry a living
// mentorship of their person.
absl::StatusOr<std::vector<size_t>> FindHeld(pg::Tx& tx,
                                             const std::vector<const v1::Employment*>& employments);

// Whether the body was or is a member of the league on a day from `admit_date` on, by another
// record.
absl::StatusOr<bool> IsLeagueMember(pg::Tx& tx, const v1::MentorSchool& school);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_MENTORING_MENTORING_STORE_H_
