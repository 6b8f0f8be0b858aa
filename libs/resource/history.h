// What resources were, read from the journal: one resource version by version, or all of a type at
// a moment. "Known at" is by the time of writing (journal.change_time), not of commit: a
// transaction that was open at the moment may count as known. Images hold no personal fields,
// output-only times or etag.
#ifndef RSNMS_LIBS_RESOURCE_HISTORY_H_
#define RSNMS_LIBS_RESOURCE_HISTORY_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "rsnms/feed/v1/revision.pb.h"

namespace rsnms::resource {

// The type of the engine a name belongs to; null when there is none.
const Type* TypeOfName(const Engine& engine, std::string_view name);

// The version of a resource that was known at `time`. NOT_FOUND when the caller does not see the
// resource as it stands now (deleted ones are seen), or it was not yet created; OUT_OF_RANGE,
// without details, when retention has removed that part of the journal: the service gives it its
// reason.
absl::StatusOr<feed::v1::Revision> RevisionAt(pg::Tx& tx, const Engine& engine, const Type& type,
                                              std::string_view name, absl::Time time);

// Versions of a resource below `before_version` (0: all), newest first, at most `limit`. NOT_FOUND
// as above.
absl::StatusOr<std::vector<feed::v1::Revision>> Revisions(pg::Tx& tx, const Engine& engine,
                                                          const Type& type, std::string_view name,
                                                          int64_t before_version, int limit);

// Images of several rows of a region and type, each at a version of its own; whatever the caller
// sees. `take` gets the place in `ids`. OUT_OF_RANGE when one is gone.
struct RowVersion {
  std::string id;
  int64_t version;
};
absl::Status ReadVersions(pg::Tx& tx, const Type& type, std::string_view region,
                          const std::vector<RowVersion>& rows,
                          const std::function<void(size_t place, const Message&)>& take);

// Narrows rows to those that name a resource in a field, which must never change: the table is
// asked, as it stands. An empty name takes all.
struct Naming {
  std::string_view field = {};
  std::string_view name = {};
};

// Hands every row of a region and type that lived at `time`, as it then was, to `take`. The caller
// must have the whole region in scope: the journal is not shown to narrower ones. OUT_OF_RANGE as
// above. Rows unchanged since are read from the table, so that only later changes need the journal.
absl::Status RowsKnownAt(pg::Tx& tx, const Type& type, std::string_view region, absl::Time time,
                         const std::function<void(const Message&)>& take, const Naming& of = {});

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_HISTORY_H_
