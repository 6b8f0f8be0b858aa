// Paging of the lists that are not resources, by the engine's page tokens.
#ifndef RSNMS_SERVICES_MONITORING_PAGE_MARK_H_
#define RSNMS_SERVICES_MONITORING_PAGE_MARK_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/rpc/call.h"

namespace rsnms::monitoring {

// A token that goes on after `last_id`, sealed under `key` (resource::KeyPurpose::kReportPages),
// bound to the caller and to `request` without its page_size and page_token.
std::string SealPage(const std::string& key, const rpc::Call& call,
                     const google::protobuf::Message& request, const std::string& last_id);
// The id; empty for the empty token. INVALID_ARGUMENT INVALID_PAGE_TOKEN.
absl::StatusOr<std::string> OpenPage(const std::string& key, const rpc::Call& call,
                                     const google::protobuf::Message& request,
                                     const std::string& token);

// 0 means `by_default`, more than `largest` means `largest`. INVALID_ARGUMENT INVALID_PAGE_SIZE
// when negative.
absl::StatusOr<int> PageSize(int asked, int by_default, int largest);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PAGE_MARK_H_
