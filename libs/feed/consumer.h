// Follows another service's change feed and keeps a projection: each change takes effect exactly
// once.
#ifndef RSNMS_LIBS_FEED_CONSUMER_H_
#define RSNMS_LIBS_FEED_CONSUMER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/pg/pool.h"
#include "libs/rpc/client.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::feed {

struct ConsumerOptions {
  std::string name;    // of this projection; the cursor's key together with `source`
  std::string source;  // `registry`
  v1::ChangeSelector selector;
  int batch = 1000;
};

// Applies a batch inside the transaction that also commits the position. `changes` hold only what
// is new: stale versions (replays, fuzzy snapshots) were filtered by the guard table `feed_guard`.
// May run again: see pg::Pool::Run.
using Apply = std::function<absl::Status(pg::Tx&, const std::vector<v1::Change>& changes)>;
// Empties the projection before a resync, in the transaction that forgets the cursor. The guard is
// emptied by the library.
using Reset = std::function<absl::Status(pg::Tx&)>;

// A thread of its own: snapshot when it has no cursor or is told RESYNC_REQUIRED, then the stream;
// reconnects with back-off. Two replicas of one consumer may run: a row lock on the cursor lets one
// apply at a time.
class Consumer {
 public:
  static std::unique_ptr<Consumer> Start(pg::Pool* pool, std::shared_ptr<rpc::Client> source,
                                         ConsumerOptions options, Apply apply, Reset reset);
  virtual ~Consumer() = default;  // stops
  // Position and epoch committed; lag against the source's sealed position as last heard.
  struct State {
    std::string epoch;
    int64_t position = 0;
    int64_t sealed_position = 0;
    bool connected = false;
  };
  virtual State state() const = 0;
  // Waits until the projection holds everything the source had sealed when the call began.
  virtual absl::Status CatchUp(absl::Duration timeout) = 0;
};

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_CONSUMER_H_
