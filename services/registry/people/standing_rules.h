// How regulations read the rules on educators: young specialists, hours, the career ladder. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_PEOPLE_STANDING_RULES_H_
#define RSNMS_SERVICES_REGISTRY_PEOPLE_STANDING_RULES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "rsnms/registry/v1/career_evidence.pb.h"
#include "rsnms/registry/v1/professional_standing.pb.h"

namespace rsnms::registry {

// The profiles the program carries (people/profiles/*.textproto), `federal` among them. Read once.
const std::vector<v1::PeopleProfile>& PeopleProfiles();

// The profile of this id; with an empty id the region's own, `federal` when it has none.
// INVALID_ARGUMENT UNKNOWN_PEOPLE_PROFILE.
absl::StatusOr<const v1::PeopleProfile*> FindPeopleProfile(const std::string& id,
                                                           const std::string& region);

// Whether somebody is a young specialist on a day, and one sentence in Russian for each condition.
// An unknown date fails its condition.
struct YoungSpecialist {
  bool young = false;
  std::vector<std::string> notes;
};
YoungSpecialist JudgeYoung(const v1::PeopleProfile& profile, std::optional<absl::CivilDay> birth,
                           std::optional<absl::CivilDay> teaching_start, absl::CivilDay day);

// First and last day of the profile's year that holds `day`.
std::pair<absl::CivilDay, absl::CivilDay> YearOf(const v1::PeopleProfile& profile,
                                                 absl::CivilDay day);

// Steps and criteria, met and unmet. `category` is null when none is in force. Of several pieces of
// evidence for one criterion the latest that counts on the day is looked at.
std::vector<v1::LadderStep> JudgeLadder(const v1::PeopleProfile& profile,
                                        const v1::Qualification* category,
                                        const std::vector<v1::CareerEvidence>& evidence,
                                        absl::CivilDay day);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PEOPLE_STANDING_RULES_H_
