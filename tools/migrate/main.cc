// rsnms_migrate: applies, undoes and lists the migrations of one service.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "libs/pg/migrate.h"

namespace {

using rsnms::pg::MigrateOptions;

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::fprintf(stderr, "rsnms_migrate: %s\n", std::string(status.message()).c_str());
  return 1;
}

int Status(const MigrateOptions& options) {
  auto versions = rsnms::pg::AppliedVersions(options.conninfo, options.schema);
  if (!versions.ok()) return Report(versions.status());
  for (const auto& set : options.sets) {
    std::printf("%s %s %d\n", options.schema.c_str(), set.family.c_str(), (*versions)[set.family]);
  }
  return Report(rsnms::pg::CheckVersion(options.conninfo, options.schema, options.sets));
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Migrations of one service's schema"};
  MigrateOptions options;
  std::string root = ".";
  std::string family;
  int version = 0;
  app.add_option("--database", options.conninfo,
                 "libpq connection string of a role that may create roles and schemas")
      ->required();
  app.add_option("--root", root, "directory that holds libs/journal/migrations and services/");
  app.add_option("--service", options.schema, "service, whose schema has the same name")
      ->required();
  auto* up = app.add_subcommand("up", "apply what is missing");
  auto* down = app.add_subcommand("down", "undo the last migrations");
  down->add_option("--family", family, "platform or the service's name (default)");
  down->add_option("--to", version, "version to stand at afterwards")->required();
  auto* status =
      app.add_subcommand("status", "print versions; fails when a service would refuse to start");
  app.require_subcommand(1);
  CLI11_PARSE(app, argc, argv);

  options.sets = {{"platform", root + "/libs/journal/migrations"},
                  {options.schema, root + "/services/" + options.schema + "/migrations"}};
  if (*up) return Report(rsnms::pg::MigrateUp(options));
  if (*status) return Status(options);
  if (*down) {
    return Report(
        rsnms::pg::MigrateDown(options, family.empty() ? options.schema : family, version));
  }
  return 2;
}
