// The commands of rsnmsctl. Each prints what it did and returns the first failure.
#ifndef RSNMS_TOOLS_RSNMSCTL_COMMANDS_H_
#define RSNMS_TOOLS_RSNMSCTL_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tools/rsnmsctl/session.h"

namespace rsnms::ctl {

// read.cc: any resource of any service, found through the contracts.
absl::Status Get(Session& session, const std::string& name);
struct ListOptions {
  std::string parent = "regions/-";
  std::string collection, filter, order_by;
  int limit = 50;
  bool show_deleted = false;
};
absl::Status List(Session& session, const ListOptions& options);

// feed.cc: a service's journal.
absl::Status FeedState(Session& session, const std::vector<std::string>& services);
struct TailOptions {
  std::string service = "registry";
  int64_t after = -1;  // -1: from the newest
  std::vector<std::string> types, regions;
  int limit = 0;  // 0: until interrupted
};
absl::Status FeedTail(Session& session, const TailOptions& options);
absl::Status AuditVerify(Session& session, const std::vector<std::string>& services);

}  // namespace rsnms::ctl

#endif  // RSNMS_TOOLS_RSNMSCTL_COMMANDS_H_
