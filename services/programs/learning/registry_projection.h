// What learning keeps of the registry's feed: employments, hours of corporate training, and the
// kinds of bodies.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_PROJECTION_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_PROJECTION_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/feed/consumer.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"

namespace rsnms::programs {

// Whose feed it is, and as whom it is followed.
inline constexpr char kRegistrySource[] = "registry";
inline constexpr char kRegistryConsumer[] = "programs.learning";

// Applies a batch of changes inside the consumer's transaction: the last image of each resource
// stands, what is deleted goes.
absl::Status ApplyRegistryChanges(pg::Tx& tx, const std::vector<feed::v1::Change>& changes);

// Empties the projection before a resync.
absl::Status ForgetRegistry(pg::Tx& tx);

// Whether the registry was read whole once.
absl::StatusOr<bool> IsRegistryKnown(pg::Tx& tx);

// Follows the feed until destroyed; `metrics` may be null. `placed`, if any, is called at once and
// after each batch that told of organisations, in its transaction, with everything in scope.
std::unique_ptr<feed::Consumer> FollowRegistry(
    resource::Engine& engine, std::shared_ptr<rpc::Client> registry, observe::Metrics* metrics,
    std::function<absl::Status(pg::Tx&)> placed = nullptr);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_REGISTRY_PROJECTION_H_
