// rsnms.diagnostics.v1.Diagnostics: the domain methods, and the rules the engine asks at every
// write. Standard methods need no code here.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_DIAGNOSTICS_SERVICE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_DIAGNOSTICS_SERVICE_H_

#include <functional>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "libs/rpc/server.h"
#include "rsnms/diagnostics/v1/campaign_methods.pb.h"
#include "rsnms/diagnostics/v1/instrument_methods.pb.h"
#include "rsnms/diagnostics/v1/result_methods.pb.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "rsnms/diagnostics/v1/session_methods.pb.h"
#include "services/diagnostics/route_store.h"
#include "services/diagnostics/session_store.h"

namespace rsnms::diagnostics {

// The contract.
const google::protobuf::ServiceDescriptor* DiagnosticsContract();

// Today's date; UTC in production, fixed in tests.
using Today = std::function<google::type::Date()>;
google::type::Date TodayUtc();

// Registers the rules of this service's resources.
void AddRules(resource::Engine& engine);

// Thread-safe; must outlive the server. Errors of every method stand in the contract.
class DiagnosticsService {
 public:
  explicit DiagnosticsService(resource::Engine& engine, Today today = TodayUtc);
  // Registers the domain methods.
  void Serve(rpc::Server& server);

  absl::Status PublishInstrument(rpc::Call&, const v1::PublishInstrumentRequest&, v1::Instrument*);
  absl::Status RetireInstrument(rpc::Call&, const v1::RetireInstrumentRequest&, v1::Instrument*);
  absl::Status OpenCampaign(rpc::Call&, const v1::OpenCampaignRequest&, v1::Campaign*);
  absl::Status CloseCampaign(rpc::Call&, const v1::CloseCampaignRequest&, v1::Campaign*);
  absl::Status SummarizeCampaign(rpc::Call&, const v1::SummarizeCampaignRequest&,
                                 v1::SummarizeCampaignResponse*);
  absl::Status MapDeficits(rpc::Call&, const v1::MapDeficitsRequest&, v1::MapDeficitsResponse*);
  absl::Status CountOpenDeficits(rpc::Call&, const v1::CountOpenDeficitsRequest&,
                                 v1::CountOpenDeficitsResponse*);
  absl::Status LookUpSessions(rpc::Call&, const v1::LookUpSessionsRequest&,
                              v1::LookUpSessionsResponse*);
  absl::Status StartSession(rpc::Call&, const v1::StartSessionRequest&, v1::Session*);
  absl::Status SaveAnswers(rpc::Call&, const v1::SaveAnswersRequest&, v1::Session*);
  absl::Status SubmitSession(rpc::Call&, const v1::SubmitSessionRequest&, v1::Result*);
  absl::Status AnnulSession(rpc::Call&, const v1::AnnulSessionRequest&, v1::Session*);
  absl::Status BatchSubmitSessions(rpc::Call&, const v1::BatchSubmitSessionsRequest&,
                                   v1::BatchSubmitSessionsResponse*);
  absl::Status ExplainResult(rpc::Call&, const v1::ExplainResultRequest&,
                             v1::ExplainResultResponse*);
  absl::Status BuildRoutes(rpc::Call&, const v1::BuildRoutesRequest&, v1::BuildRoutesResponse*);
  absl::Status AgreeRoute(rpc::Call&, const v1::AgreeRouteRequest&, v1::Route*);
  absl::Status ApproveRoute(rpc::Call&, const v1::ApproveRouteRequest&, v1::Route*);
  absl::Status ReturnRoute(rpc::Call&, const v1::ReturnRouteRequest&, v1::Route*);
  absl::Status ActivateRoute(rpc::Call&, const v1::ActivateRouteRequest&, v1::Route*);
  absl::Status PauseRoute(rpc::Call&, const v1::PauseRouteRequest&, v1::Route*);
  absl::Status ResumeRoute(rpc::Call&, const v1::ResumeRouteRequest&, v1::Route*);
  absl::Status CompleteRoute(rpc::Call&, const v1::CompleteRouteRequest&, v1::Route*);
  absl::Status CloseRoute(rpc::Call&, const v1::CloseRouteRequest&, v1::Route*);
  absl::Status SetRouteItem(rpc::Call&, const v1::SetRouteItemRequest&, v1::Route*);
  absl::Status BatchAgreeRoutes(rpc::Call&, const v1::BatchAgreeRoutesRequest&,
                                v1::BatchAgreeRoutesResponse*);
  absl::Status BatchApproveRoutes(rpc::Call&, const v1::BatchApproveRoutesRequest&,
                                  v1::BatchApproveRoutesResponse*);
  absl::Status BatchActivateRoutes(rpc::Call&, const v1::BatchActivateRoutesRequest&,
                                   v1::BatchActivateRoutesResponse*);
  absl::Status ListRouteRevisions(rpc::Call&, const v1::ListRouteRevisionsRequest&,
                                  v1::ListRouteRevisionsResponse*);
  absl::Status SuggestReplacements(rpc::Call&, const v1::SuggestReplacementsRequest&,
                                   v1::SuggestReplacementsResponse*);

 private:
  google::type::Date DayOr(bool given, const google::type::Date& day) const {
    return given ? day : today_();
  }
  template <class Request, class Response>
  void Add(rpc::Server& server, const char* method,
           absl::Status (DiagnosticsService::*fn)(rpc::Call&, const Request&, Response*));
  template <class Request>
  absl::Status MoveRoute(rpc::Call& call, const Request& request, RouteAction action,
                         const Decision& decision, v1::Route* response);
  template <class Request, class Response>
  absl::Status MoveRoutes(rpc::Call& call, const Request& request, RouteAction action,
                          const Decision& decision, Response* response);

  resource::Engine& engine_;
  Today today_;
  SessionStore sessions_;
  RouteStore routes_;
};

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_DIAGNOSTICS_SERVICE_H_
