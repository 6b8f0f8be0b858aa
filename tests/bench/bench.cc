// Speed of the whole path (client, server, PostgreSQL) against yardsticks measured in the same run.
//   tools/bench [--educators 200000] [--depth 1000000] [--seconds 5] [--only get,list]
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "grpc/health/v1/health.pb.h"
#include "rsnms/feed/v1/feed.pb.h"
#include "rsnms/registry/v1/registry_service.pb.h"
#include "tests/bench/bench.h"
#include "tests/bench/lean_client.h"
#include "tests/e2e/system.h"
#include "tools/rsnmsctl/steps.h"

namespace rsnms::bench {
namespace {

constexpr int kCallers = 64;

// The invented region 86 through the service.
double LoadRegion(const Options& options) {
  auto& system = e2e::System::Shared();
  ctl::Settings settings;
  for (const auto* service : {"registry", "diagnostics", "programs", "monitoring"}) {
    settings.targets[service] = system.target(service);
  }
  settings.token = system.Token("administrator", "*");
  settings.timeout_seconds = 3600;
  ctl::Session session(settings);
  ctl::DemoOptions demo;
  demo.educators = options.educators;
  return Seconds([&] {
    const auto loaded = ctl::LoadDemo(session, demo);
    if (!loaded.ok()) Die(std::string(loaded.status().message()));
  });
}

// Import through the service against \copy of the same rows into a table with the same columns and
// indexes.
void BenchImport(const Options& options, std::vector<Figure>* figures) {
  const double ours = LoadRegion(options);
  double rows = 0, theirs = 0;
  for (const std::string table : {"municipality", "organisation", "organisation_link", "person",
                                  "employment", "support_record", "management_team"}) {
    theirs += CopySeconds(table, "", &rows);
  }
  figures->push_back({absl::StrCat("Import of a region, ", options.educators,
                                   " educators, validated and journalled"),
                      "`\\copy` into the same columns and indexes", "rows/s", rows / ours,
                      rows / theirs, 0.5});
}

// Rate of pgbench over one prepared SELECT by primary key.
double Pgbench(const std::string& sql, int seconds) {
  auto& system = e2e::System::Shared();
  const std::string script = system.directory() + "/pgbench.sql";
  std::ofstream(script) << sql << ";\n";
  const auto outcome =
      e2e::System::Run({"pgbench", "-n", "-M", "prepared", "-c", absl::StrCat(kCallers), "-j", "2",
                        "-T", absl::StrCat(seconds), "-f", script, system.conninfo()});
  const size_t at = outcome.out.find("tps = ");
  if (outcome.exit_code != 0 || at == std::string::npos) Die(outcome.err);
  return std::stod(outcome.out.substr(at + 6));
}

void BenchGet(const Options& options, std::vector<Figure>* figures) {
  auto& system = e2e::System::Shared();
  const std::vector<std::string> ids = absl::StrSplit(
      Psql("SELECT id FROM registry.organisation WHERE region_code = '86' ORDER BY id LIMIT 256"),
      '\n');
  Load get{.target = system.target("registry"),
           .method = absl::StrCat(kRegistry, "GetOrganisation"),
           .token = system.Token("administrator", "*"),
           .requests = {},
           .callers = kCallers};
  for (const auto& id : ids) {
    registry::v1::GetOrganisationRequest request;
    request.set_name(absl::StrCat("regions/86/organisations/", id));
    get.requests.push_back(request.SerializeAsString());
  }
  const Load nothing{.target = get.target,
                     .method = "grpc.health.v1.Health/Check",
                     .token = "",
                     .requests = {""},
                     .callers = kCallers};
  const auto duration = absl::Seconds(options.seconds);
  std::vector<double> ours, empty, theirs;
  for (int round = 0; round < options.rounds; ++round) {
    ours.push_back(LeanRate(get, duration));
    empty.push_back(LeanRate(nothing, duration));
    theirs.push_back(Pgbench(
        absl::StrCat("SELECT * FROM registry.organisation WHERE region_code = '86' AND id = '",
                     ids[0], "'"),
        options.seconds));
  }
  const auto middle = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
  };
  figures->push_back({"Get, 64 callers", "`pgbench -M prepared`, same table", "calls/s",
                      middle(ours), middle(theirs), 0.7});
  figures->push_back({"Get, 64 callers", "an empty RPC of the same server", "calls/s", middle(ours),
                      middle(empty), 0.8});
  figures->push_back({"Empty RPC, 64 callers", "`pgbench -M prepared`, same table", "calls/s",
                      middle(empty), middle(theirs), 0});
}

// Rows of a region of its own, put there by plain SQL: only reading them is measured.
void FillRegion(const std::string& region, int64_t organisations) {
  Psql(absl::StrCat(
      "INSERT INTO registry.region SELECT '", region, "', '", region,
      "', version, create_time, update_time, NULL, official_name, oktmo_code, time_zone "
      "FROM registry.region WHERE id = '86'; "
      "INSERT INTO registry.organisation SELECT '",
      region,
      "', gen_random_uuid(), 1, now(), now(), NULL, 'Школа № ' || n, 'Школа ' || n, kind, NULL, "
      "'', '', '', founded_date, NULL FROM generate_series(1, ",
      organisations,
      ") n, (SELECT * FROM registry.organisation WHERE region_code = '86' LIMIT 1) o; "
      "ANALYZE registry.organisation"));
}

// A page of 1 000 at the beginning and deep inside, against the same SQL through libpq.
void BenchList(const Options& options, std::vector<Figure>* figures) {
  auto& system = e2e::System::Shared();
  FillRegion("89", options.depth + 2000);
  Load load{.target = system.target("registry"),
            .method = absl::StrCat(kRegistry, "ListOrganisations"),
            .token = system.Token("administrator", "*"),
            .requests = {},
            .callers = 1,
            .connections = 1};
  auto client = system.Connect("registry", load.token);
  registry::v1::ListOrganisationsRequest request;
  request.set_parent("regions/89");
  request.set_page_size(1000);
  registry::v1::ListOrganisationsResponse page;
  pqxx::connection connection(system.conninfo());
  for (int64_t depth = 0; depth <= options.depth; depth += 1000) {
    if (!client->Unary(load.method, request, &page, Soon()).ok()) Die("ListOrganisations");
    if (depth == 0 || depth == options.depth) {
      load.requests = {request.SerializeAsString()};
      const double ours = LeanRate(load, absl::Seconds(options.seconds));
      const std::string first = page.organisations(0).name();
      const std::string same = absl::StrCat(
          "SELECT * FROM registry.organisation WHERE region_code = '89' AND delete_time IS NULL "
          "AND id >= '",
          first.substr(first.rfind('/') + 1), "' ORDER BY id LIMIT 1001");
      pqxx::nontransaction read(connection);
      const double theirs = 1 / Median(101, [&] { return Seconds([&] { read.exec(same); }); });
      figures->push_back({absl::StrCat("List, page of 1 000 at depth ", depth),
                          "the same SQL through libpq", "pages/s", ours, theirs, 0.7});
    }
    request.set_page_token(page.next_page_token());
  }
}

// The whole feed of the registry against a plain SELECT of its journal.
void BenchFeed(const Options&, std::vector<Figure>* figures) {
  auto& system = e2e::System::Shared();
  auto client = system.Connect("registry", system.Token("service", "*"));
  feed::v1::FeedState state;
  if (!client
           ->Unary("rsnms.feed.v1.ChangeFeed/GetFeedState", feed::v1::GetFeedStateRequest(), &state,
                   Soon())
           .ok()) {
    Die("GetFeedState");
  }
  const auto total = static_cast<double>(state.sealed_position());
  const double ours = total / Seconds([&] {
                        feed::v1::StreamChangesRequest request;
                        request.set_epoch(state.epoch());
                        feed::v1::StreamChangesResponse batch;
                        const auto status = client->ServerStream(
                            "rsnms.feed.v1.ChangeFeed/StreamChanges", request, &batch,
                            [&] { return batch.next_position() < state.sealed_position(); });
                        if (!status.ok()) Die("StreamChanges");
                      });
  pqxx::connection connection(system.conninfo());
  pqxx::nontransaction read(connection);
  const double theirs =
      total / Seconds([&] {
        for (int64_t seq = 0; seq >= 0;) {
          const auto rows = read.exec(absl::StrCat("SELECT * FROM registry.journal WHERE seq > ",
                                                   seq, " ORDER BY seq LIMIT 5000"));
          seq = rows.empty() ? -1 : rows.back()["seq"].as<int64_t>();
        }
      });
  figures->push_back(
      {"Feed, from the first change", "plain SELECT of the journal", "rows/s", ours, theirs, 0.7});
}

// Each service started again over the region that was just loaded, left alone, and looked at.
std::string Footprint() {
  auto& system = e2e::System::Shared();
  std::string text = "\n| service | start until it serves | resident at rest |\n|---|---|---|\n";
  for (const std::string service : {"registry", "diagnostics", "programs", "monitoring"}) {
    system.Kill(service);
    const double seconds = Seconds([&] { system.Start(service); });
    absl::SleepFor(absl::Seconds(3));
    absl::StrAppendFormat(&text, "| %s | %.2f s | %.0f MiB |\n", service, seconds,
                          static_cast<double>(system.ResidentBytes(service)) / (1 << 20));
  }
  return text;
}

}  // namespace

