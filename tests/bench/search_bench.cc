// Search of people by fragments of their names, among millions.
#include <algorithm>
#include <map>
#include <pqxx/pqxx>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "rsnms/registry/v1/professional_standing.pb.h"
#include "services/registry/people/name_search.h"
#include "tests/bench/bench.h"
#include "tests/bench/lean_client.h"
#include "tests/e2e/system.h"
#include "tools/demo/people.h"

namespace rsnms::bench {
namespace {

constexpr char kRegion[] = "77";
constexpr int kSearchers = 8;
constexpr int kFound = 21;  // the service looks for one more than a page

std::string Array(const std::set<std::string>& texts) {
  return absl::StrCat("ARRAY['", absl::StrJoin(texts, "', '"), "']");
}

// People with the names of tools/demo, some far more frequent than others, as in life: the first
// family name is borne by 2 of 100, the first given name by 9, the first patronymic by 11; every
// fiftieth family name is double. Indexes are built afterwards, as a restore would.
void FillPeople(int64_t people) {
  std::set<std::string> family, given, patronymic;
  const demo::Dice dice(7);
  for (uint64_t i = 0; i < 20000; ++i) {
    const auto name = demo::NameOfPerson(dice, i);
    if (!name.female) continue;
    family.insert(name.family_name);
    given.insert(name.given_name);
    patronymic.insert(name.patronymic);
  }
  const auto draw = [](const char* from, const char* skew) {
    return absl::StrFormat("%s[1 + floor(power(random(), %s) * cardinality(%s))::int]", from, skew,
                           from);
  };
  Psql(absl::StrCat(
      "INSERT INTO registry.region (region_code, id, version, create_time, update_time, "
      "official_name, oktmo_code, time_zone) VALUES ('",
      kRegion, "', '", kRegion, "', 1, now(), now(), 'Москва', '45000000', 'Europe/Moscow')"));
  Psql(absl::StrCat(
      "SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SELECT setseed(0.5); "
      "CREATE TEMP TABLE kept AS SELECT indexrelid::regclass::text AS name, "
      "  pg_get_indexdef(indexrelid) AS definition FROM pg_index "
      " WHERE indrelid = 'registry.person'::regclass AND NOT indisprimary; "
      "DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM kept LOOP "
      "  EXECUTE 'DROP INDEX ' || i.name; END LOOP; END $$; "
      "INSERT INTO registry.person (region_code, id, version, create_time, update_time, "
      "  family_name, given_name, patronymic, birth_date, sex, email, phone) "
      "SELECT '",
      kRegion, "', gen_random_uuid(), 1, now(), now(), ", draw("f", "1.3"),
      " || CASE WHEN n % 50 = 0 THEN '-' || ", draw("f", "1.3"), " ELSE '' END, ", draw("g", "1.6"),
      ", ", draw("p", "1.6"),
      ", DATE '1960-01-01' + (random() * 14000)::int, 'FEMALE', 'educator' || n || '@example.org', "
      "  '' FROM (SELECT (SELECT array_agg(t ORDER BY md5(t)) FROM unnest(",
      Array(family), ") t) f, (SELECT array_agg(t ORDER BY md5(t)) FROM unnest(", Array(given),
      ") t) g, (SELECT array_agg(t ORDER BY md5(t)) FROM unnest(", Array(patronymic),
      ") t) p) names, generate_series(1, ", people,
      ") n; "
      "DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM kept LOOP "
      "  EXECUTE i.definition; END LOOP; END $$"));
  Psql("VACUUM ANALYZE registry.person");
}

// What people type, in turn: the beginning of a family name; family name and the first letter of
// the given name; all three; given name and patronymic; a given name; a family name; the second
// half of a double one.
std::vector<std::string> Queries() {
  return absl::StrSplit(
      Psql(absl::StrCat("SELECT CASE n % 7 WHEN 0 THEN left(family_name, 3) "
                        " WHEN 1 THEN family_name || ' ' || left(given_name, 1) "
                        " WHEN 2 THEN family_name || ' ' || given_name || ' ' || patronymic "
                        " WHEN 3 THEN given_name || ' ' || patronymic "
                        " WHEN 4 THEN given_name "
                        " WHEN 5 THEN family_name "
                        " ELSE split_part(family_name, '-', 1 + (family_name LIKE '%-%')::int) END "
                        "FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM (SELECT * FROM "
                        "registry.person "
                        " WHERE region_code = '",
                        kRegion, "' ORDER BY id LIMIT 700) few) picked ORDER BY md5(id::text)")),
      '\n');
}

// A plain connection of libpq, and the statements prepared on it.
struct Session {
  explicit Session(const std::string& conninfo) : connection(conninfo) {
    pqxx::nontransaction(connection).exec("SET search_path = registry; SET jit = off");
  }
  pqxx::connection connection;
  std::map<std::string, std::string> prepared;
};

// The service's statements in a transaction of such a session.
class PlainTx : public pg::Tx {
 public:
  explicit PlainTx(Session& session) : session_(session), work_(session.connection) {}
  using pg::Tx::Query;
  absl::StatusOr<pqxx::result> Query(std::string_view sql, const pg::Params& params) override {
    const std::string text(sql);
    auto& prepared = session_.prepared;
    const auto [known, fresh] = prepared.try_emplace(text, absl::StrCat("s", prepared.size()));
    if (fresh) session_.connection.prepare(known->second, text);
    std::vector<std::string> values;
    for (const auto& value : params.values()) values.push_back(*value);
    return work_.exec_prepared(known->second, pqxx::prepare::make_dynamic_params(values));
  }
  absl::Status Unscoped(std::string_view, const std::function<absl::Status()>& body) override {
    return body();
  }
  absl::Status Defer(std::string_view, const pg::Params&) override { return No(); }
  absl::Status DeferDemand(std::string_view, const pg::Params&) override { return No(); }
  absl::StatusOr<int64_t> CopyIn(std::string_view, const std::vector<std::string>&,
                                 const std::function<bool(pg::CopyRow&)>&) override {
    return No();
  }
  absl::Status Script(std::string_view) override { return No(); }
  absl::Status Savepoint(const std::function<absl::Status()>&) override { return No(); }

