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
constexpr char kMoved[] = "Документ о прохождении шага относится не к нему: маршрут продолжается.";

constexpr std::string_view kSqlLearning =
    "SELECT l.route_id, l.enrolment_id, l.item_number, l.programme_id, l.state, "
    "coalesce(l.changed_date::text, ''), (extract(epoch FROM l.changed_time) * 1000)::bigint, "
    "l.transferred_to IS NOT NULL AND n.state IS NULL, "
    "coalesce(n.state IN ('VOID', 'DELETED'), false) "
    "FROM unnest($2::uuid[], $3::text[]) AS r (id, person) "
    "JOIN learning l ON l.region_code = $1 AND l.route_id = r.id "
    "LEFT JOIN learning n ON n.region_code = $1 AND n.enrolment_id = l.transferred_to "
    "WHERE l.state NOT IN ('VOID', 'DELETED') AND is_learner($1, r.person, l.persons)";
constexpr std::string_view kSqlOutcomes =
    "SELECT o.route_id, o.collection, o.id, o.item_number, coalesce(o.programme_id::text, ''), "
    "coalesce(o.done_date::text, ''), o.void OR coalesce(l.state IN ('VOID', 'DELETED'), false) "
    "OR (o.collection = 'completions' AND EXISTS (SELECT FROM certificate_revoked c "
    "WHERE c.region_code = o.region_code AND c.completion_id = o.id)), "
    "NOT is_learner($1, r.person, o.persons) "
    "FROM unnest($2::uuid[], $3::text[]) AS r (id, person) "
    "JOIN learning_outcome o ON o.region_code = $1 AND o.route_id = r.id "
    "LEFT JOIN learning l ON l.region_code = o.region_code AND l.enrolment_id = o.enrolment_id";
constexpr std::string_view kSqlHaveOutcomes =
    "SELECT DISTINCT o.region_code, o.route_id FROM unnest($1::text[], $2::text[]) AS r (region, "
    "id) JOIN learning_outcome o ON o.region_code = r.region AND o.route_id = r.id::uuid";
constexpr std::string_view kSqlWithdrawn =
    "SELECT programme_id FROM programme_told "
    "WHERE region_code = $1 AND programme_id = ANY($2::uuid[]) AND withdrawn";

// Whoever tells of a programme waits for those who name it in a route, and then finds them; they
// wait for what is being told. Every programme has a row to wait for.
constexpr std::string_view kSqlHoldProgrammes =
    "SELECT programme_id FROM programme_told WHERE region_code = $1 AND "
    "programme_id = ANY($2::uuid[]) ORDER BY programme_id FOR SHARE";
constexpr std::string_view kSqlMeetProgrammes =
    "INSERT INTO programme_told (region_code, programme_id, withdrawn) "
    "SELECT $1, id, false FROM unnest($2::uuid[]) AS met (id) ORDER BY id ON CONFLICT DO NOTHING";
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

bool SameDay(const google::type::Date& a, const google::type::Date& b) {
  return a.year() == b.year() && a.month() == b.month() && a.day() == b.day();
}

// Ids of the region's programmes among names that may be anything.
void AddProgrammeId(std::string_view region, std::string_view programme,
                    absl::btree_set<std::string>& ids) {
  if (RegionOf(programme) == region && resource::IsUuid(IdOf(programme))) {
    ids.emplace(IdOf(programme));
  }
}

absl::Status ReadLearning(pg::Tx& tx, std::string_view region, const std::vector<std::string>& ids,
                          const std::vector<std::string>& persons, KnownByRoute& known) {
  auto rows = tx.Query(kSqlLearning, region, ids, persons);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    KnownLearning& learning = known[row[0].c_str()].learning.emplace_back();
    learning.enrolment = Cat("regions/", region, "/enrolments/", row[1].c_str());
    learning.item_number = row[2].as<int>();
    learning.programme = Cat("regions/", region, "/programmes/", row[3].c_str());
    v1::RouteItem::Learning_Parse(Cat("LEARNING_", row[4].c_str()), &learning.state);
    learning.changed = DateOfText(row[5].c_str());
    learning.changed_millis = row[6].as<int64_t>();
    if (row[7].as<bool>()) learning.next = Continuation::kUnknown;
    if (row[8].as<bool>()) learning.next = Continuation::kVoid;
  }
  rows = tx.Query(kSqlOutcomes, region, ids, persons);
  if (!rows.ok()) return rows.status();
  for (const auto& row : *rows) {
    KnownOutcome& outcome = known[row[0].c_str()].outcomes.emplace_back();
    outcome.name = Cat("regions/", region, "/", row[1].c_str(), "/", row[2].c_str());
    outcome.item_number = row[3].as<int>();
    const std::string programme = row[4].c_str();
    if (!programme.empty()) outcome.programme = Cat("regions/", region, "/programmes/", programme);
    outcome.day = DateOfText(row[5].c_str());
    outcome.foreign = row[7].as<bool>();
    outcome.voided = row[6].as<bool>() && !outcome.foreign;
  }
  return absl::OkStatus();
}

