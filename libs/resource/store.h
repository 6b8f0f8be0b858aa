// One resource type and its table: every statement the engine runs on it.
#ifndef RSNMS_LIBS_RESOURCE_STORE_H_
#define RSNMS_LIBS_RESOURCE_STORE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "libs/resource/engine.h"
#include "libs/resource/request_log.h"
#include "libs/resource/statements.h"
#include "libs/resource/table.h"
#include "libs/resource/type.h"

namespace rsnms::resource {

// How a single-row write ended well.
enum class Written {
  kYes,
  kUnchanged,  // nothing differs: no new version, no journal row
  kKnown,      // the request id is taken: roll back and replay
};

// One row of a bulk write.
struct MergeRow {
  int64_t number = 0;  // in the caller's file
  Message* image = nullptr;
};
enum class MergeMode {
  kFull,    // images are the program's own: output-only fields are written, a deleted row revives
  kClient,  // images come from outside: output-only and unset immutable fields keep what is stored
};

// Thread-safe once the rules are set.
class Store final : public Rows {
 public:
  using Rule = std::function<absl::Status(Change, const Message*, Message*)>;

  Store(std::unique_ptr<Type> type) : type_(std::move(type)), sql_(*type_) {}

  const Type& type() const { return *type_; }
  Type& mutable_type() { return *type_; }
  const Statements& sql() const { return sql_; }
  void AddRule(Rule rule) { rules_.push_back(std::move(rule)); }
  void AddPreparation(Engine::Preparation p) { preparations_.push_back(std::move(p)); }
  // A column of another store that refers to this type.
  void AddReferrer(const Store& store, const Column& column);
  // A column of this store that refers to another one of the engine.
  void AddReference(const Column& column, const Store& target) {
    references_.emplace_back(&column, &target);
  }
  // Constraint or unique index -> the field at fault, from the catalogue.
  void SetConstraintFields(absl::flat_hash_map<std::string, std::string> fields) {
    constraint_fields_ = std::move(fields);
  }

  // Rows. Validation, rules, version and journal are in each write.
  absl::Status Get(pg::Tx& tx, std::string_view name, Lock lock, Message* out) const override;
  absl::Status Select(pg::Tx& tx, std::string_view where_sql, const pg::Params& params,
                      const std::function<Message*()>& next) const override;
  absl::Status Insert(pg::Tx& tx, const journal::Author& author, Message* r) const override;
  absl::Status Update(pg::Tx& tx, const journal::Author& author, const Message& before,
                      Message* after) const override;
  absl::Status Delete(pg::Tx& tx, const journal::Author& author,
                      const Message& before) const override;
  absl::Status Undelete(pg::Tx& tx, const journal::Author& author,
                        const Message& before) const override;
  absl::StatusOr<MergeCounts> Merge(pg::Tx& tx, const journal::Author& author,
                                    const std::vector<Message*>& rows) const override;

  // The write behind them. `before` is null for kCreate. `path` leads the field paths of errors.
  // `after` receives etag and times. ABORTED when the row moved on, ALREADY_EXISTS when a created
  // one exists.
  absl::StatusOr<Written> Write(pg::Tx& tx, Change change, const journal::Author& author,
                                const RequestRecord* request, std::string_view path,
                                const Message* before, Message* after) const;

  // Writes a chunk of rows. Rows that rules, immutability or deletion refuse go to `reject`; an
  // error of the database fails the chunk: the caller wraps it in a savepoint. Names within the
  // chunk must differ.
  absl::Status MergeChunk(pg::Tx& tx, const journal::Author& author, MergeMode mode,
                          absl::Span<const MergeRow> rows, MergeCounts* counts,
                          const std::function<void(const MergeRow&, absl::Status)>& reject) const;
  // Splits off the rows whose references lead nowhere, telling `reject`; the others stay in `rows`.
  // Asks the database once per referring field. Only for transactions that see the whole region.
  absl::Status RejectMissingReferences(
      pg::Tx& tx, std::vector<MergeRow>* rows,
      const std::function<void(const MergeRow&, absl::Status)>& reject) const;
  // Once in a transaction, before MergeChunk.
  absl::Status PrepareMerge(pg::Tx& tx) const { return tx.Script(sql_.create_stage); }

  // Names the field behind a constraint's refusal, when the status tells the constraint and it is
  // known.
  absl::Status Explain(absl::Status status, std::string_view path) const;

  absl::Status NotFound(std::string_view name) const;

 private:
  struct Plan;
  absl::Status Settle(pg::Tx& tx, Change change, std::string_view path, const Message* before,
                      Message* after) const;
  pg::Params WriteParams(Change change, const NameParts& parts, const journal::Author& author,
                         const RequestRecord* request, const Message* before,
                         const Message& after) const;
  absl::Status Lost(std::string_view name, bool creating) const;
  absl::Status CheckUnreferenced(pg::Tx& tx, const NameParts& parts) const;
  absl::Status ReadStored(pg::Tx& tx, std::vector<Plan>* plans) const;
  absl::Status SettleChunk(pg::Tx& tx, MergeMode mode, std::vector<Plan>* plans) const;
  absl::Status WriteStage(pg::Tx& tx, const journal::Author& author, const std::vector<Plan>& plans,
                          MergeCounts* counts) const;

  std::unique_ptr<Type> type_;
  Statements sql_;
  std::vector<Rule> rules_;
  std::vector<Engine::Preparation> preparations_;
  std::string referrers_sql_;
  std::vector<std::pair<const Column*, const Store*>> references_;
  absl::flat_hash_map<std::string, std::string> constraint_fields_;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_STORE_H_
