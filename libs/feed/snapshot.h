// The present state of all published resources, page by page, in the order (type, region, id).
#ifndef RSNMS_LIBS_FEED_SNAPSHOT_H_
#define RSNMS_LIBS_FEED_SNAPSHOT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/feed/reader.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::feed {

// Where a snapshot stands; travels in the page token.
struct SnapshotPlace {
  Place began;             // sealed when the first page was read
  std::string type;        // type of the last resource sent; empty at the beginning
  std::string region, id;  // its region and id; empty: the type's beginning
};

// Page tokens are sealed under `key`, of 32 bytes, and bound to the caller's reader.
std::string SealToken(const SnapshotPlace& place, const Reader& reader, const std::string& key);
// INVALID_ARGUMENT INVALID_PAGE_TOKEN.
absl::StatusOr<SnapshotPlace> OpenToken(const std::string& token, const Reader& reader,
                                        const std::string& key);

// Appends at most `limit` resources (and some megabytes) and moves `place` behind them. Answers
// whether there is more. Deleted resources are sent too, as tombstones: see PullSnapshotResponse.
absl::StatusOr<bool> ReadSnapshot(pg::Tx& tx, const resource::Engine& engine, const Reader& reader,
                                  int limit, SnapshotPlace& place,
                                  google::protobuf::RepeatedPtrField<v1::Change>* out);

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_SNAPSHOT_H_
