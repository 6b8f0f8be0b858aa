// A region from files, and a tree as it stood on a date.
#include <filesystem>
#include <pqxx/pqxx>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/bench/bench.h"
#include "tests/bench/lean_client.h"
#include "tests/e2e/system.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::bench {
namespace {

constexpr char kFrom[] = "56", kInto[] = "22", kForest[] = "55";

e2e::Outcome Ctl(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {"--timeout", "3600"});
  auto outcome = e2e::System::Shared().Ctl(arguments);
  if (outcome.exit_code != 0) Die(absl::StrCat(outcome.out, outcome.err));
  return outcome;
}

// An invented region as tables in a directory, as people would send them.
std::string WriteFiles(int64_t educators) {
  auto& system = e2e::System::Shared();
  ctl::Settings settings;
  for (const auto* service : {"registry", "programs"})
    settings.targets[service] = system.target(service);
  settings.token = system.Token("administrator", "*");
  settings.timeout_seconds = 3600;
  ctl::Session session(settings);
  ctl::DemoOptions demo;
  demo.region = kFrom;
  demo.educators = educators;
  if (const auto loaded = ctl::LoadDemo(session, demo); !loaded.ok())
    Die(std::string(loaded.status().message()));
  const std::string directory =
      absl::StrCat(std::filesystem::absolute(system.directory()).string(), "/tables");
  std::filesystem::create_directories(directory);
  for (const std::string collection : {"organisations", "persons", "employments"}) {
    Ctl({"export", collection, absl::StrCat(directory, "/", collection, ".csv"), "--region",
         kFrom});
  }
  return directory;
}

void CreateRegion(const std::string& code) {
  auto& system = e2e::System::Shared();
  registry::v1::CreateRegionRequest request;
  request.set_parent("regions/" + code);
  request.set_region_id(code);
  request.mutable_region()->set_official_name("Край");
  registry::v1::Region made;
  const auto status = system.Connect("registry", system.Token("administrator", "*"))
                          ->Unary(absl::StrCat(kRegistry, "CreateRegion"), request, &made, Soon());
  if (!status.ok()) Die(std::string(status.message()));
}

// Bodies and links of a tree: every body but the first stands under one about a thirtieth of its
// number; a third of them stood elsewhere until 2024.
void FillForest(int64_t bodies) {
  CreateRegion(kForest);
  Psql(absl::StrCat(
      "SET session_replication_role = replica; "
      "CREATE TEMP TABLE body AS SELECT n, gen_random_uuid() AS id, n / 30 AS above "
      "  FROM generate_series(0, ",
      bodies - 1,
      ") n; "
      "INSERT INTO registry.organisation (region_code, id, version, create_time, update_time, "
      "  official_name, short_name, kind, inn, kpp, ogrn, founded_date) "
      "SELECT '",
      kForest,
      "', id, 1, now(), now(), 'Школа № ' || n, 'Школа ' || n, 'SCHOOL', '', "
      "  '', '', '2001-09-01' FROM body; "
      "INSERT INTO registry.organisation_link (region_code, id, version, create_time, update_time, "
      "  child_id, parent_id, hierarchy, valid_from_date, valid_until_date, basis_document) "
      "SELECT '",
      kForest,
      "', gen_random_uuid(), 1, now(), now(), b.id, a.id, 'ADMINISTRATIVE', "
      "  from_date, until_date, '' "
      "  FROM body b, body a, (VALUES (DATE '2001-09-01', DATE '2024-08-31'), "
      "    ('2024-09-01', NULL)) AS t (from_date, until_date) "
      " WHERE b.n > 0 AND a.n = CASE WHEN b.n % 3 = 0 AND until_date IS NOT NULL "
      "   THEN b.above / 2 ELSE b.above END; "
      "ANALYZE registry.organisation, registry.organisation_link"));
}

