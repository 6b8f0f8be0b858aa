#include "services/diagnostics/sheet_cache.h"

#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"

namespace rsnms::diagnostics {

absl::StatusOr<std::shared_ptr<const Sheet>> SheetCache::Get(pg::Tx& tx, const std::string& name) {
  {
    absl::MutexLock lock(&mutex_);
    if (const auto it = sheets_.find(name); it != sheets_.end()) return it->second;
  }
  auto instrument = instruments_.Get(tx, name);
  if (!instrument.ok()) return instrument.status();
  if (instrument->state() == v1::Instrument::STATE_DRAFT) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::DIAGNOSTICS_REASON_INSTRUMENT_NOT_IN_CAMPAIGN,
                      "the instrument is not published")
        .ToStatus();
  }
  auto sheet = Sheet::Of(*instrument);
  absl::MutexLock lock(&mutex_);
  return sheets_.emplace(name, std::move(sheet)).first->second;
}

}  // namespace rsnms::diagnostics
