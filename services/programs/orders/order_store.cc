#include "services/programs/orders/order_store.h"

#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"
#include "services/programs/orders/grounds.h"
#include "services/programs/orders/line_programmes.h"
#include "services/programs/orders/order_rules.h"

namespace rsnms::programs::order_store {
namespace {

using Order = v1::TrainingOrder;
using Pending = resource::Engine::Pending;

constexpr char kSqlExecution[] = R"sql(
  SELECT order_line,
         count(*) FILTER (WHERE state = 'APPLIED'),
         count(*) FILTER (WHERE state IN ('ENROLLED', 'IN_PROGRESS', 'DEFERRED')),
         count(*) FILTER (WHERE state = 'COMPLETED'),
         count(*) FILTER (WHERE state IN ('WITHDRAWN', 'FAILED'))
  FROM enrolment
  WHERE region_code = $1 AND training_order_id = $2::uuid AND delete_time IS NULL
  GROUP BY order_line)sql";

constexpr char kWhereHeld[] = "region_code = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE";

// Lines that are new or say something else than before.
std::vector<PlacedLine> WrittenLines(const Order* before, const Order& after) {
  std::vector<PlacedLine> written;
  for (int i = 0; i < after.lines_size(); ++i) {
    const v1::OrderLine& line = after.lines(i);
    const auto* was = before == nullptr ? nullptr : order_rules::FindLine(*before, line.id());
    if (was != nullptr && google::protobuf::util::MessageDifferencer::Equals(*was, line)) continue;
    written.emplace_back(i, line);
  }
  return written;
}

absl::Status NotFound(std::string_view path, std::string_view what, std::string_view ru) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, what)
      .Field(path, "does not exist", ru);
}

bool Ends(const Order* before, const Order& after) {
  return before != nullptr && before->state() != after.state() &&
         (after.state() == Order::STATE_EXECUTED || after.state() == Order::STATE_WITHDRAWN);
}

absl::Status CompleteGrounds(pg::Tx& tx, const resource::Engine& engine, absl::CivilDay latest,
                             Order* order) {
  Grounds grounds(engine, tx, RegionOf(order->name()), latest);
  for (int i = 0; i < order->lines_size(); ++i) {
    auto s = grounds.Complete(Cat("lines[", i, "]"), order->mutable_lines(i));
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status PrepareOrder(pg::Tx& tx, const resource::Engine& engine, absl::CivilDay latest,
                          const Order* before, Order& after) {
  if (before == nullptr || order_rules::IsEditable(before->state())) {
    if (auto s = CompleteGrounds(tx, engine, latest, &after); !s.ok()) return s;
  }
  const auto written = WrittenLines(before, after);
  if (auto s = CheckLineProgrammes(tx, engine, RegionOf(after.name()), written); !s.ok()) return s;
  if (!Ends(before, after)) return absl::OkStatus();
  auto execution = Execution(tx, after);
  if (!execution.ok()) return execution.status();
  return order_rules::MayEnd(after, *execution);
}

// An order under lock, and how many places of each line are left for this write.
struct Held {
  Order order;
  std::map<std::string, int, std::less<>> free;
};

absl::StatusOr<absl::flat_hash_map<std::string, Held>> Hold(pg::Tx& tx,
                                                            const resource::Engine& engine,
                                                            const std::string& region,
                                                            const std::vector<std::string>& ids) {
  auto orders = resource::Table<Order>(engine).Select(tx, kWhereHeld, region, ids);
  if (!orders.ok()) return orders.status();
  absl::flat_hash_map<std::string, Held> held;
  for (Order& order : *orders) {
    if (order.has_delete_time()) continue;
    auto execution = Execution(tx, order);
    if (!execution.ok()) return execution.status();
    Held one;
    for (const auto& line : execution->lines()) one.free[line.line()] = line.free();
    const std::string name = order.name();
    one.order = std::move(order);
    held.emplace(name, std::move(one));
  }
  return held;
}

// What enrolments of a write are checked against.
struct Facts {
  absl::flat_hash_map<std::string, Held> orders;
  absl::flat_hash_map<std::string, v1::Programme> programmes;
  MeantFor meant;
};

absl::Status TakePlace(Facts& facts, const v1::Enrolment& enrolment) {
  auto found = facts.orders.find(enrolment.training_order());
  if (found == facts.orders.end()) {
    return NotFound("training_order", "there is no such order", "заявка не найдена");
  }
  auto line = order_rules::LineFor(found->second.order, enrolment);
  if (!line.ok()) return line.status();
  auto programme = facts.programmes.find(enrolment.programme());
  // One that is not there is refused as such by others.
  if (programme != facts.programmes.end() && !Answers(programme->second, facts.meant, **line)) {
    return rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_ORDER_LINE_MISMATCH,
                      "the programme does not teach what the line asks for, or whom it asks for")
        .Field("programme", "must teach what the line asks for, and its listeners");
  }
  if (found->second.free[(*line)->id()]-- > 0) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_ORDER_PLACES_TAKEN,
                    "all places of the order's line are taken");
}

