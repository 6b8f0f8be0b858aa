#include "services/diagnostics/learning_store.h"

#include <algorithm>
#include <cstdlib>
#include <map>

#include "absl/strings/numbers.h"
#include "libs/resource/names.h"
#include "libs/resource/text.h"
#include "services/diagnostics/names.h"
#include "services/diagnostics/route_rules.h"

namespace rsnms::diagnostics {
namespace {

using resource::Cat;
using resource::Engine;

constexpr size_t kAtOnce = 500;  // routes read and written together
constexpr char kReopened[] = "Документ о прохождении шага аннулирован: маршрут продолжается.";

constexpr std::string_view kSqlPutLearning =
    "INSERT INTO learning (region_code, enrolment_id, route_id, item_number, programme_id, state, "
    "changed_date, changed_time) "
    "SELECT region, id::uuid, route::uuid, number::integer, programme::uuid, state, "
    "nullif(day, '')::date, to_timestamp(millis::double precision / 1000) "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[]) AS told (region, id, route, number, programme, state, day, millis) "
    "ON CONFLICT (region_code, enrolment_id) DO UPDATE SET route_id = excluded.route_id, "
    "item_number = excluded.item_number, programme_id = excluded.programme_id, "
    "state = excluded.state, changed_date = excluded.changed_date, "
    "changed_time = excluded.changed_time";

constexpr std::string_view kSqlDropLearning =
    "UPDATE learning l SET state = 'DELETED' FROM unnest($1::text[], $2::text[]) AS gone "
    "(region, id) WHERE l.region_code = gone.region AND l.enrolment_id = gone.id::uuid "
    "RETURNING l.region_code, l.route_id";

constexpr std::string_view kSqlPutOutcomes =
    "INSERT INTO learning_outcome (region_code, collection, id, enrolment_id, route_id, "
    "item_number, programme_id, done_date, void) "
    "SELECT region, collection, id::uuid, nullif(enrolment, '')::uuid, route::uuid, "
    "number::integer, nullif(programme, '')::uuid, nullif(day, '')::date, voided::boolean "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::text[]) AS told (region, collection, id, enrolment, route, "
    "number, programme, day, voided) "
    "ON CONFLICT (region_code, collection, id) DO UPDATE SET "
    "enrolment_id = excluded.enrolment_id, route_id = excluded.route_id, "
    "item_number = excluded.item_number, programme_id = excluded.programme_id, "
    "done_date = excluded.done_date, void = excluded.void";

constexpr std::string_view kSqlVoidOutcomes =
    "UPDATE learning_outcome o SET void = true FROM unnest($2::text[], $3::text[]) AS gone "
    "(region, id) WHERE o.region_code = gone.region AND o.collection = $1 AND "
    "o.id = gone.id::uuid RETURNING o.region_code, o.route_id";

// Answer the programmes of which something new was said.
constexpr std::string_view kSqlPutWithdrawn =
    "INSERT INTO programme_withdrawn (region_code, programme_id) "
    "SELECT region, id::uuid FROM unnest($1::text[], $2::text[]) AS gone (region, id) "
    "ON CONFLICT DO NOTHING RETURNING region_code, programme_id";
constexpr std::string_view kSqlDropWithdrawn =
    "DELETE FROM programme_withdrawn w USING unnest($1::text[], $2::text[]) AS back (region, id) "
    "WHERE w.region_code = back.region AND w.programme_id = back.id::uuid "
    "RETURNING w.region_code, w.programme_id";
constexpr std::string_view kSqlRoutesOf =
    "SELECT r.region_code, r.route_id FROM unnest($1::text[], $2::text[]) AS p (region, id) "
    "JOIN route_programme r ON r.region_code = p.region AND r.programme_id = p.id::uuid "
    "UNION SELECT l.region_code, l.route_id FROM unnest($1::text[], $2::text[]) AS p (region, id) "
    "JOIN learning l ON l.region_code = p.region AND l.programme_id = p.id::uuid";

constexpr std::string_view kSqlLearning =
    "SELECT route_id, enrolment_id, item_number, programme_id, state, "
    "coalesce(changed_date::text, ''), (extract(epoch FROM changed_time) * 1000)::bigint "
    "FROM learning WHERE region_code = $1 AND route_id = ANY($2::uuid[]) "
    "AND state NOT IN ('VOID', 'DELETED')";
constexpr std::string_view kSqlOutcomes =
    "SELECT o.route_id, o.collection, o.id, o.item_number, coalesce(o.programme_id::text, ''), "
    "coalesce(o.done_date::text, ''), o.void OR coalesce(l.state IN ('VOID', 'DELETED'), false) "
    "FROM learning_outcome o LEFT JOIN learning l ON l.region_code = o.region_code "
    "AND l.enrolment_id = o.enrolment_id "
    "WHERE o.region_code = $1 AND o.route_id = ANY($2::uuid[])";
constexpr std::string_view kSqlHaveOutcomes =
    "SELECT DISTINCT o.region_code, o.route_id FROM unnest($1::text[], $2::text[]) AS r (region, "
    "id) JOIN learning_outcome o ON o.region_code = r.region AND o.route_id = r.id::uuid";
constexpr std::string_view kSqlWithdrawn =
    "SELECT programme_id FROM programme_withdrawn "
    "WHERE region_code = $1 AND programme_id = ANY($2::uuid[])";

// Whoever takes an offer away waits for those who name it in a route, and then finds them.
constexpr std::string_view kSqlHoldOffers =
    "SELECT FROM programme_offer WHERE region_code = $1 AND programme_id = ANY($2::uuid[]) "
    "ORDER BY programme_id FOR KEY SHARE";
constexpr std::string_view kSqlForgetProgrammes =
    "DELETE FROM route_programme WHERE region_code = $1 AND route_id = ANY($2::uuid[])";
constexpr std::string_view kSqlNameProgrammes =
    "INSERT INTO route_programme (region_code, programme_id, route_id) "
    "SELECT $1, programme::uuid, route::uuid FROM unnest($2::text[], $3::text[]) AS named "
    "(programme, route) ON CONFLICT DO NOTHING";

using KnownByRoute = absl::flat_hash_map<std::string, Known>;  // by the route's id

google::type::Date DateOfText(const std::string& text) {  // 2024-05-20, or empty
  google::type::Date date;
  if (text.size() != 10) return date;
  date.set_year(std::atoi(text.substr(0, 4).c_str()));
  date.set_month(std::atoi(text.substr(5, 2).c_str()));
  date.set_day(std::atoi(text.substr(8, 2).c_str()));
  return date;
}

void AddRoutes(const pqxx::result& rows, RouteNames& routes) {
  for (const auto& row : rows) {
    routes.insert(Cat("regions/", row[0].c_str(), "/routes/", row[1].c_str()));
  }
}

void AddNames(const LearningColumns& c, RouteNames& routes) {
  for (size_t i = 0; i < c.ids.size(); ++i) {
    routes.insert(Cat("regions/", c.regions[i], "/routes/", c.routes[i]));
  }
}

// Ids of the region's programmes among names that may be anything.
void AddProgrammeId(std::string_view region, std::string_view programme,
                    absl::btree_set<std::string>& ids) {
  if (RegionOf(programme) == region && resource::IsUuid(IdOf(programme))) {
    ids.emplace(IdOf(programme));
  }
}

absl::Status ReadLearning(pg::Tx& tx, std::string_view region, const std::vector<std::string>& ids,
                          KnownByRoute& known) {
  auto rows = tx.Query(kSqlLearning, region, ids);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    KnownLearning& learning = known[row[0].c_str()].learning.emplace_back();
    learning.enrolment = Cat("regions/", region, "/enrolments/", row[1].c_str());
    learning.item_number = row[2].as<int>();
    learning.programme = Cat("regions/", region, "/programmes/", row[3].c_str());
    v1::RouteItem::Learning_Parse(Cat("LEARNING_", row[4].c_str()), &learning.state);
    learning.changed = DateOfText(row[5].c_str());
    learning.changed_millis = row[6].as<int64_t>();
  }
  rows = tx.Query(kSqlOutcomes, region, ids);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    KnownOutcome& outcome = known[row[0].c_str()].outcomes.emplace_back();
    outcome.name = Cat("regions/", region, "/", row[1].c_str(), "/", row[2].c_str());
    outcome.item_number = row[3].as<int>();
    const std::string programme = row[4].c_str();
    if (!programme.empty()) outcome.programme = Cat("regions/", region, "/programmes/", programme);
    outcome.day = DateOfText(row[5].c_str());
    outcome.voided = row[6].as<bool>();
  }
  return absl::OkStatus();
}

