// Reads of personal data, recorded before the answer leaves (152-ФЗ, article 19).
#ifndef RSNMS_LIBS_RESOURCE_ACCESS_LOG_H_
#define RSNMS_LIBS_RESOURCE_ACCESS_LOG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"
#include "libs/resource/type.h"
#include "libs/rpc/call.h"

namespace rsnms::resource {

// Collects the reads of one transaction; written by one statement that travels with COMMIT.
class AccessLog {
 public:
  explicit AccessLog(const Type& type) : type_(type) {}
  void Add(const rpc::Call& call, std::string_view region, std::string_view id);
  // Does nothing when the type holds no personal data or nothing was read.
  absl::Status Write(pg::Tx& tx) const;

 private:
  const Type& type_;
  std::vector<std::string> actors_, methods_, traces_, regions_, ids_;
};

// For domain methods that show resources holding personal data: records that the caller read
// `names`.
absl::Status RecordReads(pg::Tx& tx, const rpc::Call& call, const Type& type,
                         const std::vector<std::string>& names);

// Retention: removes the oldest reads made longer than `kept` ago, at most `batch`. Answers how
// many. PERMISSION_DENIED when `kept` is less than journal::kLeastKept: the database refuses.
absl::StatusOr<int64_t> PruneAccessLog(pg::Tx& tx, absl::Duration kept, int batch);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_ACCESS_LOG_H_
