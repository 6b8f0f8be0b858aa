// The methods of DiagnosticsService on routes.
#include "libs/resource/names.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/batch_checks.h"
#include "services/diagnostics/diagnostics_service.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/route_replacement.h"

namespace rsnms::diagnostics {
namespace {

// As the engine refuses them.
absl::Status CheckTarget(std::string_view name, std::string_view etag) {
  const resource::NamePattern pattern{"routes", options::v1::ID_KIND_UUID};
  if (!resource::ParseName(pattern, name)) {
    return rpc::InvalidField("name", options::v1::COMMON_REASON_INVALID_NAME,
                             resource::Cat("must be ", pattern.Format("{region}", "{id}")),
                             "имя записи не соответствует образцу");
  }
  if (etag.empty() || resource::ParseEtag(etag)) return absl::OkStatus();
  return rpc::InvalidField("etag", options::v1::COMMON_REASON_INVALID_ETAG,
                           "is not an etag of this service", "метка версии записана неверно");
}

}  // namespace

absl::Status DiagnosticsService::BuildRoutes(rpc::Call& call, const v1::BuildRoutesRequest& request,
                                             v1::BuildRoutesResponse* response) {
  if (auto s = CheckBatch(request.parent(), request.campaign(), request.results(), "results");
      !s.ok()) {
    return s;
  }
  const auto author = resource::AuthorOf(call, request);
  return engine_.Transact(call, request, response,
                          [&](pg::Tx& tx) { return routes_.Build(tx, author, request, response); });
}

template <class Request>
absl::Status DiagnosticsService::MoveRoute(rpc::Call& call, const Request& request,
                                           RouteAction action, const Decision& decision,
                                           v1::Route* response) {
  return engine_.Write<v1::Route>(
      call, request,
      [&](pg::Tx& tx, v1::Route& route) -> absl::Status {
        if (auto s = Move(action, decision, route); !s.ok()) return s;
        if (action != RouteAction::kAgree) return absl::OkStatus();
        return routes_.Freeze(tx, RegionOf(route.name()), {std::string(IdOf(route.name()))});
      },
      response);
}

absl::Status DiagnosticsService::AgreeRoute(rpc::Call& call, const v1::AgreeRouteRequest& request,
                                            v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kAgree, {}, response);
}

absl::Status DiagnosticsService::ApproveRoute(rpc::Call& call,
                                              const v1::ApproveRouteRequest& request,
                                              v1::Route* response) {
  if (auto s = CheckTarget(request.name(), request.etag()); !s.ok()) return s;
  const auto author = resource::AuthorOf(call, request);
  const Decision decision{"", DayOr(request.has_decision_date(), request.decision_date())};
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    return routes_.Approve(tx, author, request, decision, response);
  });
}

absl::Status DiagnosticsService::ReturnRoute(rpc::Call& call, const v1::ReturnRouteRequest& request,
                                             v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kReturn, {request.reason(), {}}, response);
}

absl::Status DiagnosticsService::ActivateRoute(rpc::Call& call,
                                               const v1::ActivateRouteRequest& request,
                                               v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kActivate, {}, response);
}

absl::Status DiagnosticsService::PauseRoute(rpc::Call& call, const v1::PauseRouteRequest& request,
                                            v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kPause, {request.reason(), {}}, response);
}

absl::Status DiagnosticsService::ResumeRoute(rpc::Call& call, const v1::ResumeRouteRequest& request,
                                             v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kResume, {}, response);
}

absl::Status DiagnosticsService::CompleteRoute(rpc::Call& call,
                                               const v1::CompleteRouteRequest& request,
                                               v1::Route* response) {
  const auto day = DayOr(request.has_decision_date(), request.decision_date());
  return MoveRoute(call, request, RouteAction::kComplete, {"", day}, response);
}

absl::Status DiagnosticsService::CloseRoute(rpc::Call& call, const v1::CloseRouteRequest& request,
                                            v1::Route* response) {
  return MoveRoute(call, request, RouteAction::kClose, {request.reason(), {}}, response);
}

absl::Status DiagnosticsService::SetRouteItem(rpc::Call& call,
                                              const v1::SetRouteItemRequest& request,
                                              v1::Route* response) {
  const auto day = DayOr(request.has_decision_date(), request.decision_date());
  return engine_.Write<v1::Route>(
      call, request,
      [&](pg::Tx&, v1::Route& route) {
        return SetItem(request.number(), request.state(), day, route);
      },
      response);
}

template <class Request, class Response>
absl::Status DiagnosticsService::MoveRoutes(rpc::Call& call, const Request& request,
                                            RouteAction action, const Decision& decision,
                                            Response* response) {
  if (auto s = CheckBatch(request.parent(), request.campaign(), request.names(), "names");
      !s.ok()) {
    return s;
  }
  const auto author = resource::AuthorOf(call, request);
  const RouteSelection selection{RegionOf(request.parent()), &request.names(), request.campaign()};
  return engine_.Transact(call, request, response, [&](pg::Tx& tx) {
    bool more = false;
    auto status = routes_.MoveMany(tx, author, selection, action, decision,
                                   response->mutable_routes(), &more);
    response->set_more(more);
    return status;
  });
}

absl::Status DiagnosticsService::BatchAgreeRoutes(rpc::Call& call,
                                                  const v1::BatchAgreeRoutesRequest& request,
                                                  v1::BatchAgreeRoutesResponse* response) {
  return MoveRoutes(call, request, RouteAction::kAgree, {}, response);
}

absl::Status DiagnosticsService::BatchApproveRoutes(rpc::Call& call,
                                                    const v1::BatchApproveRoutesRequest& request,
                                                    v1::BatchApproveRoutesResponse* response) {
  const auto day = DayOr(request.has_decision_date(), request.decision_date());
  return MoveRoutes(call, request, RouteAction::kApprove, {"", day}, response);
}

absl::Status DiagnosticsService::BatchActivateRoutes(rpc::Call& call,
                                                     const v1::BatchActivateRoutesRequest& request,
                                                     v1::BatchActivateRoutesResponse* response) {
  return MoveRoutes(call, request, RouteAction::kActivate, {}, response);
}

absl::Status DiagnosticsService::ListRouteRevisions(rpc::Call& call,
                                                    const v1::ListRouteRevisionsRequest& request,
                                                    v1::ListRouteRevisionsResponse* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto route = routes_.routes().Get(tx, request.name());
    if (!route.ok()) return route.status();
    return routes_.ListRevisions(tx, request.name(), response);
  });
}

absl::Status DiagnosticsService::SuggestReplacements(rpc::Call& call,
                                                     const v1::SuggestReplacementsRequest& request,
                                                     v1::SuggestReplacementsResponse* response) {
  return engine_.pool().Run(call.ReadTx(), [&](pg::Tx& tx) -> absl::Status {
    response->Clear();
    auto route = routes_.routes().Get(tx, request.name());
    if (!route.ok()) return route.status();
    if (!route->needs_attention()) return absl::OkStatus();
    auto offers = LoadOffers(tx, RegionOf(request.name()));
    if (!offers.ok()) return offers.status();
    Suggest(*route, *offers, response);
    return absl::OkStatus();
  });
}

}  // namespace rsnms::diagnostics
