// What was told of learning, put away, and the routes it concerns.
#include "libs/resource/text.h"
#include "services/diagnostics/learning_store.h"
#include "services/diagnostics/names.h"

namespace rsnms::diagnostics {
namespace {

using resource::Cat;

// The names of a person grow; whatever else is the last told. Answers the routes to which something
// new was said.
constexpr std::string_view kSqlPutLearning =
    "INSERT INTO learning (region_code, enrolment_id, route_id, item_number, programme_id, state, "
    "changed_date, changed_time, persons, transferred_to) "
    "SELECT region, id::uuid, route::uuid, number::integer, programme::uuid, state, "
    "nullif(day, '')::date, to_timestamp(millis::double precision / 1000), "
    "CASE WHEN person <> '' THEN ARRAY[person] END, nullif(next, '')::uuid "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::text[], $10::text[]) "
    "AS told (region, id, route, number, programme, state, day, millis, person, next) "
    "ON CONFLICT (region_code, enrolment_id) DO UPDATE SET route_id = excluded.route_id, "
    "item_number = excluded.item_number, programme_id = excluded.programme_id, "
    "state = excluded.state, changed_date = excluded.changed_date, "
    "changed_time = excluded.changed_time, transferred_to = excluded.transferred_to, "
    "persons = CASE WHEN excluded.persons <@ learning.persons THEN learning.persons "
    "ELSE learning.persons || excluded.persons END "
    "WHERE (learning.route_id, learning.item_number, learning.programme_id, learning.state, "
    "learning.changed_date, learning.changed_time, learning.transferred_to) IS DISTINCT FROM "
    "(excluded.route_id, excluded.item_number, excluded.programme_id, excluded.state, "
    "excluded.changed_date, excluded.changed_time, excluded.transferred_to) "
    "OR excluded.persons IS NOT NULL AND (excluded.persons <@ learning.persons) IS NOT TRUE "
    "RETURNING region_code, route_id";

constexpr std::string_view kSqlDropLearning =
    "UPDATE learning l SET state = 'DELETED' FROM unnest($1::text[], $2::text[]) AS gone "
    "(region, id) WHERE l.region_code = gone.region AND l.enrolment_id = gone.id::uuid "
    "RETURNING l.region_code, l.route_id";

constexpr std::string_view kSqlPutOutcomes =
    "INSERT INTO learning_outcome (region_code, collection, id, enrolment_id, route_id, "
    "item_number, programme_id, done_date, void, persons) "
    "SELECT region, collection, id::uuid, nullif(enrolment, '')::uuid, route::uuid, "
    "number::integer, nullif(programme, '')::uuid, nullif(day, '')::date, voided::boolean, "
    "CASE WHEN person <> '' THEN ARRAY[person] END "
    "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::text[], $10::text[]) AS told (region, collection, id, enrolment, "
    "route, number, programme, day, voided, person) "
    "ON CONFLICT (region_code, collection, id) DO UPDATE SET "
    "enrolment_id = excluded.enrolment_id, route_id = excluded.route_id, "
    "item_number = excluded.item_number, programme_id = excluded.programme_id, "
    "done_date = excluded.done_date, void = excluded.void, "
    "persons = CASE WHEN excluded.persons <@ learning_outcome.persons THEN "
    "learning_outcome.persons ELSE learning_outcome.persons || excluded.persons END";

constexpr std::string_view kSqlVoidOutcomes =
    "UPDATE learning_outcome o SET void = true FROM unnest($2::text[], $3::text[]) AS gone "
    "(region, id) WHERE o.region_code = gone.region AND o.collection = $1 AND "
    "o.id = gone.id::uuid RETURNING o.region_code, o.route_id";

// The second answers completions whose certificate is not revoked, though it was told to be.
constexpr std::string_view kSqlRevoke =
    "INSERT INTO certificate_revoked (region_code, certificate_id, completion_id) "
    "SELECT region, id::uuid, completion::uuid FROM unnest($1::text[], $2::text[], $3::text[]) "
    "AS revoked (region, id, completion) ON CONFLICT DO NOTHING";
constexpr std::string_view kSqlUnrevoke =
    "DELETE FROM certificate_revoked c USING unnest($1::text[], $2::text[]) AS stands (region, id) "
    "WHERE c.region_code = stands.region AND c.certificate_id = stands.id::uuid "
    "RETURNING c.region_code, c.completion_id";
constexpr std::string_view kSqlRoutesOfCompletions =
    "SELECT o.region_code, o.route_id FROM unnest($1::text[], $2::text[]) AS c (region, id) "
    "JOIN learning_outcome o ON o.region_code = c.region AND o.collection = 'completions' "
    "AND o.id = c.id::uuid";

// Answers the programmes of which something new was said. Waits for those who hold a programme's
// row, in the order in which they hold several.
constexpr std::string_view kSqlPutTold =
    "INSERT INTO programme_told (region_code, programme_id, withdrawn) "
    "SELECT region, id::uuid, gone::boolean FROM unnest($1::text[], $2::text[], $3::text[]) "
    "AS told (region, id, gone) WHERE NOT EXISTS (SELECT FROM programme_told t WHERE "
    "t.region_code = region AND t.programme_id = id::uuid AND t.withdrawn = gone::boolean) "
    "ORDER BY 1, 2 ON CONFLICT (region_code, programme_id) DO UPDATE SET "
    "withdrawn = excluded.withdrawn WHERE programme_told.withdrawn <> excluded.withdrawn "
    "RETURNING region_code, programme_id";
constexpr std::string_view kSqlMarkRoutes =
    "INSERT INTO route_to_follow (region_code, route_id) "
    "SELECT region, id::uuid FROM unnest($1::text[], $2::text[]) AS marked (region, id)";
constexpr std::string_view kSqlMarkRoutesOf =
    "INSERT INTO route_to_follow (region_code, route_id) "
    "SELECT r.region_code, r.route_id FROM unnest($1::text[], $2::text[]) AS p (region, id) "
    "JOIN route_programme r ON r.region_code = p.region AND r.programme_id = p.id::uuid "
    "UNION SELECT l.region_code, l.route_id FROM unnest($1::text[], $2::text[]) AS p (region, id) "
    "JOIN learning l ON l.region_code = p.region AND l.programme_id = p.id::uuid";

void AddRoutes(const pqxx::result& rows, RouteNames& routes) {
  for (const auto& row : rows) {
    routes.insert(Cat("regions/", row[0].c_str(), "/routes/", row[1].c_str()));
  }
}

}  // namespace

