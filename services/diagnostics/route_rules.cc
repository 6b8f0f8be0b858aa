#include "services/diagnostics/route_rules.h"

#include <algorithm>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/diagnostics/v1/errors.pb.h"
#include "services/diagnostics/route_learning.h"

namespace rsnms::diagnostics {
namespace {

constexpr int kMostHours = 2000;  // of one item

absl::Status Refuse(v1::DiagnosticsReason reason, std::string_view message,
                    v1::Route::State state) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, message)
      .With("state", v1::Route::State_Name(state));
}

bool Editable(v1::Route::State state) {
  return state == v1::Route::STATE_DRAFT || state == v1::Route::STATE_RETURNED;
}

bool NeedsReason(RouteAction action) {
  return action == RouteAction::kReturn || action == RouteAction::kPause ||
         action == RouteAction::kClose || action == RouteAction::kReopen;
}

// What is agreed and then frozen, serialised: everything but progress, bookkeeping and who
// accompanies the route. The message holds no map, so equal contents give equal bytes.
std::string Agreed(v1::Route route) {
  ClearLearning(route);
  for (auto& item : *route.mutable_items()) {
    item.clear_state();
    item.clear_completion();
    item.clear_done_date();
  }
  route.clear_state();
  route.clear_state_reason();
  route.clear_agreed_revision();
  route.clear_approve_date();
  route.clear_complete_date();
  route.clear_tutor();
  route.clear_due_date();
  route.clear_total_hours();
  route.clear_uncovered();
  route.clear_etag();
  route.clear_create_time();
  route.clear_update_time();
  route.clear_delete_time();
  route.clear_name();
  return route.SerializeAsString();
}

// Everything but what learning makes of the items: which document closed one, too, and so when.
std::string WithoutLearning(v1::Route route) {
  ClearLearning(route);
  for (auto& item : *route.mutable_items()) {
    if (item.state() != v1::RouteItem::STATE_DONE) continue;
    item.clear_completion();
    item.clear_done_date();
  }
  route.clear_complete_date();
  route.clear_etag();
  route.clear_create_time();
  route.clear_update_time();
  route.clear_delete_time();
  route.clear_name();
  return route.SerializeAsString();
}

// How far an item is, serialised.
std::string Progress(const v1::RouteItem& item) {
  v1::RouteItem progress;
  const bool open = item.state() == v1::RouteItem::STATE_UNSPECIFIED;
  progress.set_state(open ? v1::RouteItem::STATE_PLANNED : item.state());
  progress.set_completion(item.completion());
  *progress.mutable_done_date() = item.done_date();
  return progress.SerializeAsString();
}

absl::Status CheckItem(const v1::RouteItem& item, int i, bool editable,
                       const absl::flat_hash_set<std::string_view>& deficits) {
  const auto invalid = [&](std::string_view field, std::string_view text,
                           std::string_view text_ru) -> absl::Status {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::DIAGNOSTICS_REASON_ROUTE_ITEM_INVALID,
                      "a route's item is not valid")
        .Field(resource::Cat("items[", i, "].", field), text, text_ru);
  };
  if (editable && item.state() != v1::RouteItem::STATE_PLANNED) {
    return invalid("state", "is planned until the route is followed",
                   "до начала движения по маршруту шаг только запланирован");
  }
  if (item.competency_codes_size() == 0) {
    return invalid("competency_codes", "must name a deficit", "укажите дефицит");
  }
  for (const auto& code : item.competency_codes()) {
    if (!deficits.contains(code)) {
      return invalid("competency_codes", "is not one of the route's deficits",
                     "такого дефицита у маршрута нет");
    }
  }
  if (item.hours() < 1 || item.hours() > kMostHours) {
    return invalid("hours", resource::Cat("must lie in 1..", kMostHours),
                   resource::Cat("часы должны лежать в пределах 1–", kMostHours));
  }
  if (item.kind() == v1::ROUTE_ITEM_KIND_UNSPECIFIED || item.title().empty()) {
    return invalid("title", "kind and title are required", "укажите вид и название");
  }
  if (item.kind() == v1::ROUTE_ITEM_KIND_PROGRAMME && item.programme().empty()) {
    return invalid("programme", "is required", "укажите программу");
  }
  return absl::OkStatus();
}

