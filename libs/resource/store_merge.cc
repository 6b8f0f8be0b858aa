// Bulk writes of a Store: a chunk of rows is compared with what is stored, then written by one
// statement from a staging table filled by COPY.
#include <algorithm>
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "libs/resource/row_codec.h"
#include "libs/resource/store.h"
#include "libs/resource/text.h"
#include "libs/resource/text_values.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"

namespace rsnms::resource {

using absl::StatusCode;

namespace {

constexpr size_t kChunk = 2000;
constexpr size_t kFew = 100;

// Reads the stored image into an incoming one: what a client cannot set stays as it is.
absl::Status KeepStored(const Type& type, const Message& before, Message* incoming) {
  if (type.IsDeleted(before)) {
    return rpc::Error(StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_DELETED,
                      "the resource is deleted; undelete it first");
  }
  const auto* reflection = incoming->GetReflection();
  Violations violations;
  for (const auto& column : type.columns()) {
    const bool unset = column.field->is_repeated()
                           ? reflection->FieldSize(*incoming, column.field) == 0
                           : !reflection->HasField(*incoming, column.field);
    if (column.output_only || (column.immutable && unset)) {
      CopyField(column.field, before, incoming);
    } else if (column.immutable && !FieldsEqual(column, before, *incoming)) {
      violations.Add(column.field->name(), options::v1::COMMON_REASON_IMMUTABLE_FIELD,
                     "never changes after creation", "поле нельзя изменить после создания");
    }
  }
  return violations.ToStatus();
}

// A row that carries an etag speaks of the version it was read at.
absl::Status CheckRowEtag(const Type& type, const Message* before, const MergeRow& row) {
  if (row.version == 0 || (before != nullptr && type.VersionOf(*before) == row.version)) {
    return absl::OkStatus();
  }
  return rpc::Error(StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                    "the resource has changed since this etag was read")
      .Field(type.etag_field()->name(), "is not the stored one", "запись изменена после чтения");
}

void CopyTimes(const Type& type, const Message& before, Message* after) {
  for (const auto* field : {type.create_time_field(), type.update_time_field()}) {
    if (field != nullptr) CopyField(field, before, after);
  }
}

}  // namespace

// Locks and reads what exists of the chunk, region by region.
absl::Status Store::ReadStored(pg::Tx& tx, std::vector<Plan>* plans) const {
  absl::flat_hash_map<std::string, absl::flat_hash_map<std::string, Plan*>> by_region;
  for (auto& plan : *plans) {
    if (!by_region[plan.region].try_emplace(plan.id, &plan).second) {
      plan.status = rpc::Error(StatusCode::kInvalidArgument,
                               options::v1::COMMON_REASON_ALREADY_EXISTS, "the name occurs twice")
                        .Field("name", "occurs twice", "имя встречается дважды");
    }
  }
  for (const auto& [region, by_id] : by_region) {
    std::vector<std::string> ids;
    ids.reserve(by_id.size());
    for (const auto& [id, plan] : by_id) ids.push_back(id);
    auto rows = tx.Query(sql_.lock_many, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      const auto it = by_id.find(row[1].c_str());
      if (it == by_id.end()) continue;
      it->second->before = type_->New();
      if (auto s = DecodeRow(*type_, row, it->second->before.get()); !s.ok()) return s;
    }
  }
  return absl::OkStatus();
}

// Rules and comparison. Sets status, kind and changed of every plan.
absl::Status Store::SettleChunk(pg::Tx& tx, const journal::Author& author, MergeMode mode,
                                std::vector<Plan>* plans) const {
  for (auto& plan : *plans) {
    Message* after = plan.row->image;
    after->DiscardUnknownFields();
    if (!plan.status.ok()) continue;
    if (mode == MergeMode::kClient)
      plan.status = CheckRowEtag(*type_, plan.before.get(), *plan.row);
    if (mode == MergeMode::kClient && plan.before != nullptr && plan.status.ok()) {
      plan.status = KeepStored(*type_, *plan.before, after);
      if (plan.status.ok()) plan.status = AskClientRules(tx, plan.before.get(), *after);
    }
    if (mode == MergeMode::kFull && plan.status.ok()) {
      plan.status = ValidateResource(*type_, "", after);
    }
  }
  for (const auto& prepare : preparations_) {
    std::vector<Engine::Pending> pending;
    std::vector<Plan*> asked;
    for (auto& plan : *plans) {
      if (!plan.status.ok()) continue;
      pending.push_back({plan.before.get(), plan.row->image, absl::OkStatus(), &author});
      asked.push_back(&plan);
    }
    if (pending.empty()) break;
    if (auto s = prepare(tx, pending); !s.ok()) return s;
    for (size_t i = 0; i < asked.size(); ++i) asked[i]->status = pending[i].status;
  }
  for (auto& plan : *plans) {
    const Change change = plan.before == nullptr ? Change::kCreate : Change::kUpdate;
    for (const auto& rule : rules_) {
      if (plan.status.ok()) plan.status = rule(change, plan.before.get(), plan.row->image);
    }
    if (!plan.status.ok()) continue;
    type_->SetName(plan.row->image, plan.region, plan.id);
    if (plan.before == nullptr) continue;
    plan.changed = ChangedFields(*type_, *plan.before, *plan.row->image);
    plan.kind = type_->IsDeleted(*plan.before) ? feed::v1::CHANGE_KIND_UNDELETED
                : plan.changed.empty()         ? feed::v1::CHANGE_KIND_UNSPECIFIED
                                               : feed::v1::CHANGE_KIND_UPDATED;
  }
  return absl::OkStatus();
}

absl::Status Store::FillStage(pg::Tx& tx, const std::vector<const Plan*>& writes) const {
  size_t at = 0;
  absl::Status encoded;
  auto copied = tx.CopyIn(sql_.stage_table, sql_.stage_columns, [&](pg::CopyRow& row) {
    if (at == writes.size() || !encoded.ok()) return false;
    const Plan& plan = *writes[at++];
    Message* after = plan.row->image;
    const int64_t version = plan.before ? type_->VersionOf(*plan.before) + 1 : 1;
    type_->SetVersion(after, version);
    row.clear();
    row.push_back(Cat(static_cast<int>(plan.kind)));
    row.push_back(plan.region);
    row.push_back(plan.id);
    row.push_back(Cat(version));
    row.push_back(ArrayText(plan.changed));
    row.push_back(BytesText(ImageOf(*type_, *after)));
    encoded = EncodeColumns(*type_, *after, &row);
    return encoded.ok();
  });
  return copied.ok() ? encoded : copied.status();
}

// Fewer rows were created than should have been. Those that nobody sees even now belong to somebody
// out of sight; if all are seen, others have written meanwhile.
absl::Status Store::FindTaken(pg::Tx& tx, const std::vector<const Plan*>& writes,
                              std::vector<const MergeRow*>* taken) const {
  std::map<std::string, std::map<std::string, const Plan*>> hidden;  // by region and id
  for (const auto* plan : writes) {
    if (plan->before == nullptr) hidden[plan->region].emplace(plan->id, plan);
  }
  for (auto& [region, plans] : hidden) {
    std::vector<std::string> ids;
    for (const auto& [id, plan] : plans) ids.push_back(id);
    auto rows = tx.Query(sql_.lock_many, region, ids);
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) plans.erase(row[1].c_str());
    for (const auto& [id, plan] : plans) taken->push_back(plan->row);
  }
  return taken->empty() ? absl::OkStatus() : Lost(type_->NameOf(*taken->front()->image), true);
}