 private:
  static absl::Status No() { return absl::UnimplementedError("the yardstick only reads"); }

  Session& session_;
  pqxx::work work_;
};

// How many a query finds.
size_t Find(PlainTx& tx, const std::string& query) {
  auto asked = registry::SearchWords(tx, query);
  if (!asked.ok()) Die(asked.status().ToString());
  const auto words = registry::WithoutImplied(*std::move(asked));
  const auto run = [&](const std::string& condition, const pg::Params& params) -> size_t {
    const auto rows = tx.Query(absl::StrCat("SELECT * FROM person WHERE ", condition), params);
    if (!rows.ok()) Die(rows.status().ToString());
    return rows->size();
  };
  size_t found = 0;
  if (words.size() == 1) {
    auto params = pg::Params::Of(kRegion);
    const std::string condition =
        registry::FamilyCondition(words.front(), nullptr, kFound, &params);
    found = run(condition, params);
  }
  if (found == kFound) return found;
  const auto ids =
      registry::FindBeginnings(tx, kRegion, words, nullptr, kFound - static_cast<int>(found));
  if (!ids.ok()) Die(ids.status().ToString());
  if (ids->empty()) return found;
  auto params = pg::Params::Of(kRegion);
  const std::string people = registry::PeopleCondition(*ids, &params);
  return found + run(people, params);
}

// Searches again and again; seconds of each.
std::vector<double> Yardstick(const std::vector<std::string>& queries, size_t first,
                              absl::Time end) {
  Session session(e2e::System::Shared().conninfo());
  std::vector<double> seconds;
  for (size_t at = first; absl::Now() < end; ++at) {
    const absl::Time begin = absl::Now();
    PlainTx tx(session);
    if (Find(tx, queries[at % queries.size()]) == 0) Die("a query finds nobody");
    seconds.push_back(absl::ToDoubleSeconds(absl::Now() - begin));
  }
  return seconds;
}

double Quantile(std::vector<double>& seconds, double part) {
  if (seconds.empty()) Die("nothing was measured");
  const auto at = seconds.begin() + static_cast<int64_t>(part * (seconds.size() - 1));
  std::nth_element(seconds.begin(), at, seconds.end());
  return *at;
}

}  // namespace

void BenchSearch(const Options& options, std::vector<Figure>* figures) {
  auto& system = e2e::System::Shared();
  FillPeople(options.people);
  const auto queries = Queries();
  Load load{.target = system.target("registry"),
            .method = "rsnms.registry.v1.People/SearchPersons",
            .token = system.Token("administrator", "*"),
            .requests = {},
            .callers = kSearchers,
            .connections = kSearchers};
  for (const std::string& query : queries) {
    registry::v1::SearchPersonsRequest request;
    request.set_parent(absl::StrCat("regions/", kRegion));
    request.set_query(query);
    load.requests.push_back(request.SerializeAsString());
  }
  const auto duration = absl::Seconds(options.seconds);
  LeanCall(load, duration);  // warm
  std::vector<double> ours, theirs;
  for (int round = 0; round < options.rounds; ++round) {
    const auto calls = LeanCall(load, duration).seconds;
    ours.insert(ours.end(), calls.begin(), calls.end());
    std::vector<std::vector<double>> parts(kSearchers);
    std::vector<std::thread> searchers;
    const absl::Time end = absl::Now() + duration;
    for (size_t i = 0; i < parts.size(); ++i) {
      searchers.emplace_back([&, i] { parts[i] = Yardstick(queries, i * 83, end); });
    }
    for (auto& searcher : searchers) searcher.join();
    for (const auto& part : parts) theirs.insert(theirs.end(), part.begin(), part.end());
  }
  for (const auto& [name, part] : {std::pair{"p50", 0.5}, {"p99", 0.99}}) {
    figures->push_back({absl::StrCat("Search by name among ", options.people, " people, ",
                                     kSearchers, " callers, ", name),
                        "the same SQL through libpq, without the record of who read", "ms",
                        Quantile(ours, part) * 1000, Quantile(theirs, part) * 1000, 0, true});
  }
}

}  // namespace rsnms::bench
