// What the mirror makes of a whole snapshot that was weighed: merges its entries, flags what is
// gone.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/civil_time.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"

namespace rsnms::programs {
namespace {

using register_merge::Applied;
using v1::RegisterChange;

google::type::Date DayOf(const google::protobuf::Timestamp& time) {
  const auto day = absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

RegisterChange Line(const v1::RegisterSync& sync, RegisterChange::Kind kind,
                    std::string_view number) {
  RegisterChange line;
  line.set_name(
      NameOf(RegionOf(sync.name()), "registerChanges", StableUuid(Cat(sync.name(), "/", number))));
  line.set_register_sync(sync.name());
  line.set_kind(kind);
  line.set_register_number(std::string(number));
  return line;
}

v1::RegisterEntry::Withdrawal WithdrawalOf(const Merged& merged) {
  return merged.item != nullptr ? v1::RegisterEntry::WITHDRAWAL_NAMED
                                : v1::RegisterEntry::WITHDRAWAL_GONE;
}

absl::Status SetWithdrawals(pg::Tx& tx, std::string_view region,
                            const std::vector<std::string>& named,
                            const std::vector<std::string>& gone) {
  using register_store::SetWithdrawal;
  auto status = SetWithdrawal(tx, region, v1::RegisterEntry::WITHDRAWAL_NAMED, named);
  if (!status.ok()) return status;
  return SetWithdrawal(tx, region, v1::RegisterEntry::WITHDRAWAL_GONE, gone);
}

// Flagged now, or flagged before and given another day by the register.
bool IsWithdrawn(const Applied& applied) {
  return applied.after.register_state() == v1::REGISTER_STATE_WITHDRAWN;
}

RegisterChange Line(const v1::RegisterSync& sync, const Merged& merged) {
  const Applied& applied = merged.applied;
  RegisterChange line = Line(sync, applied.kind, applied.after.federal_register_number());
  line.set_programme(applied.after.name());
  if (merged.item != nullptr) {
    line.set_match(merged.item->match);
    line.set_former_programme(merged.item->former);
  }
  if (IsWithdrawn(applied)) line.set_withdrawal(WithdrawalOf(merged));
  for (const std::string& field : applied.changed_fields) line.add_changed_fields(field);
  for (const auto& change : applied.field_changes) *line.add_field_changes() = change;
  return line;
}

RegisterChange Rejected(const v1::RegisterSync& sync, std::string_view number,
                        std::string_view problem) {
  RegisterChange line = Line(sync, RegisterChange::KIND_REJECTED, number);
  line.set_problem(std::string(problem));
  return line;
}

void CountKind(RegisterChange::Kind kind, v1::RegisterSync& sync) {
  switch (kind) {
    case RegisterChange::KIND_ADDED:
      return sync.set_added_count(sync.added_count() + 1);
    case RegisterChange::KIND_WITHDRAWN:
      return sync.set_withdrawn_count(sync.withdrawn_count() + 1);
    case RegisterChange::KIND_REAPPEARED:
      return sync.set_reappeared_count(sync.reappeared_count() + 1);
    case RegisterChange::KIND_REJECTED:
      return sync.set_rejected_count(sync.rejected_count() + 1);
    case RegisterChange::KIND_UNSPECIFIED:
      return sync.set_unchanged_count(sync.unchanged_count() + 1);
    default:
      return sync.set_changed_count(sync.changed_count() + 1);
  }
}

// The same words as last time, and nothing left to link or to settle.
bool PlainlyUnchanged(const Batch& batch, const BatchItem& item, const std::string& provider) {
  const v1::Programme& existing = *item.existing;
  return existing.register_state() == v1::REGISTER_STATE_LISTED &&
         existing.register_sha256() == item.entry.sha256 &&
         existing.federal_register_number() == item.entry.number &&
         batch.same_base.contains(existing.name()) && !item.programme.has_withdrawn_date() &&
         (provider.empty() || !existing.provider().empty()) &&
         !batch.open_conflicts.contains(existing.name());
}

const federal::v1::Programme* BaseOf(const Batch& batch, const BatchItem& item) {
  if (item.existing == nullptr) return nullptr;
  if (batch.same_base.contains(item.existing->name())) return &item.programme;
  auto it = batch.bases.find(item.existing->name());
  return it == batch.bases.end() ? nullptr : &it->second;
}

}  // namespace

absl::Status RegisterMirror::ApplyBatch(const v1::RegisterSync& sync) {
  if (auto status = LearnProviders(sync); !status.ok()) return status;
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    auto entries = register_store::After(tx, sync, sync.cursor(), options_.apply_batch);
    if (!entries.ok()) return entries.status();
    if (entries->empty()) {
      after.clear_cursor();
      after.set_phase(v1::RegisterSync::PHASE_WITHDRAWING);
      return absl::OkStatus();
    }
    after.set_cursor(entries->back().number);
    after.set_applied_count(after.applied_count() + static_cast<int>(entries->size()));
    Batch batch = MakeBatch(*std::move(entries));
    if (auto status = FindExisting(tx, *engine_, sync, batch); !status.ok()) return status;
    if (auto status = Interrupt("matched"); !status.ok()) return status;
    std::vector<std::string> inns;
    for (const BatchItem& item : batch.items) inns.push_back(item.programme.provider().inn());
    auto known = register_store::KnownProviders(tx, RegionOf(sync.name()), inns);
    if (!known.ok()) return known.status();
    for (const BatchItem& item : batch.items) {
      const federal::v1::Provider& provider = item.programme.provider();
      const std::string key = ProviderKey(RegionOf(sync.name()), provider);
      if (auto own = known->find(provider.inn()); own != known->end()) {
        batch.providers[key] = own->second;
      } else if (auto learnt = providers_.find(key); learnt != providers_.end()) {
        batch.providers[key] = learnt->second;
      }
    }
    return WriteBatch(tx, after, batch);
  });
}