absl::Status Store::WriteStage(pg::Tx& tx, const journal::Author& author,
                               const std::vector<Plan>& plans, MergeCounts* counts,
                               std::vector<const MergeRow*>* taken) const {
  MergeCounts wanted;
  std::vector<const Plan*> writes;
  for (const auto& plan : plans) {
    if (!plan.status.ok()) continue;
    if (plan.kind == feed::v1::CHANGE_KIND_UNSPECIFIED) {
      ++wanted.unchanged;
      CopyTimes(*type_, *plan.before, plan.row->image);
      type_->SetVersion(plan.row->image, type_->VersionOf(*plan.before));
      continue;
    }
    ++(plan.before == nullptr ? wanted.created : wanted.updated);
    writes.push_back(&plan);
  }
  if (!writes.empty()) {
    const bool few = plans.size() <= kFew;
    if (auto s = tx.Script(few ? sql_.empty_small_stage : sql_.empty_stage); !s.ok()) return s;
    if (auto s = FillStage(tx, writes); !s.ok()) return s;
    auto rows =
        tx.Query(sql_.merge, author.subject, author.request_id, author.trace_id, author.reason);
    if (!rows.ok()) return rows.status();
    const auto created = (*rows)[0][0].as<int64_t>(), updated = (*rows)[0][1].as<int64_t>();
    if (created < wanted.created) {
      if (auto s = FindTaken(tx, writes, taken); !s.ok()) return s;
    }
    if (created != wanted.created || updated != wanted.updated) {
      return rpc::Error(StatusCode::kAborted, options::v1::COMMON_REASON_CONCURRENT_UPDATE,
                        "rows of the chunk appeared or changed meanwhile");
    }
  }
  counts->created += wanted.created;
  counts->updated += wanted.updated;
  counts->unchanged += wanted.unchanged;
  return absl::OkStatus();
}

