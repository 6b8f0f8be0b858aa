#include "services/programs/orders/order_store.h"

#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"
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

constexpr char kSqlProgrammes[] = R"sql(
  SELECT id::text FROM programme
  WHERE region_code = $1 AND id = ANY ($2::uuid[]) AND delete_time IS NULL)sql";

constexpr char kWhereHeld[] = "region_code = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE";

bool SameLines(const Order& a, const Order& b) {
  if (a.lines_size() != b.lines_size()) return false;
  for (int i = 0; i < a.lines_size(); ++i) {
    if (!google::protobuf::util::MessageDifferencer::Equals(a.lines(i), b.lines(i))) return false;
  }
  return true;
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

absl::Status PrepareOrder(pg::Tx& tx, const Order* before, const Order& after) {
  if (before == nullptr || !SameLines(*before, after)) {
    const std::vector<v1::OrderLine> lines(after.lines().begin(), after.lines().end());
    if (auto s = CheckProgrammes(tx, RegionOf(after.name()), lines); !s.ok()) return s;
  }
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

absl::Status TakePlace(absl::flat_hash_map<std::string, Held>& orders,
                       const v1::Enrolment& enrolment) {
  auto found = orders.find(enrolment.training_order());
  if (found == orders.end()) {
    return NotFound("training_order", "there is no such order", "заявка не найдена");
  }
  auto line = order_rules::LineFor(found->second.order, enrolment);
  if (!line.ok()) return line.status();
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

absl::StatusOr<v1::TrainingOrderExecution> Execution(pg::Tx& tx, const Order& order) {
  auto rows =
      tx.Query(kSqlExecution, std::string(RegionOf(order.name())), std::string(IdOf(order.name())));
  if (!rows.ok()) return rows.status();
  v1::TrainingOrderExecution execution;
  execution.set_training_order(order.name());
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
  for (auto& line : *execution.mutable_lines()) order_rules::Conclude(&line);
  return execution;
}

absl::Status CheckProgrammes(pg::Tx& tx, std::string_view region,
                             const std::vector<v1::OrderLine>& lines) {
  std::vector<std::string> ids;
  for (const auto& line : lines) {
    // What is malformed is refused by the rules.
    if (resource::IsUuid(IdOf(line.programme()))) ids.emplace_back(IdOf(line.programme()));
  }
  if (ids.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlProgrammes, std::string(region), ids);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> known;
  for (const auto& row : *rows) known.insert(row[0].c_str());
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string id(IdOf(lines[i].programme()));
    if (!resource::IsUuid(id) || known.contains(id)) continue;
    return NotFound(Cat("lines[", i, "].programme"), "there is no such programme",
                    "программа не найдена");
  }
  return absl::OkStatus();
}

absl::Status PrepareOrders(pg::Tx& tx, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto& after = static_cast<const Order&>(*row.after);
    if (!row.status.ok()) continue;
    row.status = tx.Unscoped(RegionOf(after.name()), [&] {
      return PrepareOrder(tx, static_cast<const Order*>(row.before), after);
    });
  }
  return absl::OkStatus();
}

absl::Status CheckOrders(pg::Tx& tx, const resource::Engine& engine, std::vector<Pending>& rows) {
  std::map<std::string, std::vector<std::string>> ids;  // by region
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
      ids[std::string(RegionOf(after.name()))].emplace_back(IdOf(after.training_order()));
    }
  }
  for (const auto& [region, wanted] : ids) {
    auto status = tx.Unscoped(region, [&, region = region, wanted = wanted]() -> absl::Status {
      auto held = Hold(tx, engine, region, wanted);
      if (!held.ok()) return held.status();
      for (Pending& row : rows) {
        const auto& after = static_cast<const v1::Enrolment&>(*row.after);
        if (Takes(row) && RegionOf(after.name()) == region) row.status = TakePlace(*held, after);
      }
      return absl::OkStatus();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::order_store
