// Mirrors the federal register step by step. A step is either one remote call followed by one
// transaction, or one transaction; the run's cursor is committed with what the step wrote, so a
// process killed at any point, or two replicas at work on the same run, end with the same mirror.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MIRROR_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MIRROR_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "libs/resource/table.h"
#include "libs/rpc/client.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/register_conflict.pb.h"
#include "rsnms/programs/v1/register_notice.pb.h"
#include "rsnms/programs/v1/register_sync.pb.h"
#include "services/programs/register/register_batch.h"
#include "services/programs/register/register_rules.h"
#include "services/programs/register/register_store.h"

namespace rsnms::programs {

struct MirrorOptions {
  int page_size = 200;           // entries asked for in one call
  int apply_batch = 500;         // entries merged in one transaction
  double calls_per_second = 10;  // remote calls, over all runs of the process
  absl::Duration call_timeout = absl::Seconds(10);
  absl::Duration backoff =
      absl::Milliseconds(300);  // after the first failure; doubled, with jitter
  absl::Duration greatest_backoff = absl::Seconds(60);
  absl::Duration greatest_retry_delay = absl::Hours(1);  // whatever the register asks for
  int max_failures = 10;    // calls failing in a row before the run fails
  int max_restarts = 5;     // walks begun again before the run fails
  int shrink_percent = 30;  // a greater share of withdrawals waits for a person
  int shrink_days = 30;     // whose withdrawals are weighed together
  int kept_snapshots = 3;   // runs whose verbatim entries are kept
  int verify_batch = 20;    // entries asked for by number between two commits
  int asked_again = 300;    // withdrawn entries a FULL run asks about again
  absl::Duration verify_time = absl::Seconds(5);  // no further question in a step after so long
  std::function<absl::Time()> now = absl::Now;    // of run and retry times
  // Finds the region's organisation behind a provider at the registry; empty when there is none.
  // May be unset.
  std::function<absl::StatusOr<std::string>(std::string_view region_code,
                                            const federal::v1::Provider& provider)>
      find_provider;
  // Called at named points between and inside transactions; an error ends the step there, as a
  // killed process would. For tests.
  std::function<absl::Status(std::string_view point)> interrupt;
};

// Stateless but for the rate of calls; one thread at a time.
class RegisterMirror {
 public:
  RegisterMirror(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                 MirrorOptions options);

  // Runs that want steps (PENDING or RUNNING), oldest first.
  absl::StatusOr<std::vector<v1::RegisterSync>> Living();

  // One step of a run. Answers how long to leave the run alone: zero after progress, the back-off
  // after a failed remote call. An error is the database's: nothing was changed, try again later.
  // What it will never take (INVALID_ARGUMENT) fails the run.
  absl::StatusOr<absl::Duration> Step(const v1::RegisterSync& sync);

 private:
  using Body = std::function<absl::Status(pg::Tx&, v1::RegisterSync&)>;
  struct Answers {
    // Entries of programmes that are not to be flagged as gone: those that stand, those nothing was
    // learnt of, and those the register names as withdrawn, which then go the way of every entry.
    std::vector<register_rules::Entry> kept;
    int standing = 0;                // among them those that stand
    std::vector<std::string> asked;  // programmes the calls told of, by id
    std::string last;                // number asked about last
    absl::Status failure;            // the call that told nothing
  };

  // Locks the run, and when it still stands where the caller saw it, applies `body` and writes it
  // back.
  absl::Status Advance(const v1::RegisterSync& seen, const Body& body);
  absl::Status Interrupt(std::string_view point) const;
  void WaitForTurn();

