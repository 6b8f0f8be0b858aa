#include "services/programs/register/register_batch.h"

#include <algorithm>
#include <utility>

#include "services/programs/names.h"
#include "services/programs/register/register_pairs.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs {
namespace {

using resource::Table;
using v1::RegisterEntry;

// Locks leave enrolments free to refer to the programmes.
constexpr char kByNumber[] =
    "region_code = $1 AND federal_register_number = ANY ($2::text[]) ORDER BY id FOR NO KEY UPDATE";

// What has lost its number in this run first, then what left the register last.
constexpr char kNamesakes[] =
    "region_code = $1 AND id = ANY ($2::uuid[]) "
    "ORDER BY delete_time IS NOT NULL, register_state = 'LISTED' DESC, "
    "register_withdrawn_date DESC NULLS LAST, id FOR NO KEY UPDATE";

// A run over what changed alone does not show whether the number of that programme is gone. The
// next run is a full one, because this one left something out.
constexpr char kPerhapsRenumbered[] =
    "a programme that was not withdrawn by name has the same title and provider; a full run tells "
    "whether it was renumbered";

// Neither does a register that refuses to tell.
constexpr char kNotToldYet[] =
    "a programme has the same title and provider, and the register does not say what became of its "
    "number";

// An entry with a problem may be its own.
constexpr char kUnread[] =
    "a programme has the same title and provider, and an entry that bears them cannot be read";

constexpr char kOpenConflicts[] =
    "region_code = $1 AND programme = ANY ($2::text[]) AND state = 'OPEN' "
    "AND delete_time IS NULL ORDER BY id FOR UPDATE";

absl::Status MatchNumbers(pg::Tx& tx, const Table<v1::Programme>& table, std::string_view region,
                          Batch& batch) {
  std::vector<std::string> numbers;
  for (const BatchItem& item : batch.items) {
    if (item.entry.problem.empty()) numbers.push_back(item.entry.number);
  }
  auto rows = table.Select(tx, kByNumber, region, numbers);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, const v1::Programme*> by_number;
  for (v1::Programme& programme : *rows) {
    const v1::Programme& kept = batch.programmes.emplace_back(std::move(programme));
    by_number[kept.federal_register_number()] = &kept;
  }
  for (BatchItem& item : batch.items) {
    auto it = by_number.find(item.entry.number);
    if (!item.entry.problem.empty() || it == by_number.end()) continue;
    item.existing = it->second;
    item.match = RegisterEntry::MATCH_NUMBER;
  }
  return absl::OkStatus();
}

bool LooksForTitle(const BatchItem& item) {
  return item.entry.problem.empty() && item.existing == nullptr && !item.entry.withdrawn;
}

// Programmes that go by the titles and providers of entries nobody bears the numbers of.
struct Namesakes {
  std::vector<register_pairs::Candidate> candidates;
  std::vector<const v1::Programme*> programmes;  // behind them
  // Of which nothing was learnt, and why.
  absl::flat_hash_map<const v1::Programme*, std::string_view> untold;
};

bool Stands(const v1::Programme& programme) {
  return programme.register_state() == v1::REGISTER_STATE_LISTED && !programme.has_delete_time();
}

// Those that stand, whose number the snapshot lacks, and whose entry may be one nobody can read.
absl::Status NoteUnread(pg::Tx& tx, const v1::RegisterSync& sync, Namesakes& found) {
  absl::flat_hash_set<std::string> keys;
  for (const auto& candidate : found.candidates) {
    keys.insert(candidate.keys.begin(), candidate.keys.end());
  }
  auto unread = register_store::UnreadKeys(tx, sync, keys);
  if (!unread.ok()) return unread.status();
  for (size_t i = 0; i < found.candidates.size(); ++i) {
    const register_pairs::Candidate& candidate = found.candidates[i];
    if (candidate.former || !Stands(*found.programmes[i])) continue;
    for (const std::string& key : candidate.keys) {
      if (unread->contains(key)) found.untold.try_emplace(found.programmes[i], kUnread);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Namesakes> FindNamesakes(pg::Tx& tx, const v1::RegisterSync& sync,
                                        const absl::flat_hash_set<std::string>& untold,
                                        std::vector<v1::Programme> rows, Batch& batch) {
  std::vector<std::string> ids;
  for (const v1::Programme& programme : rows) ids.emplace_back(IdOf(programme.name()));
  auto said = register_store::MatchKeys(tx, RegionOf(sync.name()), ids);
  if (!said.ok()) return said.status();
  auto named = register_store::WithdrawnByName(tx, sync, ids);
  if (!named.ok()) return named.status();
  Namesakes found;
  absl::flat_hash_map<std::string, const v1::Programme*> by_id;
  for (v1::Programme& row : rows) {
    const v1::Programme& kept = batch.programmes.emplace_back(std::move(row));
    const std::string id(IdOf(kept.name()));
    by_id[id] = &kept;
    if (untold.contains(id)) found.untold[&kept] = kNotToldYet;
  }
  const auto add = [&](const std::string& id, bool former) {
    auto& one = found.candidates.emplace_back();
    one.former = former;
    one.keys.push_back(register_rules::MatchKey(*by_id[id]));
    if (auto key = said->find(id); key != said->end()) one.keys.push_back(key->second);
    found.programmes.push_back(by_id[id]);
  };
  const absl::flat_hash_set<std::string> withdrawn(named->begin(), named->end());
  // In their order: what lives is claimed first, and before all that of which the register told.
  std::stable_partition(ids.begin(), ids.end(), [&](const std::string& id) {
    return Stands(*by_id[id]) && !untold.contains(id);
  });
  for (const std::string& id : ids) {
    if (!withdrawn.contains(id)) add(id, /*former=*/false);
  }
  for (const std::string& id : *named) add(id, /*former=*/true);
  if (auto status = NoteUnread(tx, sync, found); !status.ok()) return status;
  return found;
}

// The entries of the batch that look for a programme, and, behind them, those of the snapshot they
// share a title and provider with.
absl::StatusOr<std::vector<register_pairs::Suitor>> FindSuitors(
    pg::Tx& tx, const v1::RegisterSync& sync, const Batch& batch, const Namesakes& found,
    std::vector<federal::v1::Programme>& entries) {
  std::vector<register_pairs::Suitor> suitors;
  std::vector<std::string> numbers;
  absl::flat_hash_set<std::string> keys;
  for (const BatchItem& item : batch.items) {
    if (!LooksForTitle(item)) continue;
    suitors.push_back({.number = item.entry.number, .key = item.entry.match_key, .values = {}});
    numbers.push_back(item.entry.number);
    entries.push_back(item.programme);
  }
  for (const auto& candidate : found.candidates) {
    keys.insert(candidate.keys.begin(), candidate.keys.end());
  }
  auto rivals = register_store::Rivals(tx, sync, {keys.begin(), keys.end()}, numbers);
  if (!rivals.ok()) return rivals.status();
  for (const register_rules::Entry& rival : *rivals) {
    federal::v1::Programme entry;
    if (!entry.ParseFromString(rival.payload)) continue;
    suitors.push_back({.number = rival.number, .key = rival.match_key, .values = {}});
    entries.push_back(std::move(entry));
  }
  return suitors;
}

// What tells namesakes apart: what the register says of an entry, and said of a programme last.
absl::Status FillValues(pg::Tx& tx, std::string_view region,
                        const std::vector<federal::v1::Programme>& entries,
                        std::vector<register_pairs::Suitor>& suitors, Namesakes& found) {
  for (size_t i = 0; i < suitors.size(); ++i) {
    suitors[i].values = register_merge::Values(register_merge::Image(entries[i], region));
  }
  std::vector<std::string> ids;
  for (const v1::Programme* programme : found.programmes) {
    ids.emplace_back(IdOf(programme->name()));
  }
  auto bases = register_store::Bases(tx, region, ids, std::vector<std::string>(ids.size()));
  if (!bases.ok()) return bases.status();
  for (size_t i = 0; i < ids.size(); ++i) {
    federal::v1::Programme said;
    auto base = bases->find(ids[i]);
    const bool mirrored = base != bases->end() && said.ParseFromString(base->second.payload);
    found.candidates[i].values = register_merge::Values(
        mirrored ? register_merge::Image(said, region) : *found.programmes[i]);
  }
  return absl::OkStatus();
}

// Why an entry that finds the programme by its title must wait; empty when it need not.
std::string_view WhyWait(const v1::RegisterSync& sync, const Namesakes& found,
                         const v1::Programme& programme) {
  if (programme.has_delete_time()) return "";
  if (auto why = found.untold.find(&programme); why != found.untold.end()) return why->second;
  const bool mirrored = programme.register_state() == v1::REGISTER_STATE_LISTED ||
                        programme.register_state() == v1::REGISTER_STATE_WITHDRAWN;
  const bool part = sync.mode() == v1::RegisterSync::MODE_INCREMENTAL;
  return part && mirrored ? kPerhapsRenumbered : "";
}

void MatchTitle(const v1::RegisterSync& sync, const Namesakes& found, int place, BatchItem& item) {
  if (place < 0) return;
  const v1::Programme& programme = *found.programmes[place];
  if (found.candidates[place].former) {
    item.former = programme.name();
    item.match = RegisterEntry::MATCH_REREGISTERED;
  } else if (const auto why = WhyWait(sync, found, programme); !why.empty()) {
    item.entry.problem = std::string(why);
  } else {
    item.existing = &programme;
    item.match = programme.federal_register_number().empty()
                     ? RegisterEntry::MATCH_TITLE_AND_PROVIDER
                     : RegisterEntry::MATCH_RENUMBERED;
  }
}

absl::Status MatchTitles(pg::Tx& tx, const Table<v1::Programme>& table,
                         const v1::RegisterSync& sync, Batch& batch) {
  std::vector<std::string> titles, keys;
  for (const BatchItem& item : batch.items) {
    if (!LooksForTitle(item)) continue;
    titles.push_back(item.programme.title());
    keys.push_back(item.entry.match_key);
  }
  if (titles.empty()) return absl::OkStatus();
  auto namesakes = register_store::Namesakes(tx, sync, titles, keys);
  if (!namesakes.ok()) return namesakes.status();
  if (namesakes->empty()) return absl::OkStatus();
  std::vector<std::string> ids;
  absl::flat_hash_set<std::string> untold;
  for (const register_store::Namesake& namesake : *namesakes) {
    ids.push_back(namesake.id);
    if (namesake.untold) untold.insert(namesake.id);
  }
  auto rows = table.Select(tx, kNamesakes, std::string(RegionOf(sync.name())), ids);
  if (!rows.ok()) return rows.status();
  auto found = FindNamesakes(tx, sync, untold, *std::move(rows), batch);
  if (!found.ok()) return found.status();
  std::vector<federal::v1::Programme> entries;
  auto suitors = FindSuitors(tx, sync, batch, *found, entries);
  if (!suitors.ok()) return suitors.status();
  if (register_pairs::Contested(*suitors, found->candidates)) {
    auto status = FillValues(tx, RegionOf(sync.name()), entries, *suitors, *found);
    if (!status.ok()) return status;
  }
  const std::vector<int> places = register_pairs::Match(*suitors, found->candidates);
  size_t next = 0;
  for (BatchItem& item : batch.items) {
    if (LooksForTitle(item)) MatchTitle(sync, *found, places[next++], item);
  }
  return absl::OkStatus();
}

// A programme keeps its id when the register gives it another number; should the old number come to
// mean another programme after all, that one needs an id of its own.
absl::Status FindIds(pg::Tx& tx, const v1::RegisterSync& sync, Batch& batch) {
  const std::string region(RegionOf(sync.name()));
  absl::flat_hash_map<std::string, BatchItem*> fresh;
  std::vector<std::string> ids;
  for (BatchItem& item : batch.items) {
    if (!item.entry.problem.empty() || item.existing != nullptr) continue;
    ids.push_back(register_merge::NewId(region, item.entry.number));
    fresh[ids.back()] = &item;
  }
  if (ids.empty()) return absl::OkStatus();
  auto taken = register_store::TakenIds(tx, region, ids);
  if (!taken.ok()) return taken.status();
  for (const std::string& id : *taken) {
    BatchItem& item = *fresh[id];
    item.fresh_id = StableUuid(Cat(region, "/", item.entry.number, "/", sync.name()));
  }
  return absl::OkStatus();
}

absl::Status ReadBases(pg::Tx& tx, std::string_view region, Batch& batch) {
  std::vector<std::string> ids, sha256s;
  for (const BatchItem& item : batch.items) {
    if (item.existing == nullptr) continue;
    ids.emplace_back(IdOf(item.existing->name()));
    sha256s.push_back(item.entry.sha256);
  }
  auto bases = register_store::Bases(tx, region, ids, sha256s);
  if (!bases.ok()) return bases.status();
  for (const auto& [id, base] : *bases) {
    const std::string name = NameOf(region, "programmes", id);
    if (base.payload.empty()) {
      batch.same_base.insert(name);
    } else {
      batch.bases[name].ParseFromString(base.payload);
    }
  }
  return absl::OkStatus();
}

absl::Status ReadConflicts(pg::Tx& tx, const resource::Engine& engine, std::string_view region,
                           Batch& batch) {
  std::vector<std::string> names;
  for (const BatchItem& item : batch.items) {
    if (item.existing != nullptr) names.push_back(item.existing->name());
  }
  auto rows = Table<v1::RegisterConflict>(engine).Select(tx, kOpenConflicts, region, names);
  if (!rows.ok()) return rows.status();
  for (v1::RegisterConflict& conflict : *rows) {
    batch.open_conflicts[conflict.programme()].push_back(std::move(conflict));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ProviderKey(std::string_view region_code, const federal::v1::Provider& provider) {
  return Cat(region_code, "/", provider.inn(), "/", provider.title());
}

Batch MakeBatch(std::vector<register_rules::Entry> entries) {
  Batch batch;
  for (register_rules::Entry& entry : entries) {
    BatchItem& item = batch.items.emplace_back();
    item.entry = std::move(entry);
    item.match = RegisterEntry::MATCH_NEW;
    if (!item.programme.ParseFromString(item.entry.payload) && item.entry.problem.empty()) {
      item.entry.problem = "the kept entry cannot be parsed";
    }
  }
  return batch;
}

absl::Status FindExisting(pg::Tx& tx, const resource::Engine& engine, const v1::RegisterSync& sync,
                          Batch& batch) {
  const Table<v1::Programme> programmes(engine);
  const std::string region(RegionOf(sync.name()));
  if (auto s = MatchNumbers(tx, programmes, region, batch); !s.ok()) return s;
  if (auto s = MatchTitles(tx, programmes, sync, batch); !s.ok()) return s;
  if (auto s = FindIds(tx, sync, batch); !s.ok()) return s;
  if (auto s = ReadBases(tx, region, batch); !s.ok()) return s;
  return ReadConflicts(tx, engine, region, batch);
}

}  // namespace rsnms::programs
