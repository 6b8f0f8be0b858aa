// One resource type and its table: every statement the engine runs on it.
#ifndef RSNMS_LIBS_RESOURCE_STORE_H_
#define RSNMS_LIBS_RESOURCE_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "libs/resource/client_rule.h"
#include "libs/resource/engine.h"
#include "libs/resource/inquiry.h"
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

// Whose values a write holds.
enum class Sender { kProgram, kClient };

// One row of a bulk write.
struct MergeRow {
  int64_t number = 0;  // in the caller's file
  Message* image = nullptr;
  int64_t version = 0;  // kClient: the version its etag names, 0 without one
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
  void AddClientRule(ClientRule rule) { client_rules_.push_back(std::move(rule)); }
  void AddInquiry(Inquiry inquiry) { inquiries_.push_back(std::move(inquiry)); }
  // Asks all of them; the first that says no.
  absl::Status Inquire(const rpc::Call& call, const Message& request) const;
  // A column of another store that refers to this type.
  void AddReferrer(const Store& store, const Column& column);
  // A column of this store that refers to another one of the engine.
  void AddReference(const Column& column, const Store& target);
  // Constraint or unique index -> the field at fault, from the catalogue.
  void AddConstraintFields(const absl::flat_hash_map<std::string, std::string>& fields) {
    constraint_fields_.insert(fields.begin(), fields.end());
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
  absl::Status Rewrite(pg::Tx& tx, const journal::Author& author, const Message& before,
                       Message* after) const override;
  absl::StatusOr<MergeCounts> Merge(pg::Tx& tx, const journal::Author& author,
                                    const std::vector<Message*>& rows) const override;

  // The write behind them. `before` is null for kCreate. `path` leads the field paths of errors,
  // those of rules and preparations included. `after` receives etag and times. ABORTED when the row
  // moved on, ALREADY_EXISTS when a created one exists, FAILED_PRECONDITION DELETED when the row is
  // deleted and not undeleted now, REFERENCE_NOT_FOUND when it would newly refer to a row that is
  // absent or deleted, STILL_REFERENCED when living rows refer to what is deleted.
  absl::StatusOr<Written> Write(pg::Tx& tx, Change change, const journal::Author& author,
                                const RequestRecord* request, std::string_view path,
                                const Message* before, Message* after,
                                Sender sender = Sender::kProgram) const;

  // Writes a chunk of rows. Rows that rules, immutability, deletion, their etag or references that
  // lead nowhere refuse go to `reject`; an error of the database fails the chunk: the caller wraps
  // it in a savepoint. Names within the chunk must differ. `taken`: rows to be created whose names
  // belong to rows out of the transaction's sight; when there are any, the answer is that of the
  // first, ALREADY_EXISTS, and nothing else of the chunk counts.
  absl::Status MergeChunk(pg::Tx& tx, const journal::Author& author, MergeMode mode,
                          absl::Span<const MergeRow> rows, MergeCounts* counts,
                          std::vector<const MergeRow*>* taken,
                          const std::function<void(const MergeRow&, absl::Status)>& reject) const;
  // Once in a transaction, before MergeChunk.
  absl::Status PrepareMerge(pg::Tx& tx) const { return tx.Script(sql_.create_stage); }

  // Names the field behind a constraint's refusal, when the status tells the constraint and it is
  // known.
  absl::Status Explain(absl::Status status, std::string_view path) const;

  absl::Status NotFound(std::string_view name) const;
  // The answer when a row cannot be locked: PERMISSION_DENIED when the caller sees it, else
  // NOT_FOUND (AIP-211).
  absl::Status Unwritable(pg::Tx& tx, const NameParts& parts, std::string_view name) const;
  // The answer when a write found another row in its way: ALREADY_EXISTS or ABORTED ETAG_MISMATCH.
  absl::Status Lost(std::string_view name, bool creating) const;

 private:
  // A row on its way through a merge.
  struct Plan {
    const MergeRow* row = nullptr;
    std::string region, id;
    std::unique_ptr<Message> before;                            // null: to be created
    feed::v1::ChangeKind kind = feed::v1::CHANGE_KIND_CREATED;  // UNSPECIFIED: nothing to write
    std::vector<std::string> changed;
    absl::Status status;
  };
  struct Reference {
    const Column* column;
    const Store* target;
  };
  struct Need {  // of a row, that the row it refers to lives
    Plan* plan;
    const Reference* reference;
    std::string id;
  };
  // Ids by resource and region.
  using Living = std::map<std::pair<const Store*, std::string>, absl::flat_hash_set<std::string>>;
  // Rows of one store that refer to this one by any of its columns.
  struct Referrer {
    const Store* store;
    std::string condition;  // $1 region_code, $2 id
  };
  absl::Status Settle(pg::Tx& tx, Change change, const journal::Author& author, Sender sender,
                      std::string_view path, const Message* before, Message* after) const;
  absl::StatusOr<pg::Params> WriteParams(Change change, const NameParts& parts,
                                         const journal::Author& author,
                                         const RequestRecord* request, const Message* before,
                                         const Message& after) const;
  absl::Status AskClientRules(pg::Tx& tx, const Message* before, const Message& after) const;
  absl::Status AskPreparations(pg::Tx& tx, Change change, const journal::Author& author,
                               const Message* before, Message* after) const;
  absl::Status AskRules(pg::Tx& tx, Change change, const journal::Author& author,
                        const Message* before, Message* after) const;
  absl::StatusOr<std::string> NameReferrers(pg::Tx& tx, const NameParts& parts) const;
  absl::Status CheckUnreferenced(pg::Tx& tx, const NameParts& parts) const;
  absl::Status DemandLivingReferences(pg::Tx& tx, Change change, const NameParts& parts,
                                      const Message* before, const Message& after) const;
  std::vector<Need> NeedsOf(std::vector<Plan>* plans) const;
  absl::StatusOr<Living> LockLiving(pg::Tx& tx, const std::vector<Need>& needs) const;
  // Sets the status of plans that would refer to absent or deleted rows; locks the others' targets.
  absl::Status RefuseDeadReferences(pg::Tx& tx, std::vector<Plan>* plans) const;
  absl::Status ReadStored(pg::Tx& tx, std::vector<Plan>* plans) const;
  absl::Status SettleChunk(pg::Tx& tx, const journal::Author& author, MergeMode mode,
                           std::vector<Plan>* plans) const;
  absl::Status WriteStage(pg::Tx& tx, const journal::Author& author, const std::vector<Plan>& plans,
                          MergeCounts* counts, std::vector<const MergeRow*>* taken) const;
  absl::Status FillStage(pg::Tx& tx, const std::vector<const Plan*>& writes) const;
  absl::Status FindTaken(pg::Tx& tx, const std::vector<const Plan*>& writes,
                         std::vector<const MergeRow*>* taken) const;

  std::unique_ptr<Type> type_;
  Statements sql_;
  std::vector<Rule> rules_;
  std::vector<Engine::Preparation> preparations_;
  std::vector<ClientRule> client_rules_;
  std::vector<Inquiry> inquiries_;
  std::vector<Referrer> referrers_;
  std::string demand_sql_;  // $1 region_code, then an array of ids for each of references_
  std::vector<Reference> references_;
  absl::flat_hash_map<std::string, std::string> constraint_fields_;
};

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_STORE_H_