absl::Status CheckItems(const v1::Route& route) {
  absl::flat_hash_set<std::string_view> deficits;
  for (const auto& deficit : route.deficits()) deficits.insert(deficit.competency_code());
  for (int i = 0; i < route.items_size(); ++i) {
    if (auto status = CheckItem(route.items(i), i, Editable(route.state()), deficits);
        !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

// Numbers, hours and what stays open follow from the items.
void Derive(v1::Route& route) {
  absl::flat_hash_set<std::string_view> covered;
  absl::flat_hash_map<std::string, std::string> reasons;
  int hours = 0;
  for (int i = 0; i < route.items_size(); ++i) {
    v1::RouteItem& item = *route.mutable_items(i);
    item.set_number(i + 1);
    if (item.state() == v1::RouteItem::STATE_UNSPECIFIED) {
      item.set_state(v1::RouteItem::STATE_PLANNED);
    }
    if (item.reason().empty()) item.set_reason("Добавлено при согласовании маршрута.");
    if (Editable(route.state())) {
      item.clear_completion();
      item.clear_done_date();
    }
    if (item.state() == v1::RouteItem::STATE_DROPPED) continue;
    hours += item.hours();
    covered.insert(item.competency_codes().begin(), item.competency_codes().end());
  }
  route.set_total_hours(hours);
  for (auto& open : *route.mutable_uncovered()) {
    reasons.emplace(open.competency_code(), open.reason());
  }
  route.clear_uncovered();
  for (const auto& deficit : route.deficits()) {
    if (covered.contains(deficit.competency_code())) continue;
    auto& open = *route.add_uncovered();
    open.set_competency_code(deficit.competency_code());
    open.set_severity(deficit.severity());
    const auto reason = reasons.find(deficit.competency_code());
    open.set_reason(reason != reasons.end() ? reason->second
                                            : "Шаг, закрывавший дефицит, исключён из маршрута.");
  }
}

}  // namespace

absl::Status Move(RouteAction action, const Decision& decision, v1::Route& route) {
  const auto next = Next(kRouteTransitions, route.state(), action);
  if (!next) {
    return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_TRANSITION_FORBIDDEN,
                  "the route's state does not allow this", route.state());
  }
  if (NeedsReason(action) && decision.reason.empty()) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::DIAGNOSTICS_REASON_REASON_REQUIRED,
                      "a reason is required")
        .Field("reason", "is required", "укажите причину");
  }
  if (action == RouteAction::kAgree) {
    if (route.items_size() == 0) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_EMPTY, "the route has no items", route.state());
    }
    route.set_agreed_revision(route.agreed_revision() + 1);
  }
  if (action == RouteAction::kComplete) {
    if (!Finished(route)) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_NOT_FINISHED, "items are still planned",
                    route.state());
    }
    *route.mutable_complete_date() = decision.day;
  }
  if (action == RouteAction::kReopen) route.clear_complete_date();
  if (action == RouteAction::kApprove) *route.mutable_approve_date() = decision.day;
  if (action == RouteAction::kReturn) route.clear_approve_date();
  route.set_state_reason(NeedsReason(action) ? std::string(decision.reason) : "");
  route.set_state(*next);
  return absl::OkStatus();
}

absl::Status CheckRoute(resource::Change change, const v1::Route* before, v1::Route* after) {
  if (change == resource::Change::kDelete || change == resource::Change::kUndelete) {
    return absl::OkStatus();  // no RPC deletes a route
  }
  if (change == resource::Change::kCreate) {
    if (after->state() == v1::Route::STATE_UNSPECIFIED) after->set_state(v1::Route::STATE_DRAFT);
    if (after->state() != v1::Route::STATE_DRAFT) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_TRANSITION_FORBIDDEN, "a route begins as a draft",
                    after->state());
    }
  } else {
    const v1::Route::State from = before->state();
    const bool reopened =
        from == v1::Route::STATE_COMPLETED && after->state() == v1::Route::STATE_ACTIVE;
    if (from == v1::Route::STATE_CLOSED || (from == v1::Route::STATE_COMPLETED && !reopened &&
                                            WithoutLearning(*before) != WithoutLearning(*after))) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_FROZEN, "the route has ended", from);
    }
    if (from != after->state() && !MayBecome(kRouteTransitions, from, after->state())) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_TRANSITION_FORBIDDEN,
                    "the route's state does not allow this", from);
    }
    if (!Editable(from) && Agreed(*before) != Agreed(*after)) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_FROZEN, "an agreed route does not change", from);
    }
  }
  Derive(*after);
  return CheckItems(*after);
}

absl::Status KeepsProgress(const v1::Route& before, const v1::Route& after) {
  if (Editable(before.state())) return absl::OkStatus();
  for (int i = 0; i < std::min(before.items_size(), after.items_size()); ++i) {
    if (Progress(before.items(i)) != Progress(after.items(i))) {
      return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_FROZEN, "an edit does not move items",
                    before.state());
    }
  }
  return absl::OkStatus();
}

absl::Status SetItem(int number, v1::RouteItem::State state, const google::type::Date& day,
                     v1::Route& route) {
  if (route.state() != v1::Route::STATE_ACTIVE) {
    return Refuse(v1::DIAGNOSTICS_REASON_ROUTE_TRANSITION_FORBIDDEN,
                  "items move while the route is active", route.state());
  }
  const auto invalid = [](std::string_view field, std::string_view text,
                          std::string_view text_ru) -> absl::Status {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::DIAGNOSTICS_REASON_ROUTE_ITEM_INVALID,
                      "the item cannot move")
        .Field(field, text, text_ru);
  };
  if (state != v1::RouteItem::STATE_DONE && state != v1::RouteItem::STATE_DROPPED) {
    return invalid("state", "must be DONE or DROPPED", "укажите: выполнен или исключён");
  }
  if (number < 1 || number > route.items_size() ||
      route.items(number - 1).state() != v1::RouteItem::STATE_PLANNED) {
    return invalid("number", "there is no such open item", "нет такого незавершённого шага");
  }
  v1::RouteItem& item = *route.mutable_items(number - 1);
  if (state == v1::RouteItem::STATE_DONE && item.kind() == v1::ROUTE_ITEM_KIND_PROGRAMME) {
    return invalid("state", "a programme is done by its completion",
                   "программа засчитывается по документу о квалификации");
  }
  item.set_state(state);
  *item.mutable_done_date() = day;
  return Finished(route) ? Move(RouteAction::kComplete, {"", day}, route) : absl::OkStatus();
}

bool Finished(const v1::Route& route) {
  bool done = false;
  for (const auto& item : route.items()) {
    if (item.state() == v1::RouteItem::STATE_DONE) done = true;
    if (item.state() == v1::RouteItem::STATE_PLANNED ||
        item.state() == v1::RouteItem::STATE_UNSPECIFIED) {
      return false;
    }
  }
  return done;
}

google::type::Date FinishDay(const v1::Route& route) {
  google::type::Date last;
  for (const auto& item : route.items()) {
    const auto key = [](const google::type::Date& day) {
      return std::make_tuple(day.year(), day.month(), day.day());
    };
    if (key(item.done_date()) > key(last)) last = item.done_date();
  }
  return last;
}

}  // namespace rsnms::diagnostics