std::string RecursiveSql(const std::string& root, const std::string& date) {
  const std::string held = absl::StrCat(
      "l.hierarchy = 'ADMINISTRATIVE' AND l.delete_time IS NULL AND l.valid_from_date <= '", date,
      "' AND coalesce(l.valid_until_date, 'infinity') >= '", date, "'");
  const std::string works =
      absl::StrCat("o.delete_time IS NULL AND coalesce(o.closed_date, 'infinity') >= '", date, "'");
  return absl::StrCat(
      "WITH RECURSIVE tree (id, parent_id, depth, official_name, kind) AS ("
      "SELECT o.id, NULL::uuid, 0, o.official_name, o.kind FROM registry.organisation o "
      " WHERE o.region_code = '",
      kForest, "' AND o.id = '", root, "' AND ", works,
      " UNION ALL "
      "SELECT o.id, l.parent_id, t.depth + 1, o.official_name, o.kind FROM tree t "
      "  JOIN registry.organisation_link l ON l.region_code = '",
      kForest, "' AND l.parent_id = t.id AND ", held,
      "  JOIN registry.organisation o ON o.region_code = l.region_code AND o.id = l.child_id AND ",
      works, ") SELECT * FROM tree");
}

}  // namespace

// Files of a whole region, without codes of records, through one command.
void BenchFiles(const Options& options, std::vector<Figure>* figures) {
  const std::string directory = WriteFiles(options.file_educators);
  CreateRegion(kInto);
  const std::string municipalities = directory + "-municipalities.csv";
  Ctl({"export", "municipalities", municipalities, "--region", kFrom});
  Ctl({"import", "municipalities", municipalities, "--region", kInto});
  const double ours = Seconds([&] {
    Ctl({"import", "--region", kInto, "--map", "Код записи=-", "--map", "Код работника=-", "--map",
         "Код организации=-", directory});
  });
  double rows = 0, theirs = 0;
  for (const char* table : {"organisation", "person", "employment"})
    theirs += CopySeconds(table, absl::StrCat("WHERE region_code = '", kInto, "'"), &rows);
  const std::string bodies = Psql(
      absl::StrCat("SELECT count(*) FROM registry.organisation WHERE region_code = '", kInto, "'"));
  figures->push_back({absl::StrCat("Region from CSV files in one command, ", options.file_educators,
                                   " educators, ", bodies, " organisations"),
                      "`\\copy` into the same columns and indexes", "rows/s", rows / ours,
                      rows / theirs, 0});
}

void BenchTree(const Options& options, std::vector<Figure>* figures) {
  auto& system = e2e::System::Shared();
  FillForest(options.tree_bodies);
  const std::string root =
      Psql(absl::StrCat("SELECT id FROM registry.organisation WHERE "
                        "region_code = '",
                        kForest, "' AND official_name = 'Школа № 0'"));
  registry::v1::GetOrganisationTreeRequest request;
  request.set_parent(absl::StrCat("regions/", kForest));
  request.set_hierarchy(registry::v1::HIERARCHY_ADMINISTRATIVE);
  request.mutable_as_of_date()->set_year(2023);
  request.mutable_as_of_date()->set_month(9);
  request.mutable_as_of_date()->set_day(1);
  const Load load{.target = system.target("registry"),
                  .method = absl::StrCat(kRegistry, "GetOrganisationTree"),
                  .token = system.Token("administrator", "*"),
                  .requests = {request.SerializeAsString()},
                  .callers = 1,
                  .connections = 1};
  const double ours =
      Median(options.rounds, [&] { return LeanRate(load, absl::Seconds(options.seconds)); });
  pqxx::connection connection(system.conninfo());
  pqxx::nontransaction read(connection);
  const std::string same = RecursiveSql(root, "2023-09-01");
  if (static_cast<int64_t>(read.exec(same).size()) != options.tree_bodies) Die("recursive SQL");
  const double theirs = 1 / Median(15, [&] { return Seconds([&] { read.exec(same); }); });
  figures->push_back({absl::StrCat("Tree of ", options.tree_bodies, " bodies on a date"),
                      "the tree by recursive SQL through libpq, unordered", "trees/s", ours, theirs,
                      0});
}

}  // namespace rsnms::bench
