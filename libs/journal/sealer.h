// Stamps committed journal rows with contiguous positions and a SHA-256 chain, in (xid, seq) order,
// never past the oldest running transaction. One sealer per schema works at a time (session
// advisory lock); the others stand by.
#ifndef RSNMS_LIBS_JOURNAL_SEALER_H_
#define RSNMS_LIBS_JOURNAL_SEALER_H_

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"

namespace rsnms::journal {

struct SealerOptions {
  absl::Duration poll = absl::Milliseconds(50);  // when nobody wakes it
  int batch = 5000;
};

// A thread of its own. Also watches the epoch: when the database's system identifier differs from
// the recorded one (restored from a dump), it seals what was restored and begins a new epoch.
class Sealer {
 public:
  static std::unique_ptr<Sealer> Start(pg::Pool* pool, SealerOptions options = {});
  virtual ~Sealer() = default;  // stops
  // Called by writers after commit, in process; cheap, never blocks.
  virtual void Wake() = 0;
  // Called on the sealer's thread after each sealed batch (feed streams wait on it).
  virtual void OnSealed(std::function<void(int64_t position)> listener) = 0;
  // Seals everything committed before the call; for tests and orderly shutdown.
  virtual absl::Status Flush(absl::Duration timeout) = 0;
};

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_SEALER_H_
