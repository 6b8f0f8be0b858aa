// The projection: applies batches of the three feeds, each in one transaction with the feed's
// position.
#ifndef RSNMS_SERVICES_MONITORING_PROJECTION_H_
#define RSNMS_SERVICES_MONITORING_PROJECTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::monitoring {

// Name of the projection: with a source it keys the row of `feed_cursor`.
inline constexpr char kProjectionName[] = "facts";

// Applies a batch of one source; the body of feed::Apply. The transaction sees every region (`*`).
absl::Status ApplyChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes);

// Empties what came from a source and computes facts and cube from what is left; the body of
// feed::Reset.
absl::Status ResetSource(pg::Tx& tx, const std::string& source);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PROJECTION_H_
