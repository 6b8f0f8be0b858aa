// The journal of a service: one row for every committed change of a resource, written in the
// change's transaction. Schema in libs/journal/migrations; order and hashes are stamped later by
// the sealer (sealer.h).
#ifndef RSNMS_LIBS_JOURNAL_JOURNAL_H_
#define RSNMS_LIBS_JOURNAL_JOURNAL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/pg/tx.h"
#include "rsnms/feed/v1/feed.pb.h"

namespace rsnms::journal {

// Who writes and why; part of every journal row.
struct Author {
  std::string subject;     // token subject or `system:<job>`
  std::string request_id;  // may be empty
  std::string trace_id;
  std::string reason;  // of state changes that ask for one; no personal data
};

// A journal row in the making. `image` is the serialised resource without personal fields,
// output-only times and etag.
struct Entry {
  std::string region_code;
  std::string resource_type;  // `registry.rsnms/Organisation`
  std::string resource_id;    // last segment of the name
  feed::v1::ChangeKind kind;
  int64_t version;
  std::vector<std::string> changed_fields;
  std::string image;
};

// Columns of `journal` a writer fills, for writers that put the business row and the journal row in
// one statement (libs/resource/statements.cc): region_code, resource_type, resource_id, kind,
// version, changed_fields, image, actor, request_id, trace_id, reason. (seq, xid and change_time
// have defaults.)
extern const char kColumns[];

// Appends rows; many rows go by one statement. For writers that cannot use a CTE.
absl::Status Append(pg::Tx& tx, const Author& author, const std::vector<Entry>& entries);

}  // namespace rsnms::journal

#endif  // RSNMS_LIBS_JOURNAL_JOURNAL_H_
