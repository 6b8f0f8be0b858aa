// The operator's desk for passports: rsnms.federal.v1.PassportExchange, from memory and an optional
// file.
#ifndef RSNMS_TOOLS_FEDERAL_SIM_PASSPORT_SIM_H_
#define RSNMS_TOOLS_FEDERAL_SIM_PASSPORT_SIM_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "libs/rpc/call.h"
#include "libs/rpc/server.h"
#include "rsnms/federal/v1/passport_exchange.pb.h"

namespace rsnms::federal_sim {

// A remark the operator is told to make.
struct Remark {
  int block_number = 0;
  std::string item_code;  // empty: on the block as a whole
  std::string code;
  std::string text_ru;
};

// Thread-safe.
class PassportSim {
 public:
  // Receipts are appended to `state_file`, and read from it first; empty keeps them in memory only.
  explicit PassportSim(std::string state_file = "");

  void Serve(rpc::Server& server);
  // Passports that come from now on are returned with these remarks; none accepts them.
  void SetRemarks(std::vector<Remark> remarks);
  // The next `calls` submissions are taken, but answered UNAVAILABLE, as if the answer was lost.
  void LoseAnswers(int calls);

 private:
  absl::Status Submit(rpc::Call& call, const federal::v1::SubmitPassportRequest& request,
                      federal::v1::PassportReceipt* response);
  absl::Status Get(rpc::Call& call, const federal::v1::GetPassportReceiptRequest& request,
                   federal::v1::PassportReceipt* response);
  absl::Status List(rpc::Call& call, const federal::v1::ListPassportReceiptsRequest& request,
                    federal::v1::ListPassportReceiptsResponse* response);
  // The receipt an earlier submission of the same content got; FAILED_PRECONDITION when the period
  // is closed.
  absl::StatusOr<const federal::v1::PassportReceipt*> Earlier(
      const federal::v1::SubmitPassportRequest& request) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  federal::v1::PassportReceipt Decide(const federal::v1::SubmitPassportRequest& request,
                                      absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Load();
  void Append(const federal::v1::PassportReceipt& receipt) const;

  const std::string state_file_;
  mutable absl::Mutex mutex_;
  std::vector<federal::v1::PassportReceipt> receipts_
      ABSL_GUARDED_BY(mutex_);  // in order of receipt
  std::map<std::string, std::pair<std::string, int>> by_request_ ABSL_GUARDED_BY(mutex_);
  std::vector<Remark> remarks_ ABSL_GUARDED_BY(mutex_);
  int lost_answers_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace rsnms::federal_sim

#endif  // RSNMS_TOOLS_FEDERAL_SIM_PASSPORT_SIM_H_
