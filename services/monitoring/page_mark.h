// Page tokens of the lists that are not resources: the id the page before ended with, bound to the
// request by a keyed hash, so that a token cannot be forged, altered or used with another request.
#ifndef RSNMS_SERVICES_MONITORING_PAGE_MARK_H_
#define RSNMS_SERVICES_MONITORING_PAGE_MARK_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace rsnms::monitoring {

// `request` without its page_size and page_token is what the token is bound to.
std::string SealPage(const std::string& key, const google::protobuf::Message& request,
                     const std::string& last_id);
// The id; empty for the empty token. INVALID_ARGUMENT INVALID_PAGE_TOKEN.
absl::StatusOr<std::string> OpenPage(const std::string& key,
                                     const google::protobuf::Message& request,
                                     const std::string& token);

// 0 means `by_default`, more than `largest` means `largest`. INVALID_ARGUMENT INVALID_PAGE_SIZE
// when negative.
absl::StatusOr<int> PageSize(int asked, int by_default, int largest);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PAGE_MARK_H_
