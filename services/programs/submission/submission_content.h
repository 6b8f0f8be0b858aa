// What is sent to the federal register of a version. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_CONTENT_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_CONTENT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "rsnms/federal/v1/programme_submissions.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"

namespace rsnms::programs::submission_content {

inline constexpr char kFormatVersion[] = "rsnms-programme/1";
inline constexpr size_t kGreatestBytes = 3 << 20;  // that the register takes

// All the version says but for people and the sites' names. `register_number` is that of the entry
// its programme has already, empty for a new one.
federal::v1::ProgrammeApplication ApplicationOf(const v1::ProgrammeVersion& version,
                                                std::string_view register_number);

// The bytes of it: the same application gives the same.
std::string BytesOf(const federal::v1::ProgrammeApplication& application);

// Its name at the register: `regions/86/programmeSubmissions/{uuid}`.
std::string NameAtRegister(std::string_view submission);

}  // namespace rsnms::programs::submission_content

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_CONTENT_H_
