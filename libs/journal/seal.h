// One step of the sealer inside one transaction. Used by Sealer; apart from it so that the order
// argument can be read on one page.
//
// Why nothing is lost. Let H be pg_snapshot_xmin(pg_current_snapshot()): every transaction with an
// id below H has ended, so the set of committed rows with xid < H is final and visible to every
// later statement. A step seals, in (xid, seq) order, all rows after the last sealed one with xid <
// H. Whatever commits later has xid >= H, hence comes after all that was sealed. The advisory lock
// is released only after the step's commit is visible, so steps never overlap, and the primary key
// on `position` would refuse it if they did.
#ifndef RSNMS_LIBS_JOURNAL_SEAL_H_
#define RSNMS_LIBS_JOURNAL_SEAL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/tx.h"

namespace rsnms::journal {

// What a sealer remembers between steps, to spare itself rows it has seen.
struct Walk {
  std::string server;        // server start and epoch this memory is of; another one clears it
  uint64_t clear_below = 0;  // every committed row with a lower xid is sealed
};

// What a step found and did.
struct Step {
  bool mine = false;         // false: another sealer was at work, nothing below is filled
  bool epoch_ended = false;  // the database is not the one of the recorded epoch: BeginEpoch is due
  bool more = false;         // the batch was full: go on at once
  int64_t sealed = 0;        // rows sealed by this step
  int64_t position = 0;      // newest sealed position
  std::string epoch;
  absl::Duration lag = absl::ZeroDuration();  // age of the oldest committed change left unsealed
  Walk walk;
};

// Seals up to `batch` rows. Takes the sealer's lock for this transaction, without waiting.
absl::StatusOr<Step> SealStep(pg::Tx& tx, const Walk& walk, int batch);

// Holds all writers, seals every unsealed row and records a new epoch. Does nothing when the
// recorded epoch is this database's, or another sealer is at work.
absl::Status BeginEpoch(pg::Tx& tx, int batch);

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_SEAL_H_
