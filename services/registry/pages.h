// Pages of answers that are no lists of the engine: searches, candidates, watches.
#ifndef RSNMS_SERVICES_REGISTRY_PAGES_H_
#define RSNMS_SERVICES_REGISTRY_PAGES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/resource/row_codec.h"
#include "libs/rpc/call.h"

namespace rsnms::registry {

// 0 means `by_default`, more than `most` means `most`.
int PageSize(int asked, int by_default, int most);

// Page tokens of the engine (libs/resource/page_token.h), bound to the caller and to the whole
// request but its page_size and page_token. Thread-safe.
class Pages {
 public:
  // `key` is the host's, for resource::KeyPurpose::kReportPages.
  explicit Pages(std::string key) : key_(std::move(key)) {}

  // The values Next was given for the page before, `columns` of them; nothing for the first page.
  // INVALID_ARGUMENT INVALID_PAGE_TOKEN when the token is not of this request and caller.
  absl::StatusOr<std::optional<resource::Values>> Place(const rpc::Call& call,
                                                        const google::protobuf::Message& request,
                                                        size_t columns) const;
  // The token of the page after the row that `last` leads to.
  std::string Next(const rpc::Call& call, const google::protobuf::Message& request,
                   const resource::Values& last) const;

 private:
  std::string key_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PAGES_H_
