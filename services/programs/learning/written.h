// What people write of a resource, beside what steps and the service set. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_WRITTEN_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_WRITTEN_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "google/type/date.pb.h"
#include "rsnms/programs/v1/errors.pb.h"

namespace rsnms::programs::learning {

// Whether two images of one resource differ in what is not OUTPUT_ONLY; etags do not count.
bool WrittenDiffers(const google::protobuf::Message& before,
                    const google::protobuf::Message& after);

// FAILED_PRECONDITION, or INVALID_ARGUMENT at a field.
absl::Status Refuse(v1::ProgramsReason reason, std::string_view text);
absl::Status Invalid(v1::ProgramsReason reason, std::string_view path, std::string_view text);
// INVALID_REQUEST at a field that this kind does not have, or that comes alone.
absl::Status Misplaced(std::string_view path, std::string_view text, std::string_view text_ru);

// LEARNING_FROZEN.
absl::Status Frozen();

absl::CivilDay ToCivil(const google::type::Date& date);
std::string Iso(absl::CivilDay day);

// OUT_OF_RANGE unless `date` lies between the two days, both included.
absl::Status CheckBetween(const google::type::Date& date, absl::CivilDay first, absl::CivilDay last,
                          std::string_view path);

// INVALID_REQUEST for a competency named twice.
absl::Status CheckCompetencies(const google::protobuf::RepeatedPtrField<std::string>& names);

}  // namespace rsnms::programs::learning

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_WRITTEN_H_
