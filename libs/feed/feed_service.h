// rsnms.feed.v1.ChangeFeed over a service's journal.
#ifndef RSNMS_LIBS_FEED_FEED_SERVICE_H_
#define RSNMS_LIBS_FEED_FEED_SERVICE_H_

#include <string>

#include "libs/journal/sealer.h"
#include "libs/pg/pool.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"

namespace rsnms::feed {

// Registers the ChangeFeed RPCs on `server`. The engine knows the types and reads snapshots.
// `token_key` seals the page tokens of snapshots (resource::KeyPurpose::kSnapshotTokens). All
// outlive the server.
void ServeFeed(rpc::Server& server, pg::Pool& pool, journal::Sealer& sealer,
               const resource::Engine& engine, const std::string& token_key);

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_FEED_SERVICE_H_
