// What diagnostics keeps of the feed of `programs`: the programmes on offer, and learning moving
// routes.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_PROGRAMMES_PROJECTION_H_
#define RSNMS_SERVICES_DIAGNOSTICS_PROGRAMMES_PROJECTION_H_

#include <functional>
#include <memory>
#include <vector>

#include "libs/feed/consumer.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"

namespace rsnms::diagnostics {

// Applies a batch of changes of Programme, Enrolment, Completion, LearningRecord and
// Certificate inside the
// consumer's transaction, and marks the routes concerned: they move afterwards (route_follower.h).
// A programme is on offer while it lives, was not withdrawn from the federal register or by its
// provider, and covers a competency. Learning counts that names a route of its own region.
absl::Status ApplyProgrammeChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes);

// Empties the offers before a resync. What was told of learning and of withdrawals stays until it
// is told anew, so that no route moves to and fro meanwhile.
absl::Status ForgetProgrammes(pg::Tx& tx);

// Follows the feed until destroyed. `marked` is called whenever routes were marked, shortly before
// the transaction commits; it outlives the consumer.
std::unique_ptr<feed::Consumer> FollowProgrammes(resource::Engine& engine,
                                                 std::shared_ptr<rpc::Client> programs,
                                                 std::function<void()> marked);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_PROGRAMMES_PROJECTION_H_
