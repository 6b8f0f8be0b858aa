// The register from a file: a run whose entries a person sends.
#ifndef RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LOAD_H_
#define RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LOAD_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "libs/rpc/call.h"
#include "rsnms/programs/v1/register_service.pb.h"

namespace rsnms::programs {

// How long a load may say nothing before another may take its place.
inline constexpr absl::Duration kAbandonedAfter = absl::Minutes(10);

// A load whose client has gone without a word.
bool Abandoned(const v1::RegisterSync& sync, absl::Time now);

// Ends such a load, so that it keeps nobody from beginning a run.
absl::Status Retire(pg::Tx& tx, const resource::Engine& engine, const journal::Author& author,
                    absl::Time now, const v1::RegisterSync& load);

// One load, from header to end. Each piece is kept in a transaction of its own; nothing is applied
// before Finish.
class RegisterLoad {
 public:
  // Begins a run. FAILED_PRECONDITION SYNC_IN_PROGRESS; INVALID_ARGUMENT; NOT_FOUND for a region
  // the caller has no right in.
  static absl::StatusOr<RegisterLoad> Begin(resource::Engine& engine, rpc::Call& call,
                                            const v1::LoadRegisterHeader& header, absl::Time now);

  // Keeps some entries. INVALID_ARGUMENT when they are too many.
  absl::Status Add(rpc::Call& call, const v1::LoadRegisterEntries& entries);

  // Hands the run to the worker. FAILED_PRECONDITION REGISTER_INCOMPLETE when entries are lacking:
  // the run has FAILED then.
  absl::StatusOr<v1::RegisterSync> Finish(rpc::Call& call);

  // Ends the run as FAILED with LOAD_ABANDONED: the stream was cut.
  void Abandon(absl::Time now);

 private:
  RegisterLoad(resource::Engine& engine, v1::RegisterSync sync, int declared, absl::Time now)
      : engine_(&engine), sync_(std::move(sync)), declared_(declared), now_(now) {}
  absl::Status Write(const pg::TxOptions& options, const journal::Author& author,
                     const std::function<absl::Status(pg::Tx&, v1::RegisterSync&)>& change);

  resource::Engine* engine_;
  v1::RegisterSync sync_;
  int declared_, received_ = 0;
  absl::Time now_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_REGISTER_REGISTER_LOAD_H_
