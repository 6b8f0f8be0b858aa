// Typed access to one resource inside a transaction, for domain methods and jobs. Same validation,
// rules, versions and journal as the standard methods.
#ifndef RSNMS_LIBS_RESOURCE_TABLE_H_
#define RSNMS_LIBS_RESOURCE_TABLE_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/resource/engine.h"

namespace rsnms::resource {

enum class Lock { kNone, kShare, kUpdate };

// How many rows a Merge wrote.
struct MergeCounts {
  int64_t created = 0, updated = 0, unchanged = 0;
};

// Untyped operations behind Table<R>; implemented by the engine.
class Rows {
 public:
  virtual ~Rows() = default;
  virtual absl::Status Get(pg::Tx&, std::string_view name, Lock, Message* out) const = 0;
  virtual absl::Status Select(pg::Tx&, std::string_view where_sql, const pg::Params&,
                              const std::function<Message*()>& next) const = 0;
  virtual absl::Status Insert(pg::Tx&, const journal::Author&, Message* r) const = 0;
  virtual absl::Status Update(pg::Tx&, const journal::Author&, const Message& before,
                              Message* after) const = 0;
  virtual absl::Status Delete(pg::Tx&, const journal::Author&, const Message& before) const = 0;
  virtual absl::Status Undelete(pg::Tx&, const journal::Author&, const Message& before) const = 0;
  virtual absl::Status Rewrite(pg::Tx&, const journal::Author&, const Message& before,
                               Message* after) const = 0;
  virtual absl::StatusOr<MergeCounts> Merge(pg::Tx&, const journal::Author&,
                                            const std::vector<Message*>& rows) const = 0;
};
const Rows& RowsOf(const Engine& engine, const google::protobuf::Descriptor* resource);

// Stateless; cheap to make. Thread-safe.
template <class R>
class Table {
 public:
  explicit Table(const Engine& engine) : rows_(RowsOf(engine, R::descriptor())) {}

  // NOT_FOUND when absent or outside the transaction's scopes.
  absl::StatusOr<R> Get(pg::Tx& tx, std::string_view name, Lock lock = Lock::kNone) const {
    R r;
    if (auto s = rows_.Get(tx, name, lock, &r); !s.ok()) return s;
    return r;
  }
  // Rows matching an SQL condition over the table's columns, `WHERE` left out: "person_id = $1 AND
  // state = 'ACTIVE' ORDER BY id". Deleted rows are included unless the condition says `delete_time
  // IS NULL`.
  template <class... T>
  absl::StatusOr<std::vector<R>> Select(pg::Tx& tx, std::string_view where_sql,
                                        T&&... values) const {
    std::vector<R> out;
    auto s = rows_.Select(tx, where_sql, pg::Params::Of(std::forward<T>(values)...),
                          [&] { return &out.emplace_back(); });
    if (!s.ok()) return s;
    return out;
  }
  // Inserts; `name` must hold the parent (`regions/86`) or the full name. Fills name, etag, times.
  absl::Status Insert(pg::Tx& tx, const journal::Author& author, R& r) const {
    return rows_.Insert(tx, author, &r);
  }
  // Writes `after` over `before` (read in this transaction). ABORTED when the row moved on. Fills
  // etag, update_time.
  absl::Status Update(pg::Tx& tx, const journal::Author& author, const R& before, R& after) const {
    return rows_.Update(tx, author, before, &after);
  }
  // Soft delete.
  absl::Status Delete(pg::Tx& tx, const journal::Author& author, const R& r) const {
    return rows_.Delete(tx, author, r);
  }
  // Takes a deletion back.
  absl::Status Undelete(pg::Tx& tx, const journal::Author& author, const R& r) const {
    return rows_.Undelete(tx, author, r);
  }
  // Writes `after` over `before` without asking rules or references, a deleted row too (it stays
  // deleted): for changes that leave what a row says as it was.
  absl::Status Rewrite(pg::Tx& tx, const journal::Author& author, const R& before, R& after) const {
    return rows_.Rewrite(tx, author, before, &after);
  }
  // Set-based upsert of many full images by name: COPY into a staging table, one statement writes
  // rows and journal. Rows equal to what is stored are left alone. All rows must be valid (first
  // failure is returned).
  absl::StatusOr<MergeCounts> Merge(pg::Tx& tx, const journal::Author& author,
                                    std::vector<R>& rows) const {
    std::vector<Message*> pointers;
    pointers.reserve(rows.size());
    for (auto& r : rows) pointers.push_back(&r);
    return rows_.Merge(tx, author, pointers);
  }

 private:
  const Rows& rows_;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TABLE_H_
