// What a caller of the feed may read and asked for, and the SQL that reads it from the journal.
#ifndef RSNMS_LIBS_FEED_READER_H_
#define RSNMS_LIBS_FEED_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/auth/identity.h"
#include "libs/feed/place.h"
#include "libs/pg/tx.h"
#include "libs/resource/engine.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::feed {

// A selector narrowed to the caller's scope and to what the caller's roles grant reading.
struct Reader {
  // TxOptions::scopes: the caller's whole regions, or `*`.
  std::string scopes;
  // Types wanted, sorted; empty means every type the engine knows (all of them published).
  std::vector<std::string> types;
  // Regions wanted, sorted. Only when `all_regions` is false.
  std::vector<std::string> regions;
  bool all_regions = false;
  // Stands for the types and regions: equal for equal ones, another for any other.
  std::string selection;
};

// PERMISSION_DENIED when no scope of the caller is a whole region, for a type asked for by name
// that no role of the caller grants reading (resource::Type::read_permissions), and when no type at
// all is granted; INVALID_ARGUMENT for a type this service does not publish. Regions out of scope,
// and types not granted that were not asked for by name, are left out in silence.
absl::StatusOr<Reader> MakeReader(const auth::Identity& identity,
                                  const v1::ChangeSelector& selector,
                                  const resource::Engine& engine);

// FAILED_PRECONDITION RESYNC_REQUIRED when the place was read under another selection. An empty one
// is unknown and passes.
absl::Status CheckSelection(const Reader& reader, const std::string& selection);

struct Ends {
  Place sealed;        // the newest sealed position
  int64_t oldest = 0;  // 1 while nothing was pruned
};

// Reads the journal's ends. UNAVAILABLE until the sealer has recorded this database's epoch.
absl::StatusOr<Ends> ReadEnds(pg::Tx& tx);

// FAILED_PRECONDITION RESYNC_REQUIRED when `place` is not one the journal can go on from.
absl::Status CheckPlace(pg::Tx& tx, const Ends& ends, const Place& place);

// Appends to `out` changes after `after` up to `sealed`, at most `limit` and some megabytes.
// Answers the place to go on from, which lies behind whatever the selector left out.
absl::StatusOr<Place> ReadChanges(pg::Tx& tx, const resource::Engine& engine, const Reader& reader,
                                  int64_t after, const Place& sealed, int limit,
                                  google::protobuf::RepeatedPtrField<v1::Change>* out);

// `type.googleapis.com/rsnms.registry.v1.Organisation`.
std::string TypeUrl(const resource::Type& type);

// A message is closed when its images exceed this.
inline constexpr size_t kMessageBytes = 2 << 20;

}  // namespace rsnms::feed

#endif  // RSNMS_LIBS_FEED_READER_H_