void NameColumns::Add(std::string_view name) {
  regions.emplace_back(RegionOf(name));
  ids.emplace_back(IdOf(name));
}

absl::Status PutLearning(pg::Tx& tx, const LearningColumns& c, RouteNames& routes) {
  if (c.ids.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlPutLearning, c.regions, c.ids, c.routes, c.numbers, c.programmes,
                       c.states, c.dates, c.millis, c.persons, c.next);
  if (rows.ok()) AddRoutes(*rows, routes);
  return rows.status();
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
             c.programmes, c.dates, c.voided, c.persons)
      .status();
}

absl::Status PutCertificates(pg::Tx& tx, const CertificateColumns& revoked,
                             const CertificateColumns& standing, RouteNames& routes) {
  if (!revoked.ids.empty()) {
    auto done = tx.Query(kSqlRevoke, revoked.regions, revoked.ids, revoked.completions);
    if (!done.ok()) return done.status();
  }
  std::vector<std::string> regions = revoked.regions, completions = revoked.completions;
  if (!standing.ids.empty()) {
    auto back = tx.Query(kSqlUnrevoke, standing.regions, standing.ids);
    if (!back.ok()) return back.status();
    for (const auto& row : *back) {
      regions.emplace_back(row[0].c_str());
      completions.emplace_back(row[1].c_str());
    }
  }
  if (regions.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlRoutesOfCompletions, regions, completions);
  if (rows.ok()) AddRoutes(*rows, routes);
  return rows.status();
}

absl::Status VoidOutcomes(pg::Tx& tx, std::string_view collection, const NameColumns& gone,
                          RouteNames& routes) {
  if (gone.ids.empty()) return absl::OkStatus();
  auto rows = tx.Query(kSqlVoidOutcomes, collection, gone.regions, gone.ids);
  if (rows.ok()) AddRoutes(*rows, routes);
  return rows.status();
}

absl::Status PutTold(pg::Tx& tx, const ToldColumns& c) {
  if (c.ids.empty()) return absl::OkStatus();
  auto said = tx.Query(kSqlPutTold, c.regions, c.ids, c.withdrawn);
  if (!said.ok() || said->empty()) return said.status();
  NameColumns changed;
  for (const auto& row : *said) {
    changed.regions.emplace_back(row[0].c_str());
    changed.ids.emplace_back(row[1].c_str());
  }
  return tx.Query(kSqlMarkRoutesOf, changed.regions, changed.ids).status();
}

absl::Status MarkRoutes(pg::Tx& tx, const RouteNames& names) {
  if (names.empty()) return absl::OkStatus();
  NameColumns marked;
  for (const auto& name : names) marked.Add(name);
  return tx.Query(kSqlMarkRoutes, marked.regions, marked.ids).status();
}

}  // namespace rsnms::diagnostics
