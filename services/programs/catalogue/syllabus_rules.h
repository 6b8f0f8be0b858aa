// Whether a syllabus adds up. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_SYLLABUS_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_SYLLABUS_RULES_H_

#include <cstdint>

#include "absl/status/status.h"
#include "rsnms/programs/v1/programme_version.pb.h"

namespace rsnms::programs::syllabus_rules {

// The five kinds together; distance hours are among them.
int64_t Total(const v1::LessonHours& hours);

// OK for an empty syllabus. Refuses, naming every path:
//   SYLLABUS_SUMS_DISAGREE  hours of a kind that are not the sum of the parts', parts without
//                           hours, more distance hours than hours, a whole that is not
//                           `duration_hours`, internship that is not `internship_hours`, distance
//                           hours in a programme without distance technologies
//   CONTROL_FORM_REQUIRED   hours of control in what has no parts and no form of control
absl::Status Check(const v1::ProgrammeVersion& version);

}  // namespace rsnms::programs::syllabus_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_SYLLABUS_RULES_H_
