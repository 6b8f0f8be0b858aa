// SQL over all consulting requests of a region: terms that run out, topics that recur.
#ifndef RSNMS_SERVICES_REGISTRY_SITES_CONSULTING_STORE_H_
#define RSNMS_SERVICES_REGISTRY_SITES_CONSULTING_STORE_H_

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/registry/v1/consulting_watch.pb.h"

namespace rsnms::registry::sites {

absl::Status ReadOverdue(pg::Tx& tx, const v1::ListOverdueConsultingRequestsRequest& request,
                         v1::ListOverdueConsultingRequestsResponse* response);

absl::Status CountTopics(pg::Tx& tx, const v1::CountConsultingTopicsRequest& request,
                         v1::CountConsultingTopicsResponse* response);

}  // namespace rsnms::registry::sites

#endif  // RSNMS_SERVICES_REGISTRY_SITES_CONSULTING_STORE_H_
