#include "services/programs/coverage/coverage_store.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "libs/resource/names.h"
#include "libs/resource/table.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "services/programs/names.h"
#include "services/programs/orders/order_rules.h"

namespace rsnms::programs::coverage_store {
namespace {

using resource::Engine;
using resource::Table;
using Order = v1::TrainingOrder;
using Version = v1::ProgrammeVersion;

constexpr char kWhereOffered[] = "region_code = $1 AND on_offer(programme)";
constexpr char kWhereOpen[] =
    "region_code = $1 AND state = 'OPEN' AND "
    "taken_seats < seats AND delete_time IS NULL AND end_date >= $2::date";
constexpr char kWhereOrdered[] =
    "region_code = $1 AND state IN ('APPROVED', "
    "'IN_WORK') AND delete_time IS NULL";
constexpr char kWhereInWork[] =
    "region_code = $1 AND state IN ('DRAFT', "
    "'EXPERTISE', 'REWORK') AND grounds <> '[]' "
    "AND delete_time IS NULL";

constexpr char kSqlHeld[] = R"sql(
  SELECT e.training_order_id::text, e.order_line, count(*)
  FROM training_order o
  JOIN enrolment e ON e.region_code = o.region_code AND e.training_order_id = o.id
  WHERE o.region_code = $1 AND o.state IN ('APPROVED', 'IN_WORK') AND o.delete_time IS NULL
    AND e.delete_time IS NULL
    AND e.state IN ('APPLIED', 'ENROLLED', 'IN_PROGRESS', 'DEFERRED', 'COMPLETED')
  GROUP BY 1, 2)sql";

// `{order name}/{line id}` -> places somebody holds.
absl::StatusOr<absl::flat_hash_map<std::string, int>> ReadHeld(pg::Tx& tx,
                                                               const std::string& region) {
  auto rows = tx.Query(kSqlHeld, region);
  if (!rows.ok()) return rows.status();
  absl::flat_hash_map<std::string, int> held;
  for (const auto& row : *rows) {
    const std::string order = NameOf(region, "trainingOrders", row[0].c_str());
    held[Cat(order, "/", row[1].c_str())] = row[2].as<int>();
  }
  return held;
}

absl::StatusOr<std::vector<OrderedLine>> ReadLines(
    pg::Tx& tx, const Engine& engine, const std::string& region,
    const absl::flat_hash_map<std::string, int>& held) {
  auto orders = Table<Order>(engine).Select(tx, kWhereOrdered, region);
  if (!orders.ok()) return orders.status();
  std::vector<OrderedLine> lines;
  for (const Order& order : *orders) {
    for (int i = 0; i < order.lines_size(); ++i) {
      const v1::OrderLine& line = order.lines(i);
      auto taken = held.find(Cat(order.name(), "/", line.id()));
      const int places = line.places() - (taken == held.end() ? 0 : taken->second);
      lines.push_back({order.name(), order.organisation(), order.municipality(), order.year(), i,
                       line, std::max(0, places)});
    }
  }
  return lines;
}

std::string KeyOf(const v1::ProgrammeGround& ground) {
  return ground.competency().empty() ? Cat(ground.training_order(), "/", ground.order_line())
                                     : ground.competency();
}

absl::StatusOr<VersionsInWork> ReadInWork(pg::Tx& tx, const Engine& engine,
                                          const std::string& region) {
  auto versions = Table<Version>(engine).Select(tx, kWhereInWork, region);
  if (!versions.ok()) return versions.status();
  VersionsInWork in_work;
  for (const Version& version : *versions) {
    for (const auto& ground : version.grounds()) in_work[KeyOf(ground)].push_back(version.name());
  }
  return in_work;
}

absl::Status Unknown(std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_GROUND_UNKNOWN, text)
      .Field(path, text);
}

