// Import: client stream → checked rows in a spool → one transaction of set-based merges → a report
// row by row.
#ifndef RSNMS_LIBS_RESOURCE_IMPORTER_H_
#define RSNMS_LIBS_RESOURCE_IMPORTER_H_

#include <string_view>

#include "absl/status/status.h"
#include "libs/pg/pool.h"
#include "libs/resource/methods.h"
#include "libs/resource/store.h"
#include "libs/rpc/server.h"

namespace rsnms::resource {

inline constexpr int64_t kMaxImportRows = 5'000'000;
inline constexpr int kMaxImportErrors = 1000;

// Reads the stream to its end, then writes. A cut stream changes nothing. `committed` tells whether
// this import was written now: false for a replayed report, and when the commit is in doubt.
absl::Status RunImport(pg::Pool& pool, const Store& store, const Method& method,
                       std::string_view key, rpc::Call& call, rpc::Reader<Message>& reader,
                       Message* response, bool* committed);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_IMPORTER_H_
