#include "services/monitoring/projection.h"

#include "services/monitoring/fact_store.h"
#include "services/monitoring/known_rows.h"
#include "services/monitoring/known_store.h"

namespace rsnms::monitoring {

absl::Status ApplyChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes) {
  const KnownBatch batch = ReadChanges(changes);
  if (auto status = EnterGate(tx); !status.ok()) return status;
  Affected affected;
  if (auto status = WriteKnown(tx, batch, affected); !status.ok()) return status;
  return RefreshFacts(tx, affected);
}

absl::Status ResetSource(pg::Tx& tx, const std::string& source) {
  if (auto status = EnterGate(tx); !status.ok()) return status;
  if (auto status = ForgetSource(tx, source); !status.ok()) return status;
  return RebuildAllFacts(tx);
}

}  // namespace rsnms::monitoring