  absl::StatusOr<absl::Duration> TakeStep(const v1::RegisterSync& sync);
  absl::Status Begin(const v1::RegisterSync& sync);
  absl::StatusOr<absl::Duration> Fetch(const v1::RegisterSync& sync);
  absl::Status KeepPage(pg::Tx& tx, const federal::v1::ListProgrammesResponse& page,
                        v1::RegisterSync& sync);
  absl::StatusOr<absl::Duration> FetchFailed(const v1::RegisterSync& sync,
                                             const absl::Status& failure);
  // Counts a failed call and sets when the next may follow, which is the answer. Ends the run when
  // the failure is final or there were too many in a row.
  absl::Duration NoteFailure(const absl::Status& failure, v1::RegisterSync& sync) const;
  // The walk begins again, with everything it had fetched forgotten.
  absl::Status Restart(pg::Tx& tx, v1::RegisterSync& sync, std::string_view reason);
  absl::Status Compare(const v1::RegisterSync& sync);
  // Puts down in the run what would be withdrawn; answers how many programmes look renumbered, one
  // for each fresh entry at most.
  absl::StatusOr<int> Weigh(pg::Tx& tx, v1::RegisterSync& sync) const;
  // Weighs again, once the register was asked by number.
  absl::Status Verified(pg::Tx& tx, v1::RegisterSync& sync) const;
  // Goes on to `next`, unless so much would be withdrawn that a person must say so first, or has
  // said no. `word`: a person said yes in this run, so that what was rejected before is asked about
  // again.
  absl::Status Proceed(pg::Tx& tx, v1::RegisterSync::Phase next, bool word,
                       v1::RegisterSync& sync) const;
  absl::StatusOr<absl::Duration> Verify(const v1::RegisterSync& sync);
  // The same for programmes withdrawn before, which no whole register shows: the register may have
  // given them another day, or put them back.
  absl::StatusOr<absl::Duration> VerifyAgain(const v1::RegisterSync& sync);
  // Whether there is something to be asked in this run, by number: what is missing, what was
  // withdrawn.
  struct Questions {
    bool missing = false, again = false;
  };
  absl::StatusOr<Questions> ToAsk(pg::Tx& tx, const v1::RegisterSync& sync) const;
  // Asks the register about programmes the walk lacked; what it said before the first failed call.
  // `again`: of programmes withdrawn before only what it says clearly is kept.
  Answers Ask(const std::vector<register_store::Leaving>& programmes, bool again);
  absl::Status KeepAnswers(pg::Tx& tx, const Answers& answers, v1::RegisterSync& sync,
                           absl::Duration& rest) const;
  absl::Status ApplyBatch(const v1::RegisterSync& sync);
  absl::Status WithdrawBatch(const v1::RegisterSync& sync);
  absl::Status NotifyBatch(const v1::RegisterSync& sync);
  // Lifts notices that have become idle.
  absl::Status LiftBatch(pg::Tx& tx, v1::RegisterSync& sync) const;
  // Gives open notices the day the register has corrected; the last step of a run.
  absl::Status RedateBatch(pg::Tx& tx, v1::RegisterSync& sync) const;
  // What the next step asks about: what is missing, or `again`.
  absl::StatusOr<std::vector<register_store::Leaving>> ReadToAsk(const v1::RegisterSync& sync,
                                                                 bool again, int limit);
  void End(v1::RegisterSync& sync, v1::RegisterSync::State state, std::string_view reason) const;

  absl::Status LearnProviders(const v1::RegisterSync& sync);
  absl::Status WriteBatch(pg::Tx& tx, v1::RegisterSync& sync, Batch& batch) const;
  // ALREADY_EXISTS when a new programme met a stored one; what was written must be rolled back
  // then.
  absl::Status Put(pg::Tx& tx, const std::vector<Merged>& merged) const;
  absl::Status WriteApplied(pg::Tx& tx, v1::RegisterSync& sync, Batch& batch,
                            std::vector<Merged>& merged) const;
  absl::Status WriteChanges(pg::Tx& tx, std::vector<v1::RegisterChange>& changes) const;
  absl::Status WriteConflicts(pg::Tx& tx, v1::RegisterSync& sync,
                              std::vector<v1::RegisterConflict>& conflicts) const;

  resource::Engine* const engine_;
  const std::shared_ptr<rpc::Client> federal_;
  const MirrorOptions options_;
  const resource::Table<v1::RegisterSync> syncs_;
  const resource::Table<v1::Programme> programmes_;
  const resource::Table<v1::RegisterChange> changes_;
  const resource::Table<v1::RegisterConflict> conflicts_;
  const resource::Table<v1::RegisterNotice> notices_;
  journal::Author author_;
  absl::Time next_call_ = absl::InfinitePast();
  // Organisations found at the registry, empty when there is none; by region and provider.
  absl::flat_hash_map<std::string, std::string> providers_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_MIRROR_H_
