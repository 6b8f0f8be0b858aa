// SQL on the verbatim copy of the federal register (table register_snapshot) and on what is missing
// from it.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_STORE_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/pg/tx.h"
#include "rsnms/programs/v1/register_entry.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"
#include "services/programs/register/register_rules.h"

namespace rsnms::programs::register_store {

// Keeps the entries of a page; answers how many were not there yet. An entry that is there already
// stays; one that contradicts it gives it a problem.
absl::StatusOr<int> Keep(pg::Tx& tx, const v1::RegisterSync& sync,
                         const std::vector<register_rules::Entry>& entries);

// Distinct entries kept for the run.
absl::StatusOr<int64_t> Count(pg::Tx& tx, const v1::RegisterSync& sync);

// Forgets the run's entries: the walk begins again.
absl::Status Clear(pg::Tx& tx, const v1::RegisterSync& sync);

// Up to `limit` entries with numbers after `number`, in order of numbers.
absl::StatusOr<std::vector<register_rules::Entry>> After(pg::Tx& tx, const v1::RegisterSync& sync,
                                                         std::string_view number, int limit);

// Marks one entry as not applicable.
absl::Status SetProblem(pg::Tx& tx, const v1::RegisterSync& sync, std::string_view number,
                        std::string_view problem);

// A programme that stands as LISTED and whose entry the run's snapshot lacks, or names as
// withdrawn. A programme whose entry came in an unreadable form (same title and provider) is not
// missing.
struct Leaving {
  std::string id, number;  // the programme's; its register number
  bool named = false;      // the snapshot says that it is withdrawn
  // How many standing entries whose number nobody bears have its title and provider, its own or the
  // register's; by key. Empty when there are none: then it was not renumbered.
  std::vector<std::pair<std::string, int>> fresh = {};
};
// kAsked: what is missing, and what went without a word before and may have been renumbered or
// registered anew now.
enum class Leave { kMissing, kNamed, kBoth, kAsked };
// By register number, those after `after_number`; empty when there are no more.
absl::StatusOr<std::vector<Leaving>> FindLeaving(pg::Tx& tx, const v1::RegisterSync& sync,
                                                 Leave which, std::string_view after_number,
                                                 int limit);

// A person rejected the very shrink the run shows, and no whole (FULL) run has succeeded since.
absl::StatusOr<bool> RejectedBefore(pg::Tx& tx, const v1::RegisterSync& sync);
// The same of any shrink.
absl::StatusOr<bool> RejectionHolds(pg::Tx& tx, const v1::RegisterSync& sync);

// Programmes that stand as LISTED.
absl::StatusOr<int64_t> CountListed(pg::Tx& tx, const v1::RegisterSync& sync);

// Programmes that left by earlier runs of the run's `shrink_days` and have not come back; since the
// last word of a person that confirmed a shrink, its own run left out.
absl::StatusOr<int64_t> CountLeftBefore(pg::Tx& tx, const v1::RegisterSync& sync);

// Withdrawn programmes the register may be asked about again in the run: not in its snapshot, not
// asked about by it yet. Those asked about longest ago first.
absl::StatusOr<std::vector<Leaving>> AskedLongestAgo(pg::Tx& tx, const v1::RegisterSync& sync,
                                                     int limit);
// Notes that the run asked about them.
absl::Status SetAsked(pg::Tx& tx, const v1::RegisterSync& sync,
                      const std::vector<std::string>& ids);

// The entry a programme was mirrored from last.
struct Base {
  std::string payload;  // empty: the very entry asked about
};
// Of the programmes that have one, by id; `sha256s` are of the entries that are to be applied.
absl::StatusOr<absl::flat_hash_map<std::string, Base>> Bases(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& ids,
    const std::vector<std::string>& sha256s);

// Titles and providers as the register said them (register_rules::MatchKey), by id of the
// programme.
absl::StatusOr<absl::flat_hash_map<std::string, std::string>> MatchKeys(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& ids);

// An entry that was merged into a programme.
struct Mirrored {
  std::string id, number;
  v1::RegisterEntry::Match match;
};
// Keeps the entries behind programmes, word for word, from the run's snapshot: they stand.
absl::Status PutEntries(pg::Tx& tx, const v1::RegisterSync& sync,
                        const std::vector<Mirrored>& entries);

// Notes how the entries behind programmes left the register.
absl::Status SetWithdrawal(pg::Tx& tx, std::string_view region_code,
                           v1::RegisterEntry::Withdrawal withdrawal,
                           const std::vector<std::string>& ids);

// Those of `ids` whose entry the register withdrew by name, in the run's snapshot or before; the
// latest first. What a person deleted is not among them.
absl::StatusOr<std::vector<std::string>> WithdrawnByName(pg::Tx& tx, const v1::RegisterSync& sync,
                                                         const std::vector<std::string>& ids);

// What the region says of withdrawals (RegisterPolicy); what it does not say is the service's own.
struct Policy {
  std::optional<int> shrink_percent, shrink_days;
};
absl::StatusOr<Policy> ReadPolicy(pg::Tx& tx, std::string_view region_code);

// A programme that goes by the title, or the title and provider, of an entry.
struct Namesake {
  std::string id;
  bool untold = false;  // the register refused to tell what became of its number
};
// Programmes that go by one of the titles, or by one of the titles and providers as the register
// said them (`keys`), and whose number the snapshot lacks or names as withdrawn, or of whose number
// nothing was learnt.
absl::StatusOr<std::vector<Namesake>> Namesakes(pg::Tx& tx, const v1::RegisterSync& sync,
                                                const std::vector<std::string>& titles,
                                                const std::vector<std::string>& keys);

// Standing entries whose number nobody bears, of these titles and providers (`keys`), but for those
// of `numbers`. Of one title and provider 200 at most.
absl::StatusOr<std::vector<register_rules::Entry>> Rivals(pg::Tx& tx, const v1::RegisterSync& sync,
                                                          const std::vector<std::string>& keys,
                                                          const std::vector<std::string>& numbers);

// Those titles and providers that entries nobody can read bear: any of their programmes may be
// behind one.
absl::StatusOr<absl::flat_hash_set<std::string>> UnreadKeys(
    pg::Tx& tx, const v1::RegisterSync& sync, const absl::flat_hash_set<std::string>& keys);

// In this transaction, statements are planned for the tables as they are: a first load makes them
// grow from nothing, and a plan made then would be kept.
absl::Status PlanAfresh(pg::Tx& tx);

// Those of `ids` that programmes bear, deleted ones included.
absl::StatusOr<std::vector<std::string>> TakenIds(pg::Tx& tx, std::string_view region_code,
                                                  const std::vector<std::string>& ids);

// ИНН → organisation, as the region's own programmes know it.
absl::StatusOr<absl::flat_hash_map<std::string, std::string>> KnownProviders(
    pg::Tx& tx, std::string_view region_code, const std::vector<std::string>& inns);

// Drops the entries of ended runs older than the newest `keep`.
absl::Status Prune(pg::Tx& tx, const v1::RegisterSync& sync, int keep);

}  // namespace rsnms::programs::register_store

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_STORE_H_
