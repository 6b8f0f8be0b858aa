// What every batch request must hold to. Pure.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_BATCH_CHECKS_H_
#define RSNMS_SERVICES_DIAGNOSTICS_BATCH_CHECKS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace rsnms::diagnostics {

inline constexpr int kMostOfBatch = 1000;

// INVALID_PARENT unless the text is `regions/{region}`.
absl::Status CheckParent(std::string_view parent);

// A batch names at most a thousand rows of the parent's region, or a campaign of it to take them
// of: OUT_OF_RANGE, INVALID_NAME with the path `{field}[i]` or `campaign` otherwise.
absl::Status CheckBatch(std::string_view parent, std::string_view campaign,
                        const google::protobuf::RepeatedPtrField<std::string>& names,
                        std::string_view field);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_BATCH_CHECKS_H_