// Asks the registry which body of the region stands behind a provider not met before. A registry
// that is away only means that the link is made by a later run.
absl::Status RegisterMirror::LearnProviders(const v1::RegisterSync& sync) {
  if (!options_.find_provider) return absl::OkStatus();
  absl::flat_hash_map<std::string, federal::v1::Provider> unknown;
  const std::string region(RegionOf(sync.name()));
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    auto entries = register_store::After(tx, sync, sync.cursor(), options_.apply_batch);
    if (!entries.ok()) return entries.status();
    for (const register_rules::Entry& entry : *entries) {
      federal::v1::Programme programme;
      if (!entry.problem.empty() || entry.withdrawn) continue;
      if (!programme.ParseFromString(entry.payload)) continue;
      const std::string key = ProviderKey(region, programme.provider());
      if (!providers_.contains(key)) unknown[key] = programme.provider();
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const auto& [key, provider] : unknown) {
    auto found = options_.find_provider(region, provider);
    if (!found.ok()) break;
    providers_[key] = *found;
  }
  return absl::OkStatus();
}

absl::Status RegisterMirror::WriteBatch(pg::Tx& tx, v1::RegisterSync& sync, Batch& batch) const {
  std::vector<Merged> changed;
  std::vector<RegisterChange> rejected;
  std::vector<v1::RegisterConflict> conflicts;
  std::vector<register_store::Mirrored> unchanged;
  std::vector<std::string> named;
  const std::string region(RegionOf(sync.name()));
  for (const BatchItem& item : batch.items) {
    if (!item.entry.problem.empty()) {
      CountKind(RegisterChange::KIND_REJECTED, sync);
      rejected.push_back(Rejected(sync, item.entry.number, item.entry.problem));
      continue;
    }
    const std::string& provider = batch.providers[ProviderKey(region, item.programme.provider())];
    // What a person deleted stays deleted.
    if (item.existing != nullptr &&
        (item.existing->has_delete_time() || PlainlyUnchanged(batch, item, provider))) {
      CountKind(RegisterChange::KIND_UNSPECIFIED, sync);
      continue;
    }
    Applied applied = register_merge::Apply(item.programme, item.existing, BaseOf(batch, item),
                                            {.region_code = region,
                                             .register_sync = sync.name(),
                                             .payload_sha256 = item.entry.sha256,
                                             .provider = provider,
                                             .fresh_id = item.fresh_id});
    if (applied.kind != RegisterChange::KIND_UNSPECIFIED) {
      changed.push_back({.item = &item, .applied = std::move(applied)});
      continue;
    }
    CountKind(applied.kind, sync);
    if (item.existing == nullptr) continue;
    if (item.programme.has_withdrawn_date()) {
      named.emplace_back(IdOf(item.existing->name()));  // flagged already, perhaps without a word
      continue;
    }
    for (auto& row : register_merge::Reconcile(
             applied, item.programme, batch.open_conflicts[item.existing->name()], sync.name())) {
      conflicts.push_back(std::move(row));
    }
    unchanged.push_back({.id = std::string(IdOf(item.existing->name())),
                         .number = item.entry.number,
                         .match = item.match});
  }
  if (auto status = register_store::PutEntries(tx, sync, unchanged); !status.ok()) return status;
  if (auto status = WriteConflicts(tx, sync, conflicts); !status.ok()) return status;
  if (auto status =
          register_store::SetWithdrawal(tx, region, v1::RegisterEntry::WITHDRAWAL_NAMED, named);
      !status.ok()) {
    return status;
  }
  if (auto status = WriteApplied(tx, sync, batch, changed); !status.ok()) return status;
  return WriteChanges(tx, rejected);
}

absl::Status RegisterMirror::Put(pg::Tx& tx, const std::vector<Merged>& merged) const {
  std::vector<v1::Programme> rows;
  int64_t added = 0;
  for (const Merged& one : merged) {
    rows.push_back(one.applied.after);
    added += one.applied.kind == RegisterChange::KIND_ADDED;
  }
  auto counts = programmes_.Merge(tx, author_, rows);
  if (!counts.ok()) return counts.status();
  if (counts->created == added) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kAlreadyExists, options::v1::COMMON_REASON_ALREADY_EXISTS,
                    "a new entry met a programme that stands already");
}

