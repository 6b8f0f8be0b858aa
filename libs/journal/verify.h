// Walks the hash chain of the journal, and removes what need not be kept any longer. Both at once
// is well.
#ifndef RSNMS_LIBS_JOURNAL_VERIFY_H_
#define RSNMS_LIBS_JOURNAL_VERIFY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"

namespace rsnms::journal {

struct Verification {
  int64_t checked_rows = 0;
  // Positions whose row does not give the stored hash, or whose row or seal is missing: edited,
  // deleted, reordered. At most 100.
  std::vector<int64_t> broken_positions;
  std::string chain_hash;  // stored at the last position walked
};

// Recomputes the chain for positions from..to; 0 means the oldest kept and the newest sealed. Each
// page is a transaction of its own; `options` must allow every scope, or foreign rows look missing.
// What retention removes before the walk has come there is left out, and the walk goes on from the
// anchor it leaves.
// What it cannot see alone: a tail cut off together with its seals, or a tail whose every hash was
// rewritten. Those show against a hash kept elsewhere (consumers keep theirs).
absl::StatusOr<Verification> Verify(pg::Pool& pool, const pg::TxOptions& options, int64_t from,
                                    int64_t to);

// The oldest position kept, given the oldest seal: what Prune leaves is an anchor, not a row.
int64_t OldestKept(int64_t first_seal);

// Retention: removes the oldest sealed rows written longer than `kept` ago, at most `batch` and
// never the newest, keeping the seal of the last one removed as the chain's anchor. Answers how
// many rows went. PERMISSION_DENIED when `kept` is less than kLeastKept: the database refuses.
absl::StatusOr<int64_t> Prune(pg::Tx& tx, absl::Duration kept, int batch);

// Nothing younger leaves the journal or the access log (migration 0003).
inline constexpr absl::Duration kLeastKept = absl::Hours(30 * 24);

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_VERIFY_H_
