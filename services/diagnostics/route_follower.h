// Moves the routes that the feed of `programs` marked, apart from the feed.
//
// The feed's transaction only writes what it was told and marks the routes concerned
// (`route_to_follow`): it locks no route, whoever edits one and however many a withdrawal concerns.
// Here marks are taken a few hundred at a time, each batch with what it makes of its routes in one
// transaction: a mark is gone exactly when its route has been moved.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOWER_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOWER_H_

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"

namespace rsnms::diagnostics {

// Takes one batch of marks that nobody else has in hand and follows their routes. Answers how many
// marks were dealt with; 0: there are none to be had. A route that cannot be written is put off for
// a minute and logged; the others go on. `cancelled` as in pg::TxOptions. Thread-safe.
absl::StatusOr<int> FollowMarked(const resource::Engine& engine,
                                 std::function<bool()> cancelled = nullptr);

// A thread of its own, following from the start; replicas share the marks. Looks once a second by
// itself, and often for a while after Wake.
class RouteFollower {
 public:
  explicit RouteFollower(const resource::Engine& engine);  // which outlives it
  // Stops: the batch in hand is given up, its marks stay.
  ~RouteFollower();
  RouteFollower(const RouteFollower&) = delete;
  RouteFollower& operator=(const RouteFollower&) = delete;

  // Marks are being written, or were. Thread-safe.
  void Wake();

 private:
  void Loop();
  bool Stopping() const;
  void Rest(bool failed);

  const resource::Engine& engine_;
  mutable absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time eager_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::thread thread_;
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_FOLLOWER_H_