absl::Status CheckGround(pg::Tx& tx, const Engine& engine, std::string_view region,
                         const v1::ProgrammeGround& ground, const std::string& path) {
  const bool by_competency = !ground.competency().empty();
  if (by_competency != (ground.training_order().empty() && ground.order_line().empty())) {
    return Unknown(path, "names either a competency or an order with its line");
  }
  const std::string& name = by_competency ? ground.competency() : ground.training_order();
  const std::string_view collection = by_competency ? "competencies" : "trainingOrders";
  if (name != NameOf(region, collection, IdOf(name)) || IdOf(name).empty() ||
      (!by_competency && !resource::IsUuid(IdOf(name)))) {
    return rpc::InvalidField(Cat(path, by_competency ? ".competency" : ".training_order"),
                             options::v1::COMMON_REASON_INVALID_NAME,
                             Cat("must be regions/", region, "/", collection, "/{id}"),
                             "имя должно принадлежать региону программы");
  }
  if (by_competency) return absl::OkStatus();
  auto order = Table<Order>(engine).Get(tx, name);
  if (!order.ok() && !absl::IsNotFound(order.status())) return order.status();
  if (!order.ok() || order->has_delete_time() ||
      order_rules::FindLine(*order, ground.order_line()) == nullptr) {
    return Unknown(path, "is no line of an order");
  }
  const bool asks =
      order->state() != Order::STATE_DRAFT && order->state() != Order::STATE_WITHDRAWN;
  return asks ? absl::OkStatus() : Unknown(path, "is of an order not handed in, or withdrawn");
}

absl::Status CheckGrounds(pg::Tx& tx, const Engine& engine, const Version* before,
                          const Version& after) {
  absl::flat_hash_set<std::string> was, seen;
  if (before != nullptr) {
    for (const auto& ground : before->grounds()) was.insert(KeyOf(ground));
  }
  bool all_were = before != nullptr && before->grounds_size() == after.grounds_size();
  for (const auto& ground : after.grounds()) all_were = all_were && was.contains(KeyOf(ground));
  if (all_were) return absl::OkStatus();
  for (int i = 0; i < after.grounds_size(); ++i) {
    const v1::ProgrammeGround& ground = after.grounds(i);
    const std::string path = Cat("grounds[", i, "]"), key = KeyOf(ground);
    if (!seen.insert(key).second) return Unknown(path, "is named twice");
    if (was.contains(key)) continue;
    if (auto s = CheckGround(tx, engine, RegionOf(after.name()), ground, path); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// Programmes, whom they are for, and groups.
absl::Status ReadOffer(pg::Tx& tx, const Engine& engine, const std::string& region,
                       CoverageFacts* facts) {
  auto programmes = Table<v1::Programme>(engine).Select(tx, kWhereOffered, region);
  if (!programmes.ok()) return programmes.status();
  facts->programmes = *std::move(programmes);
  std::vector<const v1::Programme*> offered;
  for (const v1::Programme& programme : facts->programmes) offered.push_back(&programme);
  auto meant = LoadMeant(tx, region, offered);
  if (!meant.ok()) return meant.status();
  facts->meant = *std::move(meant);
  auto groups =
      Table<v1::Group>(engine).Select(tx, kWhereOpen, region, absl::FormatCivilTime(facts->today));
  if (!groups.ok()) return groups.status();
  facts->groups = *std::move(groups);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CoverageFacts> Read(pg::Tx& tx, const Engine& engine, const std::string& region,
                                   absl::CivilDay today) {
  CoverageFacts facts;
  facts.today = today;
  absl::flat_hash_map<std::string, int> held;
  auto offer = tx.Unscoped(region, [&]() -> absl::Status {
    if (auto s = ReadOffer(tx, engine, region, &facts); !s.ok()) return s;
    auto places = ReadHeld(tx, region);
    if (places.ok()) held = *std::move(places);
    return places.status();
  });
  if (!offer.ok()) return offer;
  auto lines = ReadLines(tx, engine, region, held);
  if (!lines.ok()) return lines.status();
  facts.lines = *std::move(lines);
  auto in_work = ReadInWork(tx, engine, region);
  if (!in_work.ok()) return in_work.status();
  facts.in_work = *std::move(in_work);
  return facts;
}

absl::Status PrepareVersions(pg::Tx& tx, const Engine& engine, std::vector<Engine::Pending>& rows) {
  for (Engine::Pending& row : rows) {
    const auto* before = static_cast<const Version*>(row.before);
    const auto& after = static_cast<const Version&>(*row.after);
    if (!row.status.ok() || after.grounds().empty()) continue;
    row.status = tx.Unscoped(RegionOf(after.name()),
                             [&] { return CheckGrounds(tx, engine, before, after); });
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::coverage_store
