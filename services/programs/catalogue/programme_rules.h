// What a programme must satisfy, beyond what its contract declares. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme.pb.h"

namespace rsnms::programs::programme_rules {

// Whether anybody may be enrolled, selected or taken into a group. The same as on_offer() of the
// database.
inline bool OnOffer(const v1::Programme& programme) {
  return !programme.has_delete_time() && !programme.withdrawn() && !programme.awaits_approval() &&
         programme.register_state() != v1::REGISTER_STATE_WITHDRAWN;
}

// Least work of a learner, academic hours (приказ Минобрнауки № 499, clause 12).
inline constexpr int kLeastDevelopmentHours = 16;
inline constexpr int kLeastRetrainingHours = 250;

// The same by kind, where a region's rules may say otherwise.
struct Minima {
  int development = kLeastDevelopmentHours;
  int retraining = kLeastRetrainingHours;
};

// TOO_FEW_HOURS at `duration_hours` for less than the minimum of the kind.
absl::Status CheckHours(const Minima& minima, v1::ProgrammeKind kind, int hours);

// Sorts and deduplicates.
void SortTopics(google::protobuf::RepeatedPtrField<std::string>& topics);

// Fills depths left out (OVERVIEW). INVALID_REQUEST for a competency named twice or of another
// region.
absl::Status CheckCompetencies(
    std::string_view region_code,
    google::protobuf::RepeatedPtrField<v1::CompetencyCoverage>& competencies);

// Whether the programme is offered by the region's own word alone, and would say something else.
// Whoever has less than the region in scope may not do that (the preparation asks).
bool RewritesTheRegionsWord(const v1::Programme& before, const v1::Programme& after);

// Fills what is left out (register_state NOT_LISTED, depth OVERVIEW), sorts and deduplicates
// topics; what the register lists or a version shows awaits no approval. Hours and who may offer
// are the preparation's matter (catalogue.h). Refuses:
//   OUT_OF_RANGE         more internship hours than hours
//   INVALID_REQUEST      a competency named twice or of another region
//   IMMUTABLE_FIELD      a person changing the number of a programme the register has listed
//   PROGRAMME_VERSIONED  a person changing what the approved version says
absl::Status Check(resource::Change change, const v1::Programme* before, v1::Programme* after);

}  // namespace rsnms::programs::programme_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_PROGRAMME_RULES_H_
