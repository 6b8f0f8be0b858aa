#include "services/programs/register/register_batch.h"

#include <algorithm>
#include <utility>

#include "services/programs/names.h"
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

// Programmes waiting for an entry, by what may find them; each is given away once.
class Unclaimed {
 public:
  void Add(const std::string& key, const v1::Programme* programme) {
    by_key_[key].push_back(programme);
  }
  const v1::Programme* Claim(const std::string& key) {
    for (const v1::Programme* programme : by_key_[key]) {
      if (claimed_.insert(programme).second) return programme;
    }
    return nullptr;
  }

 private:
  absl::flat_hash_map<std::string, std::vector<const v1::Programme*>> by_key_;
  absl::flat_hash_set<const v1::Programme*> claimed_;
};

bool LooksForTitle(const BatchItem& item) {
  return item.entry.problem.empty() && item.existing == nullptr && !item.entry.withdrawn;
}

// Programmes that go by the titles and providers of entries nobody bears the numbers of.
struct Namesakes {
  Unclaimed unclaimed;
  absl::flat_hash_map<std::string, std::string> former;  // withdrawn by name: key → programme
  absl::flat_hash_set<const v1::Programme*> untold;
};

bool StandsUntold(const Namesakes& found, const v1::Programme& programme) {
  return found.untold.contains(&programme) && !programme.has_delete_time() &&
         programme.register_state() == v1::REGISTER_STATE_LISTED;
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
    if (untold.contains(id)) found.untold.insert(&kept);
  }
  for (const std::string& id : *named) {
    const v1::Programme& programme = *by_id[id];
    found.former.try_emplace(register_rules::MatchKey(programme), programme.name());
    if (auto key = said->find(id); key != said->end()) {
      found.former.try_emplace(key->second, programme.name());
    }
  }
  const absl::flat_hash_set<std::string> withdrawn(named->begin(), named->end());
  // In their order: what lives is claimed first, and before all that of which the register told.
  std::stable_partition(ids.begin(), ids.end(), [&](const std::string& id) {
    return by_id[id]->register_state() == v1::REGISTER_STATE_LISTED &&
           !by_id[id]->has_delete_time() && !StandsUntold(found, *by_id[id]);
  });
  for (const std::string& id : ids) {
    if (withdrawn.contains(id)) continue;
    found.unclaimed.Add(register_rules::MatchKey(*by_id[id]), by_id[id]);
    if (auto key = said->find(id); key != said->end()) found.unclaimed.Add(key->second, by_id[id]);
  }
  return found;
}

// Why an entry that finds the programme by its title must wait; empty when it need not.
std::string_view WhyWait(const v1::RegisterSync& sync, const Namesakes& found,
                         const v1::Programme& programme) {
  if (programme.has_delete_time()) return "";
  if (found.untold.contains(&programme)) return kNotToldYet;
  const bool mirrored = programme.register_state() == v1::REGISTER_STATE_LISTED ||
                        programme.register_state() == v1::REGISTER_STATE_WITHDRAWN;
  const bool part = sync.mode() == v1::RegisterSync::MODE_INCREMENTAL;
  return part && mirrored ? kPerhapsRenumbered : "";
}

void MatchTitle(const v1::RegisterSync& sync, Namesakes& found, BatchItem& item) {
  item.existing = found.unclaimed.Claim(item.entry.match_key);
  if (item.existing == nullptr) {
    auto former = found.former.find(item.entry.match_key);
    if (former == found.former.end()) return;
    item.former = former->second;
    item.match = RegisterEntry::MATCH_REREGISTERED;
  } else if (const auto why = WhyWait(sync, found, *item.existing); !why.empty()) {
    item.entry.problem = std::string(why);
    item.existing = nullptr;
  } else {
    item.match = item.existing->federal_register_number().empty()
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
  for (BatchItem& item : batch.items) {
    if (LooksForTitle(item)) MatchTitle(sync, *found, item);
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
