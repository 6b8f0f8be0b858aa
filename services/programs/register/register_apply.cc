// What the mirror makes of a whole snapshot: weighs it, merges its entries, flags what is gone.
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/register/register_mirror.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs {
namespace {

using register_rules::Applied;

google::type::Date DayOf(const google::protobuf::Timestamp& time) {
  const auto day = absl::ToCivilDay(absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

v1::RegisterChange Line(const v1::RegisterSync& sync, v1::RegisterChange::Kind kind,
                        std::string_view number) {
  v1::RegisterChange line;
  line.set_name(
      NameOf(RegionOf(sync.name()), "registerChanges", StableUuid(Cat(sync.name(), "/", number))));
  line.set_register_sync(sync.name());
  line.set_kind(kind);
  line.set_register_number(std::string(number));
  return line;
}

v1::RegisterChange Line(const v1::RegisterSync& sync, const Applied& applied) {
  v1::RegisterChange line = Line(sync, applied.kind, applied.after.federal_register_number());
  line.set_programme(applied.after.name());
  for (const std::string& field : applied.changed_fields) line.add_changed_fields(field);
  return line;
}

v1::RegisterChange Rejected(const v1::RegisterSync& sync, std::string_view number,
                            std::string_view problem) {
  v1::RegisterChange line = Line(sync, v1::RegisterChange::KIND_REJECTED, number);
  line.set_problem(std::string(problem));
  return line;
}

std::string ProviderKey(std::string_view region_code, const federal::v1::Provider& provider) {
  return Cat(region_code, "/", provider.inn(), "/", provider.title());
}

void CountKind(v1::RegisterChange::Kind kind, v1::RegisterSync& sync) {
  switch (kind) {
    case v1::RegisterChange::KIND_ADDED:
      return sync.set_added_count(sync.added_count() + 1);
    case v1::RegisterChange::KIND_WITHDRAWN:
      return sync.set_withdrawn_count(sync.withdrawn_count() + 1);
    case v1::RegisterChange::KIND_REAPPEARED:
      return sync.set_reappeared_count(sync.reappeared_count() + 1);
    case v1::RegisterChange::KIND_REJECTED:
      return sync.set_rejected_count(sync.rejected_count() + 1);
    case v1::RegisterChange::KIND_UNSPECIFIED:
      return sync.set_unchanged_count(sync.unchanged_count() + 1);
    default:
      return sync.set_changed_count(sync.changed_count() + 1);
  }
}

}  // namespace

// Entries of one transaction and the programmes that may stand for them.
struct RegisterMirror::Batch {
  struct Item {
    register_rules::Entry entry;
    federal::v1::Programme programme;
  };
  std::vector<Item> items;
  absl::flat_hash_map<std::string, v1::Programme> by_number;
  absl::flat_hash_map<std::string, v1::Programme> by_key;   // those whose number the snapshot lacks
  absl::flat_hash_map<std::string, std::string> providers;  // organisations, by ProviderKey
};

absl::Status RegisterMirror::Compare(const v1::RegisterSync& sync) {
  providers_.clear();  // the registry may have learnt of a body since the last run
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    after.clear_cursor();
    after.set_phase(v1::RegisterSync::PHASE_APPLYING);
    if (after.mode() == v1::RegisterSync::MODE_INCREMENTAL) return absl::OkStatus();
    auto missing = register_store::FindMissing(tx, sync, "", std::numeric_limits<int>::max());
    if (!missing.ok()) return missing.status();
    auto listed = register_store::CountListed(tx, sync);
    if (!listed.ok()) return listed.status();
    after.set_missing_count(static_cast<int>(missing->size()));
    after.set_listed_before_count(static_cast<int>(*listed));
    if (!after.shrink_confirmed() &&
        register_rules::ShrinksTooMuch(after.missing_count(), after.listed_before_count(),
                                       options_.shrink_percent)) {
      after.set_phase(v1::RegisterSync::PHASE_COMPARING);
      after.set_state(v1::RegisterSync::STATE_NEEDS_CONFIRMATION);
      after.set_error_reason("REGISTER_SHRUNK");
    }
    return absl::OkStatus();
  });
}

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
    Batch batch;
    for (register_rules::Entry& entry : *entries) {
      Batch::Item& item = batch.items.emplace_back(Batch::Item{std::move(entry), {}});
      if (!item.programme.ParseFromString(item.entry.payload) && item.entry.problem.empty()) {
        item.entry.problem = "the kept entry cannot be parsed";
      }
    }
    if (auto status = FindExisting(tx, sync, batch); !status.ok()) return status;
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
      if (!entry.problem.empty() || !programme.ParseFromString(entry.payload)) continue;
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

absl::Status RegisterMirror::FindExisting(pg::Tx& tx, const v1::RegisterSync& sync,
                                          Batch& batch) const {
  const std::string region(RegionOf(sync.name()));
  std::vector<std::string> numbers, titles, inns;
  for (const Batch::Item& item : batch.items) {
    if (!item.entry.problem.empty()) continue;
    numbers.push_back(item.entry.number);
    titles.push_back(item.programme.title());
    inns.push_back(item.programme.provider().inn());
  }
  auto numbered = programmes_.Select(
      tx, "region_code = $1 AND federal_register_number = ANY ($2::text[])", region, numbers);
  if (!numbered.ok()) return numbered.status();
  for (v1::Programme& programme : *numbered) {
    batch.by_number.emplace(programme.federal_register_number(), std::move(programme));
  }
  auto titled = programmes_.Select(
      tx,
      "region_code = $1 AND title = ANY ($2::text[]) AND delete_time IS NULL "
      "AND NOT EXISTS (SELECT FROM register_snapshot s WHERE s.region_code = $1 "
      "AND s.register_sync_id = $3::uuid AND s.register_number = federal_register_number) "
      "ORDER BY id",
      region, titles, std::string(IdOf(sync.name())));
  if (!titled.ok()) return titled.status();
  for (v1::Programme& programme : *titled) {
    batch.by_key.emplace(register_rules::MatchKey(programme), std::move(programme));
  }
  auto known = register_store::KnownProviders(tx, region, inns);
  if (!known.ok()) return known.status();
  for (const Batch::Item& item : batch.items) {
    const federal::v1::Provider& provider = item.programme.provider();
    const std::string key = ProviderKey(region, provider);
    if (auto own = known->find(provider.inn()); own != known->end()) {
      batch.providers[key] = own->second;
    } else if (auto learnt = providers_.find(key); learnt != providers_.end()) {
      batch.providers[key] = learnt->second;
    }
  }
  return absl::OkStatus();
}

absl::Status RegisterMirror::WriteBatch(pg::Tx& tx, v1::RegisterSync& sync, Batch& batch) const {
  std::vector<Applied> changed;
  std::vector<v1::RegisterChange> rejected;
  const std::string region(RegionOf(sync.name()));
  for (Batch::Item& item : batch.items) {
    if (!item.entry.problem.empty()) {
      CountKind(v1::RegisterChange::KIND_REJECTED, sync);
      rejected.push_back(Rejected(sync, item.entry.number, item.entry.problem));
      continue;
    }
    v1::Programme* existing = nullptr;
    if (auto it = batch.by_number.find(item.entry.number); it != batch.by_number.end()) {
      existing = &it->second;
    } else if (auto key = batch.by_key.find(item.entry.match_key); key != batch.by_key.end()) {
      existing = &key->second;
    }
    if (existing != nullptr && existing->has_delete_time()) {
      CountKind(v1::RegisterChange::KIND_UNSPECIFIED, sync);
      continue;
    }
    Applied applied = register_rules::Apply(
        item.programme, existing,
        {.region_code = region,
         .register_sync = sync.name(),
         .payload_sha256 = item.entry.sha256,
         .provider = batch.providers[ProviderKey(region, item.programme.provider())]});
    if (existing != nullptr) batch.by_key.erase(item.entry.match_key);
    if (applied.kind == v1::RegisterChange::KIND_UNSPECIFIED) {
      CountKind(applied.kind, sync);
    } else {
      changed.push_back(std::move(applied));
    }
  }
  if (auto status = WriteApplied(tx, sync, changed); !status.ok()) return status;
  return WriteChanges(tx, rejected);
}

// All at once; when the engine refuses a row, one by one, so that a single bad entry harms nobody
// else.
absl::Status RegisterMirror::WriteApplied(pg::Tx& tx, v1::RegisterSync& sync,
                                          std::vector<Applied>& applied) const {
  std::vector<v1::Programme> rows;
  std::vector<v1::RegisterChange> lines;
  for (const Applied& item : applied) rows.push_back(item.after);
  const absl::Status merged =
      tx.Savepoint([&] { return programmes_.Merge(tx, author_, rows).status(); });
  if (!merged.ok() && merged.code() != absl::StatusCode::kInvalidArgument &&
      merged.code() != absl::StatusCode::kAlreadyExists &&
      merged.code() != absl::StatusCode::kFailedPrecondition) {
    return merged;
  }
  for (const Applied& item : applied) {
    absl::Status one = merged;
    if (!merged.ok()) {
      std::vector<v1::Programme> row = {item.after};
      one = tx.Savepoint([&] { return programmes_.Merge(tx, author_, row).status(); });
    }
    if (one.ok()) {
      CountKind(item.kind, sync);
      lines.push_back(Line(sync, item));
      continue;
    }
    const std::string& number = item.after.federal_register_number();
    const std::string problem = Cat("refused: ", rpc::ReasonOf(one));
    CountKind(v1::RegisterChange::KIND_REJECTED, sync);
    lines.push_back(Rejected(sync, number, problem));
    if (auto status = register_store::SetProblem(tx, sync, number, problem); !status.ok()) {
      return status;
    }
  }
  return WriteChanges(tx, lines);
}

absl::Status RegisterMirror::WriteChanges(pg::Tx& tx,
                                          std::vector<v1::RegisterChange>& changes) const {
  if (changes.empty()) return absl::OkStatus();
  return changes_.Merge(tx, author_, changes).status();
}

absl::Status RegisterMirror::WithdrawBatch(const v1::RegisterSync& sync) {
  return Advance(sync, [&](pg::Tx& tx, v1::RegisterSync& after) -> absl::Status {
    std::vector<register_store::Missing> missing;
    if (after.mode() != v1::RegisterSync::MODE_INCREMENTAL) {
      auto found = register_store::FindMissing(tx, sync, sync.cursor(), options_.apply_batch);
      if (!found.ok()) return found.status();
      missing = *std::move(found);
    }
    if (missing.empty()) {
      after.clear_cursor();
      End(after, v1::RegisterSync::STATE_SUCCEEDED, "");
      return register_store::Prune(tx, sync, options_.kept_snapshots);
    }
    after.set_cursor(missing.back().number);
    std::vector<std::string> numbers;
    for (const auto& programme : missing) numbers.push_back(programme.number);
    auto programmes =
        programmes_.Select(tx, "region_code = $1 AND federal_register_number = ANY ($2::text[])",
                           std::string(RegionOf(sync.name())), numbers);
    if (!programmes.ok()) return programmes.status();
    std::vector<Applied> withdrawn;
    for (const v1::Programme& programme : *programmes) {
      withdrawn.push_back(
          register_rules::Withdraw(programme, DayOf(after.snapshot_time()), sync.name()));
    }
    return WriteApplied(tx, after, withdrawn);
  });
}

}  // namespace rsnms::programs
