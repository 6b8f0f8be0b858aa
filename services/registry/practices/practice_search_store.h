// Open search in the bank of practices.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_

#include <optional>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/row_codec.h"
#include "rsnms/registry/v1/practice_search.pb.h"

namespace rsnms::registry {

// Published practices only, whatever more the caller may see. `after` is the place the page before
// ended at.
absl::Status SearchPractices(pg::Tx& tx, const v1::SearchPracticesRequest& request,
                             const std::optional<resource::Values>& after,
                             v1::SearchPracticesResponse* response);

// Where an answer ends that shows at least one practice: relevance, day, title, id.
inline constexpr size_t kPracticePlaceColumns = 4;
resource::Values LastPlace(const v1::SearchPracticesResponse& response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_
