#include "services/registry/sites/sites.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/resource/validation.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "services/registry/period_rules.h"
#include "services/registry/sites/consulting_store.h"
#include "services/registry/sites/site_rules.h"

namespace rsnms::registry::sites {
namespace {

using v1::ReserveCandidate;

constexpr char kContract[] = "rsnms.registry.v1.Sites";

}  // namespace

const google::protobuf::ServiceDescriptor* Contract() {
  return google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(kContract);
}

void SitesService::Serve(rpc::Server& server) {
  const auto serve = [&]<class Request, class Response>(
                         const char* rpc, absl::Status (SitesService::*method)(
                                              rpc::Call&, const Request&, Response*)) {
    server.Unary<Request, Response>(
        absl::StrCat(kContract, "/", rpc),
        [this, method](auto& call, const auto& request, auto* response) {
          return (this->*method)(call, request, response);
        });
  };
  serve("RecordReserveInstrument", &SitesService::RecordReserveInstrument);
  serve("ListOverdueConsultingRequests", &SitesService::ListOverdueConsultingRequests);
  serve("CountConsultingTopics", &SitesService::CountConsultingTopics);
}

absl::Status SitesService::RecordReserveInstrument(
    rpc::Call& call, const v1::RecordReserveInstrumentRequest& request,
    ReserveCandidate* response) {
  return engine_.Write<ReserveCandidate>(
      call, request,
      [&](pg::Tx&, ReserveCandidate& candidate) -> absl::Status {
        if (candidate.state() != ReserveCandidate::STATE_APPLICATION &&
            candidate.state() != ReserveCandidate::STATE_DIAGNOSED &&
            candidate.state() != ReserveCandidate::STATE_INTERVIEW) {
          return rpc::Error(absl::StatusCode::kFailedPrecondition,
                            options::v1::COMMON_REASON_INVALID_STATE,
                            "instruments are recorded before the inclusion");
        }
        Record(request.instrument(), &candidate);
        return absl::OkStatus();
      },
      response);
}

absl::Status SitesService::ListOverdueConsultingRequests(
    rpc::Call& call, const v1::ListOverdueConsultingRequestsRequest& request,
    v1::ListOverdueConsultingRequestsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return ReadOverdue(tx, request, response); });
}

absl::Status SitesService::CountConsultingTopics(rpc::Call& call,
                                                 const v1::CountConsultingTopicsRequest& request,
                                                 v1::CountConsultingTopicsResponse* response) {
  if (auto s = resource::ValidateRequest(request); !s.ok()) return s;
  if (auto s = CheckOrder(request.start_date(), &request.end_date(), "end_date"); !s.ok()) return s;
  return engine_.pool().Run(call.ReadTx(),
                            [&](pg::Tx& tx) { return CountTopics(tx, request, response); });
}

}  // namespace rsnms::registry::sites
