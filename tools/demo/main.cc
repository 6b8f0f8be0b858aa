// rsnms_demo: writes an invented country as files, one per collection.
#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "tools/demo/activities.h"
#include "tools/demo/generator.h"
#include "tools/demo/writer.h"

namespace rsnms::demo {
namespace {

struct Target {
  std::filesystem::path directory;
  FileFormat format;
};

// All regions go into one file: names tell them apart.
template <class R>
bool WriteFile(const Target& target, const std::string& collection, const Generator& generator,
               const std::function<Stream<R>(int)>& stream) {
  const std::map<FileFormat, std::string> extensions = {
      {FileFormat::kNdjson, ".ndjson"}, {FileFormat::kCsv, ".csv"}, {FileFormat::kBinary, ".pb"}};
  std::ofstream out(target.directory / (collection + extensions.at(target.format)),
                    std::ios::binary);
  R resource;
  int region = 0;
  Stream<R> next = stream(0);
  const auto advance = [&] {
    while (!next(&resource)) {
      if (++region == generator.regions()) return false;
      next = stream(region);
    }
    return true;
  };
  auto written = Write(target.format, resource, advance, out);
  if (!written.ok()) {
    std::cerr << "rsnms_demo: " << collection << ": " << written.status().message() << "\n";
    return false;
  }
  std::cerr << collection << ": " << *written << "\n";
  return true;
}

// Stories are calls, not records: one in a line, `{"method": …, "request": {…}}`, in the order they
// are made. Methodologists are not among them: who has learned is known to a living system only.
bool WriteStories(const Target& target, const Generator& generator) {
  std::ofstream out(target.directory / "activities.ndjson", std::ios::binary);
  int64_t calls = 0;
  for (int region = 0; region < generator.regions(); ++region) {
    const Activities activities(generator, region, /*limit=*/0);
    for (const Activity kind : kActivities) {
      for (int64_t i = 0; i < activities.Count(kind); ++i) {
        for (const Step& step : activities.Tell(kind, i)) {
          std::string request;
          (void)google::protobuf::util::MessageToJsonString(*step.request, &request);
          out << R"({"method":")" << step.method << R"(","request":)" << request << "}\n";
          ++calls;
        }
      }
    }
  }
  std::cerr << "activities: " << calls << "\n";
  return static_cast<bool>(out.flush());
}

Stream<registry::v1::MmsStaffMember> StaffOf(const Generator& generator, int region) {
  auto activities = std::make_shared<Activities>(generator, region, /*limit=*/0);
  return [activities, next = activities->ServiceStaff()](registry::v1::MmsStaffMember* out) {
    return next(out);
  };
}

Stream<registry::v1::Region> OneRegion(const Generator& generator, int region) {
  return [&generator, region, done = false](registry::v1::Region* out) mutable {
    if (done) return false;
    *out = generator.Region(region);
    return done = true;
  };
}

bool WriteAll(const Target& target, const Generator& g) {
  using namespace registry::v1;  // NOLINT(google-build-using-namespace): the collections
  return WriteFile<Region>(target, "regions", g, [&](int r) { return OneRegion(g, r); }) &&
         WriteFile<Municipality>(target, "municipalities", g,
                                 [&](int r) { return g.Municipalities(r); }) &&
         WriteFile<Organisation>(target, "organisations", g,
                                 [&](int r) { return g.Organisations(r); }) &&
         WriteFile<OrganisationLink>(target, "organisationLinks", g,
                                     [&](int r) { return g.Links(r); }) &&
         WriteFile<Person>(target, "persons", g, [&](int r) { return g.Persons(r); }) &&
         WriteFile<Employment>(target, "employments", g, [&](int r) { return g.Employments(r); }) &&
         WriteFile<SupportRecord>(target, "supportRecords", g,
                                  [&](int r) { return g.SupportRecords(r); }) &&
         WriteFile<ManagementTeam>(target, "managementTeams", g,
                                   [&](int r) { return g.Teams(r); }) &&
         WriteFile<MmsStaffMember>(target, "mmsStaffMembers", g,
                                   [&](int r) { return StaffOf(g, r); }) &&
         WriteStories(target, g);
}

}  // namespace
}  // namespace rsnms::demo

int main(int argc, char** argv) {
  using namespace rsnms::demo;  // NOLINT(google-build-using-namespace): the program itself
  CLI::App app{
      "Выдуманный регион: организации, педагоги, должности, поддержка, управленческие команды."};
  Options options;
  std::string as_of, directory = ".";
  FileFormat format = FileFormat::kNdjson;
  app.add_option("--seed", options.seed, "Число, от которого зависят все данные")
      ->capture_default_str();
  app.add_option("--educators", options.educators, "Сколько педагогов и руководителей, 100…2500000")
      ->capture_default_str();
  app.add_option("--regions", options.regions, "Коды регионов через запятую; all: все 89")
      ->delimiter(',');
  app.add_option("--as-of", as_of, "День, который описывают данные, ГГГГ-ММ-ДД");
  app.add_option("--format", format, "ndjson, csv или pb")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, FileFormat>{{"ndjson", FileFormat::kNdjson},
                                                                    {"csv", FileFormat::kCsv},
                                                                    {"pb", FileFormat::kBinary}}));
  app.add_option("--out", directory, "Каталог для файлов")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (!as_of.empty() && !absl::ParseCivilTime(as_of, &options.as_of)) {
    std::cerr << "rsnms_demo: --as-of: дата записывается как 2026-09-01\n";
    return 2;
  }
  if (options.regions == std::vector<std::string>{"all"}) {
    options.regions.clear();
    for (const RegionPlace& region : AllRegions()) options.regions.emplace_back(region.code);
  }
  auto generator = Generator::Create(options);
  if (!generator.ok()) {
    std::cerr << "rsnms_demo: " << generator.status().message() << "\n";
    return 2;
  }
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  return WriteAll({.directory = directory, .format = format}, **generator) ? 0 : 1;
}
