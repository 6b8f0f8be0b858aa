// Parents and pages of reports, which are no lists of the engine.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_REPORT_PAGES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_REPORT_PAGES_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "libs/resource/row_codec.h"
#include "libs/rpc/call.h"

namespace rsnms::programs {

// One region must be named, and the caller must have some right in it: INVALID_PARENT, NOT_FOUND.
absl::Status CheckReportParent(const rpc::Call& call, std::string_view parent);

// INVALID_NAME unless the name is empty or of the region of `parent`.
absl::Status CheckReportName(std::string_view parent, std::string_view name,
                             std::string_view collection, std::string_view path);

// How many rows a page shows: 0 means 50, more than 1 000 means 1 000.
int PageSize(int asked);

// Tokens sealed by the host's key for resource::KeyPurpose::kReportPages, bound to the caller and
// to the whole request but its page_size and page_token.
class ReportPages {
 public:
  explicit ReportPages(std::string key) : key_(std::move(key)) {}

  // The key the page goes on after; nothing for the first. INVALID_PAGE_TOKEN.
  absl::StatusOr<std::optional<resource::Values>> Place(const rpc::Call& call,
                                                        const google::protobuf::Message& request,
                                                        size_t columns) const;
  std::string Next(const rpc::Call& call, const google::protobuf::Message& request,
                   const resource::Values& last) const;

 private:
  const std::string key_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_REPORT_PAGES_H_
