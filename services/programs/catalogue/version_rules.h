// What a version of a programme must be like, and what its programme shows of it. Pure. Field paths
// are relative to the resource.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_RULES_H_

#include "absl/status/status.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/training_rules.pb.h"

namespace rsnms::programs::version_rules {

// People write a version in these states alone: DRAFT, REWORK.
bool IsEditable(v1::ProgrammeVersion::State state);

// Whether what people write differs.
bool WrittenDiffers(const v1::ProgrammeVersion& before, const v1::ProgrammeVersion& after);

// Fills depths, sorts topics, counts rounds, remembers former authors, forgets a reason that no
// longer holds and an answer of the register to a former submission. Refuses:
//   VERSION_FROZEN      writing or deleting what was handed in
//   VERSION_INCOMPLETE  handing in without what приказ № 499, clause 9, and 273-ФЗ, articles 15
//                       and 76, demand
//   DATES_OUT_OF_ORDER  approval, submission, answer, withdrawal in another order
//   REPEATED_AUTHOR, PARTNER_REQUIRED, OUT_OF_RANGE (price, internship, sites), INVALID_REQUEST
//   (competencies, categories of listeners), and what syllabus_rules::Check refuses
absl::Status Check(resource::Change change, const v1::ProgrammeVersion* before,
                   v1::ProgrammeVersion* after);

// What the version says, into the programme that shows it; `current_version` too.
void Show(const v1::ProgrammeVersion& version, v1::Programme& programme);

// Fills the defaults of a set of rules. OUT_OF_RANGE for less than two experts, INVALID_REQUEST for
// a criterion named twice.
absl::Status CheckRules(v1::TrainingRules* rules);

}  // namespace rsnms::programs::version_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_VERSION_RULES_H_
