// Open search in the bank of practices.
#ifndef RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_
#define RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/practice_search.pb.h"

namespace rsnms::registry {

// Published practices only, whatever more the caller may see.
absl::Status SearchPractices(pg::Tx& tx, const v1::SearchPracticesRequest& request,
                             v1::SearchPracticesResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PRACTICES_PRACTICE_SEARCH_STORE_H_
