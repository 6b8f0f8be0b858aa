// Some entries of a snapshot and the programmes that stand for them: what one transaction merges.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_BATCH_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_BATCH_H_

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "libs/resource/table.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/register_conflict.pb.h"
#include "rsnms/programs/v1/register_entry.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"
#include "services/programs/register/register_merge.h"
#include "services/programs/register/register_rules.h"

namespace rsnms::programs {

struct BatchItem {
  register_rules::Entry entry;
  federal::v1::Programme programme;
  const v1::Programme* existing = nullptr;  // the programme that stands for it
  v1::RegisterEntry::Match match = v1::RegisterEntry::MATCH_UNSPECIFIED;
  std::string fresh_id = "";  // of the programme it makes, when the usual one is another's
  std::string former = "";    // the programme it was registered as before, when REREGISTERED
};

struct Batch {
  std::vector<BatchItem> items;
  std::deque<v1::Programme> programmes;  // what `existing` points into
  // The entries the programmes were mirrored from last, by name of the programme.
  absl::flat_hash_map<std::string, federal::v1::Programme> bases;
  // Programmes whose stored entry is the item's own, word for word.
  absl::flat_hash_set<std::string> same_base;
  absl::flat_hash_map<std::string, std::vector<v1::RegisterConflict>>
      open_conflicts;                                       // by programme
  absl::flat_hash_map<std::string, std::string> providers;  // organisations, by ProviderKey
};

// An entry as it was merged, on its way to the tables.
struct Merged {
  const BatchItem* item;  // null: the programme is flagged because its entry is gone
  register_merge::Applied applied;
};

// What tells providers apart within a region.
std::string ProviderKey(std::string_view region_code, const federal::v1::Provider& provider);

// Parses the kept entries.
Batch MakeBatch(std::vector<register_rules::Entry> entries);

// Finds and locks the programmes that stand for the entries: by number; else, of those whose number
// the snapshot lacks, by title and provider, as the region says them or as the register said them;
// of several the most alike (register_pairs), whichever batch the entries are merged in.
// Programmes the register withdrew by name stand for no other number: an entry that says the same
// is registered anew. An entry that says it is withdrawn is found by its number alone. Finds ids
// for those that nothing stands for. Reads what each was mirrored from and its open conflicts. The
// locks last to the end of the transaction, so a change made by a person in between is neither
// missed nor overwritten.
absl::Status FindExisting(pg::Tx& tx, const resource::Engine& engine, const v1::RegisterSync& sync,
                          Batch& batch);

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_BATCH_H_
