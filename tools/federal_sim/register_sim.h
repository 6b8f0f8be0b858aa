// The federal register as rsnms.federal.v1.ProgrammeRegister, from memory, with misbehaviour on
// demand.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_REGISTER_SIM_H_
#define RSNMS_TOOLS_FEDERAL_SIM_REGISTER_SIM_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/federal/v1/programme_register.pb.h"
#include "tools/federal_sim/misbehaviour.h"

namespace rsnms::federal_sim {

// Thread-safe.
class RegisterSim {
 public:
  explicit RegisterSim(std::vector<federal::v1::Programme> programmes);

  void Serve(rpc::Server& server);
  void Set(const Misbehaviour& misbehaviour);

  // What the register truly holds, without misbehaviour, withdrawn entries included.
  std::vector<federal::v1::Programme> Truth() const;
  // Changes an entry, making a new version of the register. False when there is none with this
  // number.
  bool Edit(const std::string& register_number,
            const std::function<void(federal::v1::Programme&)>& edit);
  // Like Edit, but the entry bears a moment that lies `age` back: it was put down late.
  bool EditLate(const std::string& register_number, absl::Duration age,
                const std::function<void(federal::v1::Programme&)>& edit);
  // Adds or replaces an entry.
  void Put(federal::v1::Programme programme);
  // Puts the date of withdrawal, or clears it again.
  void Withdraw(const std::string& register_number);
  void Restore(const std::string& register_number);
  // Gives the entry another number; false when there is none, or the new one is taken.
  bool Renumber(const std::string& from, const std::string& to);
  // Takes an entry away without a trace: not even asked for by number is it found.
  bool Erase(const std::string& register_number);

  int64_t calls() const;

 private:
  using Entries = std::vector<federal::v1::Programme>;

  absl::Status List(rpc::Call& call, const federal::v1::ListProgrammesRequest& request,
                    federal::v1::ListProgrammesResponse* response);
  absl::Status Get(rpc::Call& call, const federal::v1::GetProgrammeRequest& request,
                   federal::v1::Programme* response);
  // The failure this call is to meet, if any.
  absl::Status Misbehave(rpc::Call& call, bool has_token);
  // What a walk shows, made once for each version of the register.
  const Entries& Shown(const federal::v1::ListProgrammesRequest& request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entries MakeShown(const federal::v1::ListProgrammesRequest& request) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Gone(int index) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The register changes under a walk: entries come and go before the place it has reached.
  void Shift() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FillPage(const Entries& shown, int from, int size,
                federal::v1::ListProgrammesResponse* response)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::map<std::string, federal::v1::Programme> programmes_ ABSL_GUARDED_BY(mutex_);
  int64_t version_ ABSL_GUARDED_BY(mutex_) = 1;
  Misbehaviour misbehaviour_ ABSL_GUARDED_BY(mutex_);
  bool truncating_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t calls_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t questions_ ABSL_GUARDED_BY(mutex_) = 0;  // by number, since the misbehaviour was set
  std::string shown_of_ ABSL_GUARDED_BY(mutex_);   // version and lower bound of `shown_`
  Entries shown_ ABSL_GUARDED_BY(mutex_);
  int64_t shifts_ ABSL_GUARDED_BY(mutex_) = 0;
  int walk_total_ ABSL_GUARDED_BY(mutex_) = 0;  // size the shifting walk declared at its beginning
};

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_REGISTER_SIM_H_
