#include "tools/rsnmsctl/profile.h"

#include <cstdio>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "rsnms/registry/v1/municipality.pb.h"
#include "rsnms/registry/v1/region.pb.h"
#include "rsnms/registry/v1/system_profile_file.pb.h"
#include "tools/rsnmsctl/act_files.h"
#include "tools/rsnmsctl/screen.h"

namespace rsnms::ctl {
namespace {

namespace v1 = registry::v1;

constexpr char kRegistry[] = "rsnms.registry.v1.Registry/";
constexpr char kStructure[] = "rsnms.registry.v1.Structure/";

// --- loading

// Creates what the answer to `get` says is absent.
template <class Resource, class Get, class Create>
absl::Status Found(Session& session, const char* noun, const Get& get, const Create& create) {
  Resource found;
  const auto status = session.Call(absl::StrCat(kRegistry, "Get", noun), get, &found);
  if (!absl::IsNotFound(status)) return status;
  return session.Call(absl::StrCat(kRegistry, "Create", noun), create, &found);
}

absl::Status FoundHome(Session& session, const v1::SystemProfileFile& file) {
  const std::string region = absl::StrCat("regions/", file.region_code());
  v1::GetRegionRequest get;
  get.set_name(region);
  v1::CreateRegionRequest create;
  create.set_region_id(file.region_code());
  create.mutable_region()->set_official_name(file.region_title());
  if (auto s = Found<v1::Region>(session, "Region", get, create); !s.ok()) return s;
  const std::string& oktmo = file.municipality_oktmo_code();
  if (oktmo.empty()) return absl::OkStatus();
  v1::GetMunicipalityRequest get_municipality;
  get_municipality.set_name(absl::StrCat(region, "/municipalities/", oktmo));
  v1::CreateMunicipalityRequest municipality;
  municipality.set_parent(region);
  municipality.set_municipality_id(oktmo);
  municipality.mutable_municipality()->set_official_name(file.municipality_title());
  municipality.mutable_municipality()->set_kind(v1::MUNICIPALITY_KIND_URBAN_OKRUG);
  return Found<v1::Municipality>(session, "Municipality", get_municipality, municipality);
}

absl::Status LoadOne(Session& session, const std::string& path, bool dry_run, Table& table) {
  v1::SystemProfileFile file;
  if (auto s = ReadTextFile(path, &file); !s.ok()) return s;
  if (!dry_run) {
    if (auto s = FoundHome(session, file); !s.ok()) return s;
  }
  v1::LoadSystemProfileRequest request;
  request.set_parent(absl::StrCat("regions/", file.region_code()));
  *request.mutable_file() = file;
  request.set_request_id(NewRequestId());
  request.set_validate_only(dry_run);
  v1::LoadSystemProfileResponse done;
  if (auto s = session.Call(absl::StrCat(kStructure, "LoadSystemProfile"), request, &done); !s.ok())
    return s;
  if (session.json()) {
    std::puts(ToJson(done).c_str());
    return absl::OkStatus();
  }
  table.Add({file.region_code(), file.code(), absl::StrCat(done.subjects()),
             absl::StrCat(done.functions()), absl::StrCat(done.created()),
             absl::StrCat(done.updated()), absl::StrCat(done.unchanged()),
             absl::StrCat(done.deleted())});
  return absl::OkStatus();
}

// --- showing

absl::StatusOr<std::string> FindProfile(Session& session, const ProfileOptions& options) {
  if (options.codes.size() != 1) return absl::InvalidArgumentError("назовите одно положение");
  v1::ListSystemProfilesRequest request;
  request.set_parent(
      absl::StrCat("regions/", options.region.empty() ? std::string("-") : options.region));
  request.set_page_size(1000);
  v1::ListSystemProfilesResponse page;
  if (auto s = session.Call(absl::StrCat(kStructure, "ListSystemProfiles"), request, &page);
      !s.ok())
    return s;
  std::vector<std::string> found;
  for (const auto& profile : page.system_profiles()) {
    if (absl::EndsWith(profile.name(), "/systemProfiles/" + options.codes[0]))
      found.push_back(profile.name());
  }
  if (found.size() == 1) return found[0];
  if (found.empty()) return absl::NotFoundError("положение не загружено: " + options.codes[0]);
  return absl::InvalidArgumentError("положение есть в нескольких регионах: добавьте --region");
}

absl::StatusOr<absl::CivilDay> DayOf(const std::string& text) {
  absl::CivilDay day = absl::ToCivilDay(absl::Now(), absl::LocalTimeZone());
  if (text.empty() || absl::ParseCivilTime(text, &day)) return day;
  return absl::InvalidArgumentError("дата пишется как 2026-09-01: " + text);
}

absl::StatusOr<v1::FunctionsReport> Report(Session& session, const ProfileOptions& options) {
  const auto profile = FindProfile(session, options);
  if (!profile.ok()) return profile.status();
  const auto day = DayOf(options.date);
  if (!day.ok()) return day.status();
  v1::ReportFunctionsRequest request;
  request.set_parent(profile->substr(0, profile->find("/systemProfiles")));
  request.set_profile(*profile);
  request.mutable_as_of_date()->set_year(static_cast<int>(day->year()));
  request.mutable_as_of_date()->set_month(day->month());
  request.mutable_as_of_date()->set_day(day->day());
  v1::FunctionsReport report;
  auto s = session.Call(absl::StrCat(kStructure, "ReportFunctions"), request, &report);
  if (!s.ok()) return s;
  return report;
}

const char* LevelTitle(v1::SubjectLevel level) {
  switch (level) {
    case v1::SUBJECT_LEVEL_FEDERAL:
      return "федеральный";
    case v1::SUBJECT_LEVEL_REGION:
      return "региональный";
    case v1::SUBJECT_LEVEL_DISTRICT:
      return "окружной";
    case v1::SUBJECT_LEVEL_MUNICIPALITY:
      return "муниципальный";
    case v1::SUBJECT_LEVEL_ORGANISATION:
      return "институциональный";
    case v1::SUBJECT_LEVEL_ANY:
      return "любой уровень";
    case v1::SUBJECT_LEVEL_DISTRICT_OR_MUNICIPALITY:
      return "окружной или муниципальный";
    case v1::SUBJECT_LEVEL_ORGANISATION_OR_MUNICIPALITY:
      return "институциональный или муниципальный";
    default:
      return "";
  }
}

const char* StandingTitle(v1::SubjectStanding standing) {
  switch (standing) {
    case v1::SUBJECT_STANDING_BODY:
      return "организация";
    case v1::SUBJECT_STANDING_UNIT:
      return "подразделение";
    case v1::SUBJECT_STANDING_COMMUNITY:
      return "объединение";
    case v1::SUBJECT_STANDING_ROLE:
      return "роль";
    case v1::SUBJECT_STANDING_STATUS:
      return "статус";
    default:
      return "";
  }
}

std::string NameOf(const v1::SystemSubject& subject) {
  if (subject.abbreviation().empty()) return subject.official_name();
  return absl::StrCat(subject.official_name(), " (", subject.abbreviation(), ")");
}

void PrintHeading(const v1::FunctionsReport& report) {
  const v1::SystemProfile& profile = report.profile();
  std::puts(profile.title().c_str());
  std::string act = profile.act().kind();
  if (profile.act().has_date()) {
    absl::StrAppend(&act, " от ", absl::Dec(profile.act().date().day(), absl::kZeroPad2), ".",
                    absl::Dec(profile.act().date().month(), absl::kZeroPad2), ".",
                    profile.act().date().year());
  }
  if (!profile.act().number().empty()) absl::StrAppend(&act, " № ", profile.act().number());
  std::printf("%s\nСубъектов: %d, функций: %d\n\n", act.c_str(), report.subjects_size(),
              report.rows_size());
}

using Children = std::map<std::string, std::vector<const v1::SubjectCoverage*>>;

void PrintBranch(const Children& children, const std::string& parent, const std::string& indent) {
  const auto found = children.find(parent);
  if (found == children.end()) return;
  for (const auto* node : found->second) {
    const bool last = node == found->second.back(), top = parent.empty();
    const v1::SystemSubject& subject = node->subject();
    std::printf("%s%s%s – %s уровень, %s; п. %s; функций: %d; исполнителей: %d%s%s\n",
                indent.c_str(), top ? "" : (last ? "└─ " : "├─ "), NameOf(subject).c_str(),
                LevelTitle(subject.level()), StandingTitle(subject.standing()),
                subject.clause().c_str(), node->functions(), node->organisations_size(),
                subject.host().empty() ? "" : "; на базе: ", subject.host().c_str());
    PrintBranch(children, subject.name(),
                top ? indent : absl::StrCat(indent, last ? "   " : "│  "));
  }
}

void PrintRow(const v1::FunctionsReportRow& row, const std::map<std::string, std::string>& names) {
  const v1::FunctionAssignment& function = row.function();
  std::printf("  %-12s %s%s\n", function.clause().c_str(), function.text().c_str(),
              row.covered() ? "" : "  [исполнителя нет]");
  if (row.partner_names_size() > 0) {
    std::printf(
        "  %-12s %s: %s\n", "",
        function.joint_form() == v1::JOINT_FORM_INTERACTION ? "во взаимодействии" : "совместно",
        absl::StrJoin(row.partner_names(), ", ").c_str());
  }
  if (function.parties_size() > 0)
    std::printf("  %-12s стороны: %s\n", "", absl::StrJoin(function.parties(), "; ").c_str());
  if (const auto to = names.find(function.deliver_to()); to != names.end())
    std::printf("  %-12s передаётся: %s\n", "", to->second.c_str());
}

void PrintMatrix(const v1::FunctionsReport& report, bool uncovered) {
  std::map<std::string, std::string> names;
  for (const auto& subject : report.subjects())
    names[subject.subject().name()] = NameOf(subject.subject());
  std::string subject;
  for (const auto& row : report.rows()) {
    if (uncovered && row.covered()) continue;
    if (row.function().subject() != subject) {
      subject = row.function().subject();
      std::printf("%s\n", names[subject].c_str());
    }
    PrintRow(row, names);
  }
  std::printf("\nФункций: %d, из них без исполнителя: %d\n", report.rows_size(),
              report.uncovered_functions_size());
  std::printf("Совместных связей: %d, без ответной отметки: %d\n", report.joint_links(),
              report.one_sided_links_size());
  for (const auto& link : report.one_sided_links())
    std::printf("  предупреждение: %s\n", link.text().c_str());
}

}  // namespace

absl::Status LoadProfiles(Session& session, const ProfileOptions& options) {
  ActFiles files;
  files.directory = options.directory;
  files.codes = options.codes;
  const auto paths = PathsOf(files);
  if (!paths.ok()) return paths.status();
  Table table({"регион", "положение", "субъектов", "функций", "создано", "изменено",
               "без изменений", "исключено"});
  absl::Status status;
  for (const std::string& path : *paths) {
    status = LoadOne(session, path, options.dry_run, table);
    if (!status.ok()) break;
  }
  if (!session.json()) table.Print();
  return status;
}

absl::Status PrintSubjects(Session& session, const ProfileOptions& options) {
  const auto report = Report(session, options);
  if (!report.ok()) return report.status();
  if (session.json()) {
    for (const auto& subject : report->subjects()) std::puts(ToJson(subject).c_str());
    return absl::OkStatus();
  }
  PrintHeading(*report);
  Children children;
  for (const auto& subject : report->subjects())
    children[subject.subject().parent()].push_back(&subject);
  PrintBranch(children, "", "");
  return absl::OkStatus();
}

absl::Status PrintFunctions(Session& session, const ProfileOptions& options) {
  const auto report = Report(session, options);
  if (!report.ok()) return report.status();
  if (session.json()) {
    for (const auto& row : report->rows()) {
      if (!options.uncovered || !row.covered()) std::puts(ToJson(row).c_str());
    }
    return absl::OkStatus();
  }
  PrintHeading(*report);
  PrintMatrix(*report, options.uncovered);
  return absl::OkStatus();
}

}  // namespace rsnms::ctl
