#include "services/diagnostics/route_store.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "google/rpc/error_details.pb.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/learning_store.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

constexpr int kMostRows = 1000;          // of one batch
constexpr int kDefaultHoursLimit = 144;  // two long programmes of 72 hours

constexpr std::string_view kSqlOffers =
    "SELECT programme_id, title, hours, register_programme, for_pedagogues, for_managers, "
    "competency_codes FROM programme_offer WHERE region_code = $1 ORDER BY programme_id";

constexpr std::string_view kSqlFreeze =
    "INSERT INTO route_revision (region_code, route_id, revision, person_id, organisation_id, "
    "municipality_id, items, uncovered, total_hours) "
    "SELECT region_code, id, agreed_revision + 1, person_id, organisation_id, municipality_id, "
    "items, uncovered, total_hours FROM route WHERE region_code = $1 AND id = ANY($2::uuid[])";

constexpr std::string_view kSqlRevisions =
    "SELECT revision, coalesce(items, '[]'), coalesce(uncovered, '[]'), total_hours, "
    "(extract(epoch FROM freeze_time) * 1000)::bigint FROM route_revision "
    "WHERE region_code = $1 AND route_id = $2::uuid ORDER BY revision";

std::vector<std::string> IdsOf(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<std::string> ids;
  for (const auto& name : names) ids.emplace_back(IdOf(name));
  return ids;
}

v1::Route NewRoute(const v1::Result& result) {
  v1::Route route;
  route.set_name(RouteName(result.name()));
  route.set_person(result.person());
  route.set_organisation(result.organisation());
  route.set_municipality(result.municipality());
  route.set_category(result.category());
  route.set_result(result.name());
  route.set_campaign(result.campaign());
  route.set_on_centre_diagnostics(result.held_at_centre());
  route.set_state(v1::Route::STATE_DRAFT);
  return route;
}

// States the action starts from, as stored.
std::vector<std::string> StatesFor(RouteAction action) {
  std::vector<std::string> states;
  for (const auto& t : kRouteTransitions) {
    if (t.action == action) {
      states.push_back(v1::Route::State_Name(t.from).substr(sizeof("STATE_") - 1));
    }
  }
  return states;
}

// Puts the path of the row at fault into an error of a rule.
absl::Status At(const absl::Status& status, size_t i) {
  if (status.ok()) return status;
  google::rpc::Status proto = rpc::ToProto(status);
  google::rpc::BadRequest bad;
  auto& violation = *bad.add_field_violations();
  violation.set_field(resource::Cat("names[", i, "]"));
  violation.set_description(proto.message());
  proto.add_details()->PackFrom(bad);
  return rpc::FromProto(proto);
}

template <class M>
absl::Status ParseArray(std::string_view json, std::string_view field, M* out) {
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      resource::Cat("{\"", field, "\":", json, "}"), out);
  return parsed.ok() ? absl::OkStatus() : absl::InternalError("stored json does not parse");
}

// The names asked for, all of them, in their order.
template <class R>
absl::StatusOr<std::vector<R>> InOrder(std::vector<R> rows,
                                       const google::protobuf::RepeatedPtrField<std::string>& names,
                                       std::string_view type) {
  absl::flat_hash_map<std::string, R> by_name;
  for (auto& row : rows) {
    std::string name = row.name();
    by_name.emplace(std::move(name), std::move(row));
  }
  std::vector<R> out;
  for (const auto& name : names) {
    const auto it = by_name.find(name);
    if (it == by_name.end()) return rpc::NotFound(type, name);
    out.push_back(std::move(it->second));
    by_name.erase(it);
  }
  return out;
}

}  // namespace

absl::StatusOr<Offers> LoadOffers(pg::Tx& tx, std::string_view region) {
  auto rows = tx.Query(kSqlOffers, region);
  if (!rows.ok()) return rows.status();
  std::vector<Offer> offers;
  offers.reserve(rows->size());
  for (const auto& row : *rows) {
    Offer& offer = offers.emplace_back();
    offer.programme = resource::Cat("regions/", region, "/programmes/", row[0].c_str());
    offer.title = row[1].c_str();
    offer.hours = row[2].as<int>();
    offer.register_programme = row[3].as<bool>();
    offer.for_pedagogues = row[4].as<bool>();
    offer.for_managers = row[5].as<bool>();
    offer.competency_codes = pg::FromArray(row[6].c_str());
  }
  return Offers(std::move(offers));
}