// What is known of the region's routes. The caller has the region in scope.
absl::StatusOr<KnownByRoute> ReadKnown(pg::Tx& tx, std::string_view region,
                                       const std::vector<const v1::Route*>& routes) {
  KnownByRoute known;
  std::vector<std::string> ids;
  for (const auto* route : routes) ids.emplace_back(IdOf(route->name()));
  if (auto s = ReadLearning(tx, region, ids, known); !s.ok()) return s;
  absl::btree_set<std::string> programmes;
  for (const auto* route : routes) {
    for (const auto& item : route->items()) AddProgrammeId(region, item.programme(), programmes);
    for (const auto& learning : known[std::string(IdOf(route->name()))].learning) {
      AddProgrammeId(region, learning.programme, programmes);
    }
  }
  if (programmes.empty()) return known;
  auto rows = tx.Query(kSqlWithdrawn, region,
                       std::vector<std::string>(programmes.begin(), programmes.end()));
  if (!rows.ok()) return rows.status();
  absl::flat_hash_set<std::string> withdrawn;
  for (const auto& row : *rows) {
    withdrawn.insert(Cat("regions/", region, "/programmes/", row[0].c_str()));
  }
  if (withdrawn.empty()) return known;
  for (auto& [id, of_route] : known) of_route.withdrawn = withdrawn;
  return known;
}

