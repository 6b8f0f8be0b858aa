// Published instruments, prepared for scoring. They never change, so what was read once stays.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_SHEET_CACHE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_SHEET_CACHE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "libs/resource/table.h"
#include "services/diagnostics/scoring_rules.h"

namespace rsnms::diagnostics {

// Thread-safe. Whether the caller may read the instrument was decided by the session or campaign
// that names it.
class SheetCache {
 public:
  explicit SheetCache(const resource::Engine& engine) : instruments_(engine) {}
  // NOT_FOUND; FAILED_PRECONDITION INSTRUMENT_NOT_IN_CAMPAIGN for a draft.
  absl::StatusOr<std::shared_ptr<const Sheet>> Get(pg::Tx& tx, const std::string& name);

 private:
  resource::Table<v1::Instrument> instruments_;
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const Sheet>> sheets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_SHEET_CACHE_H_