absl::StatusOr<std::vector<v1::Result>> RouteStore::ResultsToRoute(
    pg::Tx& tx, const v1::BuildRoutesRequest& request, v1::Severity least, bool* more) {
  const std::string_view region = RegionOf(request.parent());
  if (request.results_size() > 0) {
    auto rows =
        results_.Select(tx, "region_code = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL",
                        region, IdsOf(request.results()));
    if (!rows.ok()) return rows.status();
    return InOrder(*std::move(rows), request.results(), "diagnostics.rsnms/Result");
  }
  std::vector<std::string> severities;
  for (int s = least; s <= v1::SEVERITY_SEVERE; ++s) {
    severities.push_back(
        v1::Severity_Name(static_cast<v1::Severity>(s)).substr(sizeof("SEVERITY_") - 1));
  }
  const int limit =
      request.limit() > 0 && request.limit() < kMostRows ? request.limit() : kMostRows;
  auto rows = results_.Select(
      tx,
      "region_code = $1 AND campaign_id = $2::uuid AND heaviest_severity = ANY($3) AND "
      "delete_time IS NULL AND NOT EXISTS (SELECT FROM route r WHERE r.region_code = $1 AND "
      "r.result_id = result.id) ORDER BY id LIMIT $4",
      region, IdOf(request.campaign()), severities, limit + 1);
  if (!rows.ok()) return rows.status();
  *more = static_cast<int>(rows->size()) > limit;
  if (*more) rows->pop_back();
  return rows;
}

absl::Status RouteStore::Build(pg::Tx& tx, const journal::Author& author,
                               const v1::BuildRoutesRequest& request,
                               v1::BuildRoutesResponse* response) {
  response->Clear();
  const v1::Severity least = request.least_severity() == v1::SEVERITY_UNSPECIFIED
                                 ? v1::SEVERITY_MODERATE
                                 : std::max(v1::SEVERITY_MILD, request.least_severity());
  bool more = false;
  auto results = ResultsToRoute(tx, request, least, &more);
  if (!results.ok()) return results.status();
  response->set_more(more);
  const std::string_view region = RegionOf(request.parent());
  auto offers = LoadOffers(tx, region);
  if (!offers.ok()) return offers.status();
  std::vector<std::string> ids;
  for (const auto& result : *results) ids.emplace_back(IdOf(result.name()));
  auto existing = routes_.Select(
      tx, "region_code = $1 AND id = ANY($2::uuid[]) ORDER BY id FOR UPDATE", region, ids);
  if (!existing.ok()) return existing.status();
  absl::flat_hash_map<std::string, v1::Route> by_name;
  for (auto& route : *existing) by_name.emplace(route.name(), route);
  std::vector<v1::Route> built;
  for (const auto& result : *results) {
    const auto it = by_name.find(RouteName(result.name()));
    if (it != by_name.end() && it->second.state() != v1::Route::STATE_DRAFT) {
      response->add_results_routed(result.name());
      continue;
    }
    const auto deficits = DeficitsOf(result, least);
    if (deficits.empty()) {
      response->add_results_without_deficit(result.name());
      continue;
    }
    v1::Route& route = built.emplace_back(it != by_name.end() ? it->second : NewRoute(result));
    route.set_hours_limit(request.hours_limit() > 0 ? request.hours_limit() : kDefaultHoursLimit);
    if (request.has_due_date()) *route.mutable_due_date() = request.due_date();
    BuildRoute(deficits, *offers, {route.hours_limit(), route.category()}, route);
    response->add_routes(route.name());
  }
  return built.empty() ? absl::OkStatus() : routes_.Merge(tx, author, built).status();
}