bool Options::Wants(std::string_view job) const {
  return only.empty() ||
         absl::StrContains("," + only + ",", absl::StrCat(",", std::string(job), ","));
}

void Die(const std::string& what) {
  std::fprintf(stderr, "bench: %s\n", what.c_str());
  std::exit(1);
}

std::string Psql(const std::string& sql) {
  const auto outcome = e2e::System::Run(
      {"psql", "-qXAt", "-v", "ON_ERROR_STOP=1", e2e::System::Shared().conninfo(), "-c", sql});
  if (outcome.exit_code != 0) Die(absl::StrCat(sql, ": ", outcome.err));
  return std::string(absl::StripAsciiWhitespace(outcome.out));
}

double CopySeconds(const std::string& table, const std::string& condition, double* rows) {
  const std::string file =
      absl::StrCat(std::filesystem::absolute(e2e::System::Shared().directory()).string(), "/copy");
  const std::string from = absl::StrCat(" FROM registry.", table, " ", condition);
  *rows += std::stod(Psql("SELECT count(*)" + from));
  // Generated columns are the database's own on both sides.
  const std::string columns = Psql(absl::StrCat(
      "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = "
      "'registry.",
      table, "'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"));
  Psql(absl::StrCat("\\copy (SELECT ", columns, from, ") TO '", file, "'"));
  Psql(absl::StrCat("CREATE TABLE registry.yardstick_", table, " (LIKE registry.", table,
                    " INCLUDING ALL)"));
  const double seconds = Seconds([&] {
    Psql(absl::StrCat("\\copy registry.yardstick_", table, " (", columns, ") FROM '", file, "'"));
  });
  Psql(absl::StrCat("DROP TABLE registry.yardstick_", table));
  std::remove(file.c_str());
  return seconds;
}