// Writes which programmes the region's routes name now.
absl::Status NameProgrammes(pg::Tx& tx, std::string_view region,
                            const std::vector<Engine::Pending*>& rows) {
  std::vector<std::string> forgotten, programmes, routes;
  for (const auto* row : rows) {
    const auto& after = static_cast<const v1::Route&>(*row->after);
    const auto now = PlannedProgrammes(after);
    if (row->before != nullptr) {
      if (PlannedProgrammes(static_cast<const v1::Route&>(*row->before)) == now) continue;
      forgotten.emplace_back(IdOf(after.name()));
    }
    absl::btree_set<std::string> ids;
    for (const auto& programme : now) AddProgrammeId(region, programme, ids);
    for (const auto& id : ids) {
      programmes.push_back(id);
      routes.emplace_back(IdOf(after.name()));
    }
  }
  if (!forgotten.empty()) {
    if (auto s = tx.Query(kSqlForgetProgrammes, region, forgotten); !s.ok()) return s.status();
  }
  if (programmes.empty()) return absl::OkStatus();
  return tx.Query(kSqlNameProgrammes, region, programmes, routes).status();
}

absl::Status PrepareRegion(pg::Tx& tx, std::string_view region,
                           const std::vector<Engine::Pending*>& rows) {
  std::vector<const v1::Route*> routes;
  absl::btree_set<std::string> held;
  for (const auto* row : rows) {
    routes.push_back(static_cast<const v1::Route*>(row->after));
    for (const auto& name : PlannedProgrammes(*routes.back())) AddProgrammeId(region, name, held);
  }
  if (!held.empty()) {
    auto done =
        tx.Query(kSqlHoldOffers, region, std::vector<std::string>(held.begin(), held.end()));
    if (!done.ok()) return done.status();
  }
  auto known = ReadKnown(tx, region, routes);
  if (!known.ok()) return known.status();
  for (auto* row : rows) {
    auto& route = static_cast<v1::Route&>(*row->after);
    DeriveLearning((*known)[std::string(IdOf(route.name()))], route);
  }
  return NameProgrammes(tx, region, rows);
}

// The route after what is known has moved its items: set out, or going on.
absl::Status Advance(v1::Route& route) {
  if (route.state() == v1::Route::STATE_COMPLETED) {
    return Move(RouteAction::kReopen, {kReopened, {}}, route);
  }
  const bool begun = std::any_of(route.items().begin(), route.items().end(), [](const auto& item) {
    return item.state() == v1::RouteItem::STATE_DONE;
  });
  if (route.state() != v1::Route::STATE_APPROVED || !begun) return absl::OkStatus();
  return Move(RouteAction::kActivate, {}, route);
}

absl::Status FollowSome(pg::Tx& tx, const resource::Table<v1::Route>& table,
                        std::string_view region, const std::vector<std::string>& ids) {
  auto routes = table.Select(tx,
                             "region_code = $1 AND id = ANY($2::uuid[]) AND state <> 'CLOSED' AND "
                             "delete_time IS NULL ORDER BY id FOR UPDATE",
                             region, ids);
  if (!routes.ok()) return routes.status();
  if (routes->empty()) return absl::OkStatus();
  std::vector<const v1::Route*> read;
  for (const auto& route : *routes) read.push_back(&route);
  KnownByRoute known;
  auto status = tx.Unscoped(region, [&]() -> absl::Status {
    auto found = ReadKnown(tx, region, read);
    if (found.ok()) known = *std::move(found);
    return found.status();
  });
  if (!status.ok()) return status;
  std::vector<v1::Route> finished;
  for (auto& route : *routes) {
    if (!MarkItems(known[std::string(IdOf(route.name()))], route)) continue;
    if (auto s = Advance(route); !s.ok()) return s;
    if (!Finished(route)) continue;
    finished.push_back(route);
    auto s = Move(RouteAction::kComplete, {"", FinishDay(route)}, finished.back());
    if (!s.ok()) return s;
  }
  const journal::Author author{"system:programmes-projection", "", "", ""};
  if (auto merged = table.Merge(tx, author, *routes); !merged.ok()) return merged.status();
  return finished.empty() ? absl::OkStatus() : table.Merge(tx, author, finished).status();
}

}  // namespace