absl::StatusOr<std::vector<v1::Route>> RouteStore::Select(pg::Tx& tx,
                                                          const RouteSelection& selection,
                                                          RouteAction action, bool* more) {
  if (!selection.names->empty()) {
    auto rows = routes_.Select(tx,
                               "region_code = $1 AND id = ANY($2::uuid[]) AND delete_time IS NULL "
                               "ORDER BY id FOR UPDATE",
                               selection.region, IdsOf(*selection.names));
    if (!rows.ok()) return rows.status();
    return InOrder(*std::move(rows), *selection.names, "diagnostics.rsnms/Route");
  }
  // An empty route has nothing to agree on and would be met again and again.
  auto rows =
      routes_.Select(tx,
                     "region_code = $1 AND campaign_id = $2::uuid AND state = ANY($3) AND "
                     "delete_time IS NULL AND jsonb_array_length(coalesce(items, '[]')) > 0 "
                     "ORDER BY id LIMIT $4 FOR UPDATE",
                     selection.region, IdOf(selection.campaign), StatesFor(action), kMostRows + 1);
  if (!rows.ok()) return rows.status();
  *more = rows->size() > kMostRows;
  if (*more) rows->pop_back();
  return rows;
}

absl::Status RouteStore::MoveMany(pg::Tx& tx, const journal::Author& author,
                                  const RouteSelection& selection, RouteAction action,
                                  const Decision& decision,
                                  google::protobuf::RepeatedPtrField<std::string>* moved,
                                  bool* more) {
  moved->Clear();
  *more = false;
  auto routes = Select(tx, selection, action, more);
  if (!routes.ok()) return routes.status();
  std::vector<std::string> ids;
  for (size_t i = 0; i < routes->size(); ++i) {
    v1::Route& route = (*routes)[i];
    if (auto s = At(Move(action, decision, route), i); !s.ok()) return s;
    ids.emplace_back(IdOf(route.name()));
    moved->Add(std::string(route.name()));
  }
  if (ids.empty()) return absl::OkStatus();
  if (action == RouteAction::kAgree) {
    if (auto s = Freeze(tx, selection.region, ids); !s.ok()) return s;
  }
  if (auto merged = routes_.Merge(tx, author, *routes); !merged.ok()) return merged.status();
  if (action != RouteAction::kApprove) return absl::OkStatus();
  return FollowOutcomes(tx, routes_, RouteNames(moved->begin(), moved->end()));
}

absl::Status RouteStore::Freeze(pg::Tx& tx, std::string_view region,
                                const std::vector<std::string>& ids) {
  return tx.Query(kSqlFreeze, region, ids).status();
}

absl::Status RouteStore::ListRevisions(pg::Tx& tx, const std::string& route,
                                       v1::ListRouteRevisionsResponse* response) {
  auto rows = tx.Query(kSqlRevisions, RegionOf(route), IdOf(route));
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    auto& revision = *response->add_revisions();
    v1::RouteRevision part;
    if (auto s = ParseArray(row[1].c_str(), "items", &part); !s.ok()) return s;
    revision.MergeFrom(part);
    part.Clear();
    if (auto s = ParseArray(row[2].c_str(), "uncovered", &part); !s.ok()) return s;
    revision.MergeFrom(part);
    revision.set_route(route);
    revision.set_revision(row[0].as<int>());
    revision.set_total_hours(row[3].as<int>());
    *revision.mutable_freeze_time() =
        google::protobuf::util::TimeUtil::MillisecondsToTimestamp(row[4].as<int64_t>());
  }
  return absl::OkStatus();
}

absl::Status RouteStore::Approve(pg::Tx& tx, const journal::Author& author,
                                 const v1::ApproveRouteRequest& request, const Decision& decision,
                                 v1::Route* response) {
  auto before = routes_.Get(tx, request.name(), resource::Lock::kUpdate);
  if (!before.ok()) return before.status();
  if (!request.etag().empty() && request.etag() != before->etag()) {
    return rpc::Error(absl::StatusCode::kAborted, options::v1::COMMON_REASON_ETAG_MISMATCH,
                      "the resource has changed since it was read");
  }
  v1::Route after = *before;
  if (auto s = Move(RouteAction::kApprove, decision, after); !s.ok()) return s;
  if (auto s = routes_.Update(tx, author, *before, after); !s.ok()) return s;
  if (auto s = FollowOutcomes(tx, routes_, {request.name()}); !s.ok()) return s;
  auto stored = routes_.Get(tx, request.name());
  if (stored.ok()) *response = *std::move(stored);
  return stored.status();
}

}  // namespace rsnms::diagnostics
