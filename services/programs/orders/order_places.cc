#include "services/programs/orders/order_places.h"

#include "libs/resource/table.h"
#include "services/programs/names.h"

namespace rsnms::programs::order_places {
namespace {

using Order = v1::TrainingOrder;

constexpr char kSqlKnown[] = R"sql(
  SELECT municipality_id FROM known_organisation
  WHERE region_code = $1 AND id = $2::uuid AND municipality_id IS NOT NULL)sql";

// Those somebody writes now are passed over: nobody waits for the feed, nor the feed for anybody.
constexpr char kWhereUnplaced[] = R"sql(
  municipality_id IS NULL AND state <> 'DRAFT' AND delete_time IS NULL
  AND EXISTS (SELECT FROM known_organisation k
              WHERE k.region_code = training_order.region_code
                AND k.id = training_order.organisation_id AND k.municipality_id IS NOT NULL)
  ORDER BY region_code, id LIMIT 1000 FOR UPDATE SKIP LOCKED)sql";

}  // namespace

absl::StatusOr<std::string> KnownMunicipality(pg::Tx& tx, const std::string& organisation) {
  const std::string region(RegionOf(organisation));
  auto rows = tx.Query(kSqlKnown, region, std::string(IdOf(organisation)));
  if (!rows.ok()) return rows.status();
  return rows->empty() ? "" : NameOf(region, "municipalities", (*rows)[0][0].c_str());
}

absl::Status PlaceOrders(pg::Tx& tx, const resource::Engine& engine) {
  const resource::Table<Order> table(engine);
  journal::Author author;
  author.subject = "system:registry";
  auto orders = table.Select(tx, kWhereUnplaced);
  if (!orders.ok()) return orders.status();
  for (const Order& before : *orders) {
    auto municipality = KnownMunicipality(tx, before.organisation());
    if (!municipality.ok()) return municipality.status();
    Order after = before;
    after.set_municipality(*municipality);
    if (auto s = table.Rewrite(tx, author, before, after); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::order_places
