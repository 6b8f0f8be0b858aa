// References to resources of another service that turn out to be one and the same.
//
// A merged resource stays as a tombstone whose image names the one it was merged into. Whoever
// refers to it follows the owner's feed: the references of this service come to name the survivor,
// and return when the two are separated again (libs/resource/repoint.h). Whoever still writes the
// old name afterwards, or was refused the survivor's until another row left, is found by a look at
// all references every now and then.
#ifndef RSNMS_LIBS_FEED_REDIRECT_H_
#define RSNMS_LIBS_FEED_REDIRECT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/feed/consumer.h"
#include "libs/resource/engine.h"

namespace rsnms::feed {

struct Redirect {
  std::string source;         // the owner: `registry`
  std::string resource_type;  // `registry.rsnms/Person`
  std::string field;          // of its image, the survivor's name: `merged_into`; empty: not merged
  observe::Metrics* metrics = nullptr;  // gets the consumer's lag; may be null
  // Between two looks at all references. Longer when a look takes more than a twentieth of it.
  absl::Duration look_every = absl::Seconds(5);
};

// Follows from now on; the engine outlives it. Rows that a constraint of this service forbids to
// name the survivor keep the name they had at first, which its owner answers for ever, as long as
// the constraint does; they are logged.
std::unique_ptr<Consumer> FollowRedirects(resource::Engine& engine,
                                          std::shared_ptr<rpc::Client> source, Redirect redirect);

// The body of its Apply: what a batch of the owner's changes makes of this service's references.
absl::Status ApplyRedirects(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect,
                            const std::vector<v1::Change>& changes);

// The look: brings references where they belong by all that ApplyRedirects heard.
absl::Status SettleRedirects(pg::Tx& tx, const resource::Engine& engine, const Redirect& redirect);

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_REDIRECT_H_
