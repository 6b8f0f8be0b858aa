// SQL of the watch over terms.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WATCH_STORE_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WATCH_STORE_H_

#include <optional>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "libs/resource/row_codec.h"
#include "rsnms/registry/v1/terms.pb.h"

namespace rsnms::registry {

// The first `limit` terms behind `after`: last day and name of the last one shown before.
inline constexpr size_t kTermPlaceColumns = 2;
absl::Status ReadEndingTerms(pg::Tx& tx, const v1::ListEndingTermsRequest& request,
                             const std::optional<resource::Values>& after, int limit,
                             v1::ListEndingTermsResponse* response);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WATCH_STORE_H_
