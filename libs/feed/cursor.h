// The consumer's side in the database: its cursor and the versions it has seen. Every function runs
// inside the caller's transaction.
#ifndef RSNMS_LIBS_FEED_CURSOR_H_
#define RSNMS_LIBS_FEED_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/feed/place.h"
#include "libs/pg/tx.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::feed {

struct Cursor {
  int64_t id = 0;
  Place place;                                // epoch empty: no complete state yet
  std::optional<std::string> snapshot_token;  // set while a snapshot is being read
  std::string selection;                      // the feed's, of `place`; empty: unknown

  bool operator==(const Cursor&) const = default;
};

// Reads the cursor and locks it until the transaction ends; makes it when it does not exist.
absl::StatusOr<Cursor> LockCursor(pg::Tx& tx, const std::string& source, const std::string& name);
absl::Status SaveCursor(pg::Tx& tx, const Cursor& cursor);

// Forgets place, snapshot and versions.
absl::Status ForgetCursor(pg::Tx& tx, int64_t id);

// Keeps the changes that are newer than what was seen, in their order, and remembers them. The
// cursor must be locked. One statement for the whole batch.
absl::StatusOr<std::vector<v1::Change>> KeepNew(
    pg::Tx& tx, int64_t cursor_id, const google::protobuf::RepeatedPtrField<v1::Change>& changes);

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_CURSOR_H_
