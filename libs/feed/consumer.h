// Follows another service's change feed and keeps a projection: each change takes effect exactly
// once.
//
// How. The place in the feed (epoch, position, chain hash) is committed in the same transaction as
// what the batch made of the projection, under a row lock on the cursor that fences replicas. A
// guard table holds the version of every resource the projection has seen: a change whose version
// is not greater is dropped. So replays, overlapping replicas, fuzzy snapshots and changes
// delivered out of order do nothing.
#ifndef RSNMS_LIBS_FEED_CONSUMER_H_
#define RSNMS_LIBS_FEED_CONSUMER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/observe/metrics.h"
#include "libs/pg/pool.h"
#include "libs/rpc/client.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::feed {

struct ConsumerOptions {
  std::string name;    // of this projection; the cursor's key together with `source`
  std::string source;  // `registry`
  // A release that changes it, and a token whose scope gives other regions, empties the projection
  // and reads it anew: the cursor holds what was read up to it (`selection` of the feed). While
  // replicas of both releases run they do so in turns.
  v1::ChangeSelector selector;
  int batch = 1000;                     // resources a page of a snapshot
  observe::Metrics* metrics = nullptr;  // gets the lag; may be null, outlives the consumer
};

// Applies a batch inside the transaction that also commits the position. `changes` hold only what
// is new: stale versions (replays, fuzzy snapshots) were filtered by the guard table `feed_guard`.
// A snapshot brings deleted resources too, as DELETED of what was never seen.
// One resource may occur several times, with growing versions. May run again: see pg::Pool::Run.
// The transaction has every scope. An error stops the feed there: it is tried again, with back-off.
using Apply = std::function<absl::Status(pg::Tx&, const std::vector<v1::Change>& changes)>;
// Empties the projection before a snapshot, in the transaction that forgets the cursor. The guard
// is emptied by the library. Also run once before the very first snapshot.
using Reset = std::function<absl::Status(pg::Tx&)>;

// A thread of its own: snapshot when it has no cursor or is told RESYNC_REQUIRED, then the stream;
// reconnects with jittered back-off. Two replicas of one consumer may run: a row lock on the cursor
// lets one apply at a time.
class Consumer {
 public:
  static std::unique_ptr<Consumer> Start(pg::Pool* pool, std::shared_ptr<rpc::Client> source,
                                         ConsumerOptions options, Apply apply, Reset reset);
  // Stops: at once between batches, after the batch in hand otherwise; a second when the source is
  // silent.
  virtual ~Consumer() = default;
  // Position and epoch committed; lag against the source's sealed position as last heard.
  struct State {
    std::string epoch;  // empty while the first snapshot is not complete
    int64_t position = 0;
    int64_t sealed_position = 0;
    bool connected = false;  // the source has been heard since the last failure
    absl::Time heard = absl::InfinitePast();
    int64_t applied = 0;       // changes handed to Apply and committed, since start
    int64_t resyncs = 0;       // snapshots begun since start
    absl::Status last_status;  // of the latest cycle that ended
  };
  virtual State state() const = 0;
  // Waits until the projection holds everything the source had sealed when the call began.
  virtual absl::Status CatchUp(absl::Duration timeout) = 0;
};

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_CONSUMER_H_
