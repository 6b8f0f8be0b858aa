// Rows as they were known at a moment: what all reads with `known_time` stand on.
#ifndef RSNMS_SERVICES_REGISTRY_KNOWN_ROWS_H_
#define RSNMS_SERVICES_REGISTRY_KNOWN_ROWS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "libs/resource/history.h"
#include "libs/rpc/call.h"

namespace rsnms::registry {

// PERMISSION_DENIED unless the caller's scope covers the whole region of a name.
absl::Status DemandRegion(const rpc::Call& call, const std::string& name);

absl::Time ToTime(const google::protobuf::Timestamp& stamp);

// What the engine's history says, in the registry's words: FAILED_PRECONDITION HISTORY_PRUNED.
absl::Status ExplainHistory(absl::Status status);

// Options for a read of what was known: several tables, one picture.
pg::TxOptions KnownTx(const rpc::Call& call);

// Whether a period covers a day; a null end is open.
bool Covers(const google::type::Date* first, const google::type::Date* last, absl::CivilDay day);

// A resource as it was known at a moment. NOT_FOUND when it was not yet known or deleted by then,
// FAILED_PRECONDITION HISTORY_PRUNED.
absl::Status ReadKnown(pg::Tx& tx, const resource::Engine& engine, const std::string& name,
                       const google::protobuf::Timestamp& known, google::protobuf::Message* out);

// Rows of a region that lived at a moment as they then were, in no order; `of` narrows them. The
// caller must have the whole region in scope (DemandRegion). FAILED_PRECONDITION HISTORY_PRUNED.
template <class R>
absl::StatusOr<std::vector<R>> KnownRows(pg::Tx& tx, const resource::Engine& engine,
                                         const std::string& region,
                                         const google::protobuf::Timestamp& known,
                                         const resource::Naming& of = {}) {
  std::vector<R> rows;
  auto s = ExplainHistory(resource::RowsKnownAt(
      tx, engine.TypeOf(R::descriptor()), region, ToTime(known),
      [&](const auto& row) { rows.push_back(static_cast<const R&>(row)); }, of));
  if (!s.ok()) return s;
  return rows;
}

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_KNOWN_ROWS_H_