// All at once; when the engine refuses a row, one by one, so that a single bad entry harms nobody
// else.
absl::Status RegisterMirror::WriteApplied(pg::Tx& tx, v1::RegisterSync& sync, Batch& batch,
                                          std::vector<Merged>& merged) const {
  const absl::Status all = tx.Savepoint([&] { return Put(tx, merged); });
  if (!all.ok() && all.code() != absl::StatusCode::kInvalidArgument &&
      all.code() != absl::StatusCode::kAlreadyExists &&
      all.code() != absl::StatusCode::kFailedPrecondition) {
    return all;
  }
  std::vector<RegisterChange> lines;
  std::vector<v1::RegisterConflict> conflicts;
  std::vector<register_store::Mirrored> mirrored;
  std::vector<std::string> named, gone;  // by id
  for (const Merged& one : merged) {
    const Applied& applied = one.applied;
    const std::string& number = applied.after.federal_register_number();
    absl::Status status = all;
    if (!all.ok()) {
      status = tx.Savepoint([&] { return Put(tx, {one}); });
    }
    if (!status.ok()) {
      const std::string problem = Cat("refused: ", rpc::ReasonOf(status));
      CountKind(RegisterChange::KIND_REJECTED, sync);
      lines.push_back(Rejected(sync, number, problem));
      if (auto s = register_store::SetProblem(tx, sync, number, problem); !s.ok()) return s;
      continue;
    }
    CountKind(applied.kind, sync);
    lines.push_back(Line(sync, one));
    // An entry that only says it is withdrawn leaves the base as it was: its fields are not merged.
    if (IsWithdrawn(applied)) {
      const bool told = WithdrawalOf(one) == v1::RegisterEntry::WITHDRAWAL_NAMED;
      (told ? named : gone).emplace_back(IdOf(applied.after.name()));
      continue;
    }
    mirrored.push_back({.id = std::string(IdOf(applied.after.name())),
                        .number = number,
                        .match = one.item->match});
    for (auto& row :
         register_merge::Reconcile(applied, one.item->programme,
                                   batch.open_conflicts[applied.after.name()], sync.name())) {
      conflicts.push_back(std::move(row));
    }
  }
  if (auto s = SetWithdrawals(tx, RegionOf(sync.name()), named, gone); !s.ok()) return s;
  if (auto status = register_store::PutEntries(tx, sync, mirrored); !status.ok()) return status;
  if (auto status = WriteConflicts(tx, sync, conflicts); !status.ok()) return status;
  return WriteChanges(tx, lines);
}

absl::Status RegisterMirror::WriteChanges(pg::Tx& tx, std::vector<RegisterChange>& changes) const {
  if (changes.empty()) return absl::OkStatus();
  return changes_.Merge(tx, author_, changes).status();
}

absl::Status RegisterMirror::WriteConflicts(pg::Tx& tx, v1::RegisterSync& sync,
                                            std::vector<v1::RegisterConflict>& conflicts) const {
  if (conflicts.empty()) return absl::OkStatus();
  for (const v1::RegisterConflict& conflict : conflicts) {
    const bool opened = conflict.etag().empty();
    sync.set_conflict_count(sync.conflict_count() + opened);
  }
  return conflicts_.Merge(tx, author_, conflicts).status();
}

absl::Status RegisterMirror::WithdrawBatch(const v1::RegisterSync& sync) {
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    std::vector<register_store::Leaving> missing;
    if (after.mode() != v1::RegisterSync::MODE_INCREMENTAL) {
      auto found = register_store::FindLeaving(tx, sync, register_store::Leave::kMissing,
                                               sync.cursor(), options_.apply_batch);
      if (!found.ok()) return found.status();
      missing = *std::move(found);
    }
    if (missing.empty()) {
      after.clear_cursor();
      after.set_phase(v1::RegisterSync::PHASE_NOTIFYING);
      return absl::OkStatus();
    }
    after.set_cursor(missing.back().number);
    std::vector<std::string> ids;
    for (const auto& programme : missing) ids.push_back(programme.id);
    // Waits for enrolments under way, so that their learners get their notices.
    auto programmes =
        programmes_.Select(tx, "region_code = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE",
                           std::string(RegionOf(sync.name())), ids);
    if (!programmes.ok()) return programmes.status();
    std::vector<Merged> withdrawn;
    for (const v1::Programme& programme : *programmes) {
      withdrawn.push_back({.item = nullptr,
                           .applied = register_merge::Withdraw(
                               programme, DayOf(after.snapshot_time()), sync.name())});
    }
    Batch none;
    return WriteApplied(tx, after, none, withdrawn);
  });
}

}  // namespace rsnms::programs