int Main(int argc, char** argv) {
  CLI::App app("Benchmarks of RSNMS");
  Options options;
  app.add_option("--educators", options.educators, "size of the region");
  app.add_option("--depth", options.depth, "rows before the deep page of a list");
  app.add_option("--only", options.only,
                 "jobs to measure: import, get, list, feed, footprint, files, tree, search, sync");
  app.add_option("--file-educators", options.file_educators, "size of the region from files");
  app.add_option("--tree-bodies", options.tree_bodies, "size of the tree");
  app.add_option("--people", options.people, "how many are searched by name");
  app.add_option("--seconds", options.seconds, "length of a rate measurement");
  app.add_option("--rounds", options.rounds, "rate measurements, the median counts");
  CLI11_PARSE(app, argc, argv);
  std::vector<Figure> figures;
  if (options.Wants("import")) {
    BenchImport(options, &figures);
  } else if (options.Wants("get") || options.Wants("feed") || options.Wants("list") ||
             options.Wants("footprint")) {
    LoadRegion(options);  // which they read
  }
  if (options.Wants("get")) BenchGet(options, &figures);
  if (options.Wants("feed")) BenchFeed(options, &figures);
  if (options.Wants("list")) BenchList(options, &figures);
  if (options.Wants("files")) BenchFiles(options, &figures);
  if (options.Wants("tree")) BenchTree(options, &figures);
  if (options.Wants("search")) BenchSearch(options, &figures);
  if (options.Wants("sync")) BenchSync(options, &figures);
  std::printf("%s", Report(figures).c_str());
  if (options.Wants("footprint")) std::printf("%s", Footprint().c_str());
  return 0;
}

}  // namespace rsnms::bench

int main(int argc, char** argv) { return rsnms::bench::Main(argc, argv); }
