#include "services/programs/orders/plan_gathering.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
#include "services/programs/orders/order_rules.h"
#include "services/programs/orders/plan_rules.h"

namespace rsnms::programs {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::util::MessageDifferencer;
using v1::OrderLine;
using Order = v1::TrainingOrder;
using Plan = v1::TrainingPlan;

// One field alone, to compare and to take.
OrderLine FieldOf(const OrderLine& line, const FieldDescriptor& field) {
  OrderLine alone = line;
  const auto* type = OrderLine::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i) != &field) alone.GetReflection()->ClearField(&alone, type->field(i));
  }
  return alone;
}

// What the line plans after its order's line became `now`. Sets `kept` when people's word stayed
// against the order's.
OrderLine MergeLine(const OrderLine& base, const OrderLine& now, OrderLine ours, bool* kept) {
  const auto* type = OrderLine::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const FieldDescriptor& field = *type->field(i);
    if (field.name() == "id") continue;
    const OrderLine was = FieldOf(base, field), is = FieldOf(now, field);
    if (MessageDifferencer::Equals(was, is)) continue;
    const OrderLine planned = FieldOf(ours, field);
    if (MessageDifferencer::Equals(planned, is)) continue;
    if (!MessageDifferencer::Equals(planned, was)) {
      *kept = true;
      continue;
    }
    ours.GetReflection()->ClearField(&ours, &field);
    ours.MergeFrom(is);
  }
  return ours;
}

// A line already there beside its order.
void Follow(const Order& order, v1::PlanLine* line, v1::PlanGathering* found) {
  const OrderLine* now = order_rules::FindLine(order, line->ordered().id());
  const bool withdrawn = now == nullptr || !plan_rules::InForce(order);
  if (withdrawn && !line->order_withdrawn()) found->add_withdrawn_lines(line->id());
  const bool back = !withdrawn && line->order_withdrawn();
  line->set_order_withdrawn(withdrawn);
  if (withdrawn) return;
  const bool differs = !MessageDifferencer::Equals(*now, line->ordered());
  if (differs || back) found->add_updated_lines(line->id());
  if (!differs) return;
  bool kept = false;
  plan_rules::SetPlanned(MergeLine(line->ordered(), *now, plan_rules::Planned(*line), &kept), line);
  *line->mutable_ordered() = *now;
  if (kept) found->add_kept_lines(line->id());
}

// The same order and line always get the same id, but where people gave it to a line of their own.
std::string NewId(const std::string& source, const absl::flat_hash_set<std::string>& taken) {
  const std::string digits = Sha256Hex(source);
  std::string id = Cat("o-", digits.substr(0, 12));
  for (size_t length = 13; taken.contains(id); ++length) id = Cat("o-", digits.substr(0, length));
  return id;
}

bool IsOwners(const Order& order, const Plan& plan) {
  if (!plan_rules::InForce(order)) return false;
  if (order.year() < plan.start_year() || order.year() > plan.end_year()) return false;
  if (!plan.organisation().empty()) return order.organisation() == plan.organisation();
  return plan.municipality().empty() || order.municipality() == plan.municipality();
}

void Add(const Order& order, const OrderLine& asked, const std::string& id, Plan* plan) {
  v1::PlanLine& line = *plan->add_lines();
  line.set_id(id);
  line.set_year(order.year());
  plan_rules::SetPlanned(asked, &line);
  line.set_training_order(order.name());
  *line.mutable_ordered() = asked;
}

}  // namespace

absl::Status Gather(std::vector<Order> orders, Plan* plan) {
  if (plan->state() != Plan::STATE_DRAFT) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_PLAN_FROZEN,
                      "a plan that is no draft does not change");
  }
  std::sort(orders.begin(), orders.end(), [](const Order& a, const Order& b) {
    return std::make_tuple(a.year(), std::string_view(a.name())) <
           std::make_tuple(b.year(), std::string_view(b.name()));
  });
  absl::flat_hash_map<std::string, const Order*> by_name;
  for (const Order& order : orders) by_name[order.name()] = &order;
  v1::PlanGathering found;
  absl::flat_hash_set<std::string> ids, sources;
  for (v1::PlanLine& line : *plan->mutable_lines()) {
    ids.insert(line.id());
    if (!plan_rules::IsGathered(line)) continue;
    sources.insert(Cat(line.training_order(), "/", line.ordered().id()));
    auto order = by_name.find(line.training_order());
    if (order != by_name.end()) Follow(*order->second, &line, &found);
  }
  for (const Order& order : orders) {
    if (!IsOwners(order, *plan)) continue;
    for (const OrderLine& asked : order.lines()) {
      const std::string source = Cat(order.name(), "/", asked.id());
      if (!sources.insert(source).second) continue;
      const std::string id = NewId(source, ids);
      ids.insert(id);
      Add(order, asked, id, plan);
      found.add_added_lines(id);
    }
  }
  if (plan->lines_size() > plan_rules::kMostLines) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_PLAN_TOO_LARGE,
                      "the orders have more lines than a plan holds");
  }
  const bool something = found.ByteSizeLong() > 0;
  found.set_number(plan->gathering().number() + (something ? 1 : 0));
  *plan->mutable_gathering() = std::move(found);
  return absl::OkStatus();
}

}  // namespace rsnms::programs
