// Stamps committed journal rows with contiguous positions and a SHA-256 chain, in (xid, seq) order,
// never past the oldest running transaction. One sealer per schema works at a time: each step takes
// an advisory lock for its transaction, so a leader that dies, hangs or loses its database leaves
// nothing behind and any replica's next step goes on.
#ifndef RSNMS_LIBS_JOURNAL_SEALER_H_
#define RSNMS_LIBS_JOURNAL_SEALER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"

namespace rsnms::journal {

struct SealerOptions {
  absl::Duration poll = absl::Milliseconds(50);   // when nobody wakes it
  absl::Duration gather = absl::Milliseconds(5);  // least time between two steps with little to do
  int batch = 5000;                               // rows a step
};

// What a sealer last saw. Positions sealed by another replica are seen too, within a poll.
struct SealerState {
  int64_t position = 0;                         // newest sealed position
  std::string epoch;                            // empty until the first step succeeded
  absl::Duration lag = absl::ZeroDuration();    // age of the oldest committed change left unsealed
  absl::Time last_step = absl::InfinitePast();  // when a step of this sealer last succeeded
  absl::Status last_status;                     // of the latest attempt
  int64_t rows = 0;                             // sealed by this sealer since its start
};

// A thread and a database connection of its own (beside the pool's). Also watches the epoch: when
// the database's system identifier or oid differs from the recorded one (restored from a dump), it
// seals what was restored and begins a new epoch.
class Sealer {
 public:
  // Uses the pool's options, not its connections. Returns at once; the database may be away.
  static std::unique_ptr<Sealer> Start(pg::Pool* pool, SealerOptions options = {});
  virtual ~Sealer() = default;  // stops
  // Called by writers after commit, in process; cheap, never blocks.
  virtual void Wake() = 0;
  // Called on the sealer's thread whenever the newest sealed position grew, by whichever replica
  // (feed streams wait on it). Must be quick. Returns a number for Forget.
  virtual int OnSealed(std::function<void(int64_t position)> listener) = 0;
  // Removes a listener; it is not running when this returns.
  virtual void Forget(int listener) = 0;
  // Seals everything committed before the call; for tests and orderly shutdown. DEADLINE_EXCEEDED
  // when an open transaction holds the horizon, or the database is away.
  virtual absl::Status Flush(absl::Duration timeout) = 0;
  virtual SealerState state() const = 0;
};

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_SEALER_H_