// Whether the row takes a place; what continues another has one.
bool Takes(const Pending& row) {
  const auto& after = static_cast<const v1::Enrolment&>(*row.after);
  return row.before == nullptr && row.status.ok() && !after.training_order().empty() &&
         after.transferred_from().empty() && resource::IsUuid(IdOf(after.training_order()));
}

}  // namespace

absl::StatusOr<v1::TrainingOrderExecution> Execution(pg::Tx& tx, const Order& order,
                                                     absl::CivilDay day) {
  auto rows =
      tx.Query(kSqlExecution, std::string(RegionOf(order.name())), std::string(IdOf(order.name())));
  if (!rows.ok()) return rows.status();
  v1::TrainingOrderExecution execution;
  execution.set_training_order(order.name());
  *execution.mutable_as_of_date() = ToDate(day);
  absl::flat_hash_map<std::string, v1::OrderLineExecution*> by_line;
  for (const auto& line : order.lines()) {
    v1::OrderLineExecution& counted = *execution.add_lines();
    counted.set_line(line.id());
    counted.set_places(line.places());
    by_line[line.id()] = &counted;
  }
  for (const auto& row : *rows) {
    auto counted = by_line.find(row[0].c_str());
    if (counted == by_line.end()) continue;
    counted->second->set_applied(row[1].as<int>());
    counted->second->set_learning(row[2].as<int>());
    counted->second->set_completed(row[3].as<int>());
    counted->second->set_dropped(row[4].as<int>());
  }
  for (int i = 0; i < order.lines_size(); ++i) {
    order_rules::Conclude(order, order.lines(i), day, execution.mutable_lines(i));
  }
  return execution;
}

absl::Status PrepareOrders(pg::Tx& tx, const resource::Engine& engine, absl::CivilDay latest,
                           std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    auto& after = static_cast<Order&>(*row.after);
    if (!row.status.ok()) continue;
    row.status = tx.Unscoped(RegionOf(after.name()), [&] {
      return PrepareOrder(tx, engine, latest, static_cast<const Order*>(row.before), after);
    });
  }
  return absl::OkStatus();
}

absl::Status CheckOrders(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows) {
  std::map<std::string, std::vector<std::string>> ids, programmes;  // by region
  for (Pending& row : rows) {
    const auto& after = static_cast<const v1::Enrolment&>(*row.after);
    if (row.before == nullptr && row.status.ok() &&
        after.training_order().empty() != after.order_line().empty()) {
      row.status =
          rpc::Error(absl::StatusCode::kInvalidArgument, v1::PROGRAMS_REASON_ORDER_LINE_MISMATCH,
                     "an order is given with its line, and only then")
              .Field("order_line", "is given with training_order and only then");
    }
    if (Takes(row)) {
      const std::string region(RegionOf(after.name()));
      ids[region].emplace_back(IdOf(after.training_order()));
      programmes[region].emplace_back(IdOf(after.programme()));
    }
  }
  for (const auto& [region, wanted] : ids) {
    auto status = tx.Unscoped(region, [&, region = region, wanted = wanted]() -> absl::Status {
      auto held = Hold(tx, engine, region, wanted);
      if (!held.ok()) return held.status();
      auto taught = LoadProgrammes(tx, engine, region, programmes[region]);
      if (!taught.ok()) return taught.status();
      std::vector<const v1::Programme*> taken;
      for (const auto& [name, programme] : *taught) taken.push_back(&programme);
      auto meant = LoadMeant(tx, region, taken);
      if (!meant.ok()) return meant.status();
      Facts facts{*std::move(held), *std::move(taught), *std::move(meant)};
      for (Pending& row : rows) {
        const auto& after = static_cast<const v1::Enrolment&>(*row.after);
        if (Takes(row) && RegionOf(after.name()) == region) row.status = TakePlace(facts, after);
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::order_store