void NameColumns::Add(std::string_view name) {
  regions.emplace_back(RegionOf(name));
  ids.emplace_back(IdOf(name));
}

absl::Status PutLearning(pg::Tx& tx, const LearningColumns& c, RouteNames& routes) {
  if (c.ids.empty()) return absl::OkStatus();
  AddNames(c, routes);
  return tx
      .Query(kSqlPutLearning, c.regions, c.ids, c.routes, c.numbers, c.programmes, c.states,
             c.dates, c.millis)
      .status();
}

absl::Status DropLearning(pg::Tx& tx, const NameColumns& gone, RouteNames& routes) {
  if (gone.ids.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlDropLearning, gone.regions, gone.ids);
  if (rows.ok()) AddRoutes(*rows, routes);
  return rows.status();
}

absl::Status PutOutcomes(pg::Tx& tx, const OutcomeColumns& c, RouteNames& routes) {
  if (c.ids.empty()) return absl::OkStatus();
  for (size_t i = 0; i < c.ids.size(); ++i) {
    routes.insert(Cat("regions/", c.regions[i], "/routes/", c.routes[i]));
  }
  return tx
      .Query(kSqlPutOutcomes, c.regions, c.collections, c.ids, c.enrolments, c.routes, c.numbers,
             c.programmes, c.dates, c.voided)
      .status();
}

absl::Status VoidOutcomes(pg::Tx& tx, std::string_view collection, const NameColumns& gone,
                          RouteNames& routes) {
  if (gone.ids.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlVoidOutcomes, collection, gone.regions, gone.ids);
  if (rows.ok()) AddRoutes(*rows, routes);
  return rows.status();
}

absl::Status PutWithdrawn(pg::Tx& tx, const NameColumns& withdrawn, const NameColumns& present,
                          RouteNames& routes) {
  NameColumns changed;
  for (const auto& [sql, rows] :
       {std::pair(kSqlPutWithdrawn, &withdrawn), std::pair(kSqlDropWithdrawn, &present)}) {
    if (rows->ids.empty()) continue;
    auto said = tx.Query(sql, rows->regions, rows->ids);
    if (!said.ok()) return said.status();
    for (const auto& row : *said) {
      changed.regions.emplace_back(row[0].c_str());
      changed.ids.emplace_back(row[1].c_str());
    }
  }
  if (changed.ids.empty()) return absl::OkStatus();
  auto concerned = tx.Query(kSqlRoutesOf, changed.regions, changed.ids);
  if (concerned.ok()) AddRoutes(*concerned, routes);
  return concerned.status();
}

absl::Status PrepareRoutes(pg::Tx& tx, std::vector<Engine::Pending>& rows) {
  std::map<std::string, std::vector<Engine::Pending*>> by_region;
  for (auto& row : rows) {
    const auto& route = static_cast<const v1::Route&>(*row.after);
    if (!resource::IsUuid(IdOf(route.name()))) continue;  // refused by its name
    by_region[std::string(RegionOf(route.name()))].push_back(&row);
  }
  for (auto& [region, of_region] : by_region) {
    const std::string_view code = region;
    const auto* pending = &of_region;
    auto status = tx.Unscoped(code, [&] { return PrepareRegion(tx, code, *pending); });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status FollowLearning(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names) {
  for (auto at = names.begin(); at != names.end();) {
    const std::string region(RegionOf(*at));
    std::vector<std::string> ids;
    for (; at != names.end() && ids.size() < kAtOnce && RegionOf(*at) == region; ++at) {
      ids.emplace_back(IdOf(*at));
    }
    if (auto s = FollowSome(tx, table, region, ids); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status FollowOutcomes(pg::Tx& tx, const resource::Table<v1::Route>& table,
                            const RouteNames& names) {
  if (names.empty()) return absl::OkStatus();
  NameColumns columns;
  for (const auto& name : names) columns.Add(name);
  RouteNames concerned;
  auto status = tx.Unscoped(RegionOf(*names.begin()), [&]() -> absl::Status {
    auto rows = tx.Query(kSqlHaveOutcomes, columns.regions, columns.ids);
    if (rows.ok()) AddRoutes(*rows, concerned);
    return rows.status();
  });
  return status.ok() ? FollowLearning(tx, table, concerned) : status;
}

}  // namespace rsnms::diagnostics
