// The domain methods on passports: assembling, approval, exchange with the federal operator.
#ifndef RSNMS_SERVICES_MONITORING_PASSPORT_SERVICE_H_
#define RSNMS_SERVICES_MONITORING_PASSPORT_SERVICE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/monitoring/v1/passport.pb.h"
#include "services/monitoring/passport_bytes.h"
#include "services/monitoring/region_view.h"

namespace rsnms::monitoring {

// Thread-safe. Methods are named after their RPCs; contracts and errors stand in the protos.
class PassportService {
 public:
  struct Options {
    std::shared_ptr<const Signer> signer;  // null: ApprovePassport answers SIGNING_KEY_MISSING
    std::shared_ptr<rpc::Client> federal;  // null: SubmitPassport answers UNAVAILABLE
    std::function<absl::Time()> clock = [] { return absl::Now(); };  // of approvals
  };
  // `engine` outlives the service.
  PassportService(resource::Engine& engine, Options options)
      : engine_(engine), options_(std::move(options)) {}

  void Serve(rpc::Server& server);

  absl::Status AssemblePassport(rpc::Call& call, const v1::AssemblePassportRequest& request,
                                v1::Passport* response);
  absl::Status ReassemblePassport(rpc::Call& call, const v1::ReassemblePassportRequest& request,
                                  v1::Passport* response);
  absl::Status RequestPassportApproval(rpc::Call& call,
                                       const v1::RequestPassportApprovalRequest& request,
                                       v1::Passport* response);
  absl::Status ApprovePassport(rpc::Call& call, const v1::ApprovePassportRequest& request,
                               v1::Passport* response);
  absl::Status RejectPassport(rpc::Call& call, const v1::RejectPassportRequest& request,
                              v1::Passport* response);
  absl::Status SubmitPassport(rpc::Call& call, const v1::SubmitPassportRequest& request,
                              v1::Passport* response);
  absl::Status RefreshPassportReceipt(rpc::Call& call,
                                      const v1::RefreshPassportReceiptRequest& request,
                                      v1::Passport* response);
  absl::Status RevisePassport(rpc::Call& call, const v1::RevisePassportRequest& request,
                              v1::Passport* response);
  absl::Status ExportPassport(rpc::Call& call, const v1::ExportPassportRequest& request,
                              v1::ExportPassportResponse* response);
  absl::Status DiffPassports(rpc::Call& call, const v1::DiffPassportsRequest& request,
                             v1::DiffPassportsResponse* response);

 private:
  // Blocks, watermarks and cut-off date as the projection gives them now; the rest of the passport
  // stays.
  absl::Status Fill(pg::Tx& tx, const RegionView& view, v1::Passport& passport) const;
  absl::Status Refill(pg::Tx& tx, v1::Passport& passport) const;
  // NOT_FOUND; INVALID_ARGUMENT for a name that is not a passport's.
  absl::StatusOr<v1::Passport> Read(pg::Tx& tx, const std::string& name) const;

  resource::Engine& engine_;
  const Options options_;
};

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_PASSPORT_SERVICE_H_
