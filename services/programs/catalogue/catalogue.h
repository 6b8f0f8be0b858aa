// Versions of programmes, their expertise, the region's rules: service rsnms.programs.v1.Catalogue.
// Standard methods and plain steps are the engine's.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_H_

#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/rpc/client.h"
#include "libs/rpc/server.h"
#include "rsnms/programs/v1/expert_review.pb.h"
#include "rsnms/programs/v1/programme_version_methods.pb.h"

namespace rsnms::programs {

// Descriptor of the contract, for the host. Its resources refer to those of `Programs`.
const google::protobuf::ServiceDescriptor* CatalogueContract();

// Rules and preparations of versions, reviews and rules, and the minima of hours of programmes: of
// a programme the lesser of the order's and the region's, so that a strict region still shows what
// the federal register holds. A programme whose kind and hours stay is not judged again. `now` says
// the day.
void AddCatalogueRules(resource::Engine& engine,
                       const std::function<absl::Time()>& now = absl::Now);

// The methods the engine does not execute. Thread-safe; outlives the server.
class CatalogueService {
 public:
  // `registry` tells about experts; without it none is assigned. `now` says the day.
  CatalogueService(resource::Engine& engine, std::shared_ptr<rpc::Client> registry,
                   std::function<absl::Time()> now = absl::Now)
      : engine_(engine), registry_(std::move(registry)), now_(std::move(now)) {}
  void Serve(rpc::Server& server);

 private:
  absl::Status ApproveProgrammeVersion(rpc::Call& call,
                                       const v1::ApproveProgrammeVersionRequest& request,
                                       v1::ProgrammeVersion* response);
  absl::Status SubmitProgrammeVersion(rpc::Call& call,
                                      const v1::SubmitProgrammeVersionRequest& request,
                                      v1::ProgrammeVersion* response);
  absl::Status ReturnProgrammeVersion(rpc::Call& call,
                                      const v1::ReturnProgrammeVersionRequest& request,
                                      v1::ProgrammeVersion* response);
  absl::Status RejectProgrammeVersion(rpc::Call& call,
                                      const v1::RejectProgrammeVersionRequest& request,
                                      v1::ProgrammeVersion* response);
  absl::Status RecordRegisterRefusal(rpc::Call& call,
                                     const v1::RecordRegisterRefusalRequest& request,
                                     v1::ProgrammeVersion* response);
  absl::Status RecordRegisterEntry(rpc::Call& call, const v1::RecordRegisterEntryRequest& request,
                                   v1::ProgrammeVersion* response);
  absl::Status WithdrawProgrammeVersion(rpc::Call& call,
                                        const v1::WithdrawProgrammeVersionRequest& request,
                                        v1::ProgrammeVersion* response);
  absl::Status AssignExpert(rpc::Call& call, const v1::AssignExpertRequest& request,
                            v1::ExpertReview* response);
  absl::Status SubmitExpertReview(rpc::Call& call, const v1::SubmitExpertReviewRequest& request,
                                  v1::ExpertReview* response);

  // The declared step, made by the region's scope.
  template <class Request>
  absl::Status Decide(rpc::Call& call, const Request& request, v1::ProgrammeVersion* response);
  absl::Status NotToCome(const google::type::Date& date, std::string_view path) const;

  resource::Engine& engine_;
  std::shared_ptr<rpc::Client> registry_;
  std::function<absl::Time()> now_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_CATALOGUE_H_
