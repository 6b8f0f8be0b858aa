// SQL and set-based writes on routes, their revisions and the programmes on offer, inside the
// caller's transaction.
#ifndef RSNMS_SERVICES_DIAGNOSTICS_ROUTE_STORE_H_
#define RSNMS_SERVICES_DIAGNOSTICS_ROUTE_STORE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "libs/resource/table.h"
#include "rsnms/diagnostics/v1/result.pb.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/route_methods.pb.h"
#include "services/diagnostics/route_builder.h"
#include "services/diagnostics/route_rules.h"

namespace rsnms::diagnostics {

// Which routes a batch moves.
struct RouteSelection {
  std::string_view region;
  const google::protobuf::RepeatedPtrField<std::string>*
      names;                  // may be empty: then of the campaign
  std::string_view campaign;  // full name
};

class RouteStore {
 public:
  explicit RouteStore(const resource::Engine& engine) : routes_(engine), results_(engine) {}

  // Builds DRAFT routes for the request's results.
  absl::Status Build(pg::Tx& tx, const journal::Author& author,
                     const v1::BuildRoutesRequest& request, v1::BuildRoutesResponse* response);

  // Moves up to a thousand routes; names of the moved go to `moved`, `more` says that others of the
  // campaign wait. What was learnt by a route before its approval moves it right after.
  absl::Status MoveMany(pg::Tx& tx, const journal::Author& author, const RouteSelection& selection,
                        RouteAction action, const Decision& decision,
                        google::protobuf::RepeatedPtrField<std::string>* moved, bool* more);

  // Copies the routes as stored into their next revision. Called before agreement is written.
  absl::Status Freeze(pg::Tx& tx, std::string_view region, const std::vector<std::string>& ids);
  absl::Status ListRevisions(pg::Tx& tx, const std::string& route,
                             v1::ListRouteRevisionsResponse* response);

  // Approves a route, as MoveMany does.
  absl::Status Approve(pg::Tx& tx, const journal::Author& author,
                       const v1::ApproveRouteRequest& request, const Decision& decision,
                       v1::Route* response);

  const resource::Table<v1::Route>& routes() const { return routes_; }

 private:
  absl::StatusOr<std::vector<v1::Result>> ResultsToRoute(pg::Tx& tx,
                                                         const v1::BuildRoutesRequest& request,
                                                         v1::Severity least, bool* more);
  absl::StatusOr<std::vector<v1::Route>> Select(pg::Tx& tx, const RouteSelection& selection,
                                                RouteAction action, bool* more);

  resource::Table<v1::Route> routes_;
  resource::Table<v1::Result> results_;
};

// Programmes on offer in the region.
absl::StatusOr<Offers> LoadOffers(pg::Tx& tx, std::string_view region);

}  // namespace rsnms::diagnostics

#endif  // RSNMS_SERVICES_DIAGNOSTICS_ROUTE_STORE_H_