// What is known of the region's routes. The caller has the region in scope.
absl::StatusOr<KnownByRoute> ReadKnown(pg::Tx& tx, std::string_view region,
                                       const std::vector<const v1::Route*>& routes) {
  KnownByRoute known;
  std::vector<std::string> ids, persons;
  for (const auto* route : routes) {
    ids.emplace_back(IdOf(route->name()));
    persons.emplace_back(IdOf(route->person()));
  }
  if (auto s = ReadLearning(tx, region, ids, persons, known); !s.ok()) return s;
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

// Holds the programmes that were not named before. Those that were are found by who tells of them.
absl::Status HoldProgrammes(pg::Tx& tx, std::string_view region,
                            const std::vector<Engine::Pending*>& rows) {
  absl::btree_set<std::string> held;
  for (const auto* row : rows) {
    std::vector<std::string> before;  // sorted
    if (row->before != nullptr) {
      before = PlannedProgrammes(static_cast<const v1::Route&>(*row->before));
    }
    for (const auto& name : PlannedProgrammes(static_cast<const v1::Route&>(*row->after))) {
      if (!std::binary_search(before.begin(), before.end(), name))
        AddProgrammeId(region, name, held);
    }
  }
  if (held.empty()) return absl::OkStatus();
  const std::vector<std::string> ids(held.begin(), held.end());
  auto met = tx.Query(kSqlHoldProgrammes, region, ids);
  if (!met.ok() || met->size() == ids.size()) return met.status();
  met = tx.Query(kSqlMeetProgrammes, region, ids);
  return met.ok() ? tx.Query(kSqlHoldProgrammes, region, ids).status() : met.status();
}

absl::Status PrepareRegion(pg::Tx& tx, std::string_view region,
                           const std::vector<Engine::Pending*>& rows) {
  std::vector<const v1::Route*> routes;
  for (const auto* row : rows) routes.push_back(static_cast<const v1::Route*>(row->after));
  if (auto s = HoldProgrammes(tx, region, rows); !s.ok()) return s;
  auto known = ReadKnown(tx, region, routes);
  if (!known.ok()) return known.status();
  for (auto* row : rows) {
    auto& route = static_cast<v1::Route&>(*row->after);
    DeriveLearning((*known)[std::string(IdOf(route.name()))], route);
  }
  return NameProgrammes(tx, region, rows);
}

// The route after what is known has moved its items: set out, or going on.
absl::Status Advance(const v1::Route& before, const Known& known, v1::Route& route) {
  if (route.state() == v1::Route::STATE_COMPLETED) {
    if (!Finished(route)) {
      return Move(RouteAction::kReopen, {LostAnOutcome(known, before) ? kReopened : kMoved, {}},
                  route);
    }
    // Finished by other documents: it ended when the last of them says, unless a person said when.
    if (SameDay(before.complete_date(), FinishDay(before))) {
      *route.mutable_complete_date() = FinishDay(route);
    }
    return absl::OkStatus();
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
    const Known& of_route = known[std::string(IdOf(route.name()))];
    const v1::Route before = route;
    if (!MarkItems(of_route, route)) continue;
    if (auto s = Advance(before, of_route, route); !s.ok()) return s;
    if (!Finished(route) || route.state() == v1::Route::STATE_COMPLETED) continue;
    finished.push_back(route);
    auto s = Move(RouteAction::kComplete, {"", FinishDay(route)}, finished.back());
    if (!s.ok()) return s;
  }
  const journal::Author author{"system:programmes-projection", "", "", ""};
  if (auto merged = table.Merge(tx, author, *routes); !merged.ok()) return merged.status();
  return finished.empty() ? absl::OkStatus() : table.Merge(tx, author, finished).status();
}

}  // namespace

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
    if (!rows.ok()) return rows.status();
    for (const auto& row : *rows) {
      concerned.insert(Cat("regions/", row[0].c_str(), "/routes/", row[1].c_str()));
    }
    return absl::OkStatus();
  });
  return status.ok() ? FollowLearning(tx, table, concerned) : status;
}

}  // namespace rsnms::diagnostics