absl::Status Store::MergeChunk(
    pg::Tx& tx, const journal::Author& author, MergeMode mode, absl::Span<const MergeRow> rows,
    MergeCounts* counts, std::vector<const MergeRow*>* taken,
    const std::function<void(const MergeRow&, absl::Status)>& reject) const {
  std::vector<Plan> plans(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string name = type_->NameOf(*rows[i].image);
    const auto parts = ParseName(type_->pattern(), name);
    plans[i].row = &rows[i];
    if (!parts) {
      return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                               Cat("must be ", type_->pattern().Format("{region}", "{id}")));
    }
    plans[i].region = std::string(parts->region);
    plans[i].id = std::string(parts->id);
  }
  if (auto s = ReadStored(tx, &plans); !s.ok()) return s;
  if (auto s = SettleChunk(tx, author, mode, &plans); !s.ok()) return s;
  if (auto s = RefuseDeadReferences(tx, &plans); !s.ok()) return s;
  if (auto s = WriteStage(tx, author, plans, counts, taken); !s.ok()) return s;
  for (const auto& plan : plans) {
    if (!plan.status.ok()) reject(*plan.row, plan.status);
  }
  return absl::OkStatus();
}

absl::StatusOr<MergeCounts> Store::Merge(pg::Tx& tx, const journal::Author& author,
                                         const std::vector<Message*>& rows) const {
  MergeCounts counts;
  if (rows.empty()) return counts;
  if (auto s = PrepareMerge(tx); !s.ok()) return s;
  std::vector<MergeRow> chunk;
  for (size_t at = 0; at < rows.size(); at += chunk.size()) {
    chunk.clear();
    for (size_t i = at; i < std::min(rows.size(), at + kChunk); ++i) {
      const std::string name = type_->NameOf(*rows[i]);
      if (const auto parent = ParseParent(name);
          parent && *parent != "-" && !type_->is_region() &&
          type_->pattern().id_kind == options::v1::ID_KIND_UUID) {
        type_->SetName(rows[i], *parent, NewUuid());
      }
      chunk.push_back({.number = static_cast<int64_t>(i) + 1, .image = rows[i]});
    }
    absl::Status first;
    std::vector<const MergeRow*> taken;
    auto s = MergeChunk(tx, author, MergeMode::kFull, chunk, &counts, &taken,
                        [&](const MergeRow&, absl::Status status) {
                          if (first.ok()) first = std::move(status);
                        });
    if (!s.ok()) return Explain(s, "");
    if (!first.ok()) return first;
  }
  return counts;
}

}  // namespace rsnms::resource
