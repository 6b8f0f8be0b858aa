#include "services/monitoring/known_rows.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "rsnms/diagnostics/v1/route.pb.h"
#include "rsnms/diagnostics/v1/session.pb.h"
#include "rsnms/programs/v1/certificate.pb.h"
#include "rsnms/programs/v1/completion.pb.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/learning_record.pb.h"
#include "rsnms/programs/v1/learning_rules.pb.h"
#include "rsnms/programs/v1/programme.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/registry/v1/corporate_training.pb.h"
#include "rsnms/registry/v1/employment.pb.h"
#include "rsnms/registry/v1/management_team.pb.h"
#include "rsnms/registry/v1/organisation.pb.h"
#include "rsnms/registry/v1/person.pb.h"
#include "rsnms/registry/v1/support_record.pb.h"

namespace rsnms::monitoring {

namespace {

using feed::v1::Change;
// The table's own columns; nullopt when the image lacks what the table needs.
using Values = std::optional<std::vector<std::string>>;

constexpr char kQualityManagement[] = "education-quality-management";

std::string LastSegment(const std::string& name) {
  return std::string(name.substr(name.rfind('/') + 1));
}

bool IsUuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(text[i])) return false;
  }
  return true;
}

std::string Day(const google::type::Date& date) {
  if (date.year() == 0 || date.month() == 0 || date.day() == 0) return "";
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

// The day in UTC; empty when the time is unset.
std::string DayOf(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

std::string Flag(bool value) { return value ? "t" : "f"; }

// Enum value without the enum's prefix, as the engine stores it.
template <class Enum>
std::string Code(Enum value, const std::string& prefix) {
  const auto* found = google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(value);
  return found == nullptr ? "" : std::string(absl::StripPrefix(found->name(), prefix));
}

bool AllUuids(std::initializer_list<std::string> ids) {
  return std::all_of(ids.begin(), ids.end(), IsUuid);
}

Values Read(const registry::v1::Organisation& r) {
  return {
      {Code(r.kind(), "ORGANISATION_KIND_"), LastSegment(r.municipality()), Day(r.closed_date())}};
}

Values Read(const registry::v1::Person& r) {
  return {{Day(r.teaching_start_date()), Day(r.young_specialist_until_date())}};
}

Values Read(const registry::v1::Employment& r) {
  const std::string person = LastSegment(r.person()), body = LastSegment(r.organisation());
  if (!AllUuids({person, body}) || !r.has_start_date()) return std::nullopt;
  return {{person, body, Code(r.category(), "STAFF_CATEGORY_"), Flag(r.main()), Day(r.start_date()),
           Day(r.end_date())}};
}

Values Read(const registry::v1::SupportRecord& r) {
  const std::string person = LastSegment(r.person());
  if (!IsUuid(person) || !r.has_start_date()) return std::nullopt;
  return {{person, Day(r.start_date()), Day(r.end_date())}};
}

Values Read(const registry::v1::ManagementTeam& r) {
  const std::string body = LastSegment(r.organisation());
  if (!IsUuid(body) || !r.has_formed_date()) return std::nullopt;
  std::vector<std::string> members;
  for (const auto& member : r.members()) {
    if (auto id = LastSegment(member); IsUuid(id)) members.push_back(std::move(id));
  }
  return {{body, Day(r.formed_date()), Day(r.disbanded_date()), absl::StrJoin(members, ",")}};
}

Values Read(const diagnostics::v1::Session& r) {
  const std::string person = LastSegment(r.person()), campaign = LastSegment(r.campaign());
  if (!AllUuids({person, campaign})) return std::nullopt;
  const bool submitted = r.state() == diagnostics::v1::Session::STATE_SUBMITTED;
  return {{person, campaign, Flag(r.held_at_centre()), submitted ? Day(r.submit_date()) : ""}};
}

Values Read(const diagnostics::v1::Route& r) {
  using diagnostics::v1::Route;
  const std::string person = LastSegment(r.person());
  if (!IsUuid(person)) return std::nullopt;
  const bool approved = r.state() == Route::STATE_APPROVED || r.state() == Route::STATE_ACTIVE ||
                        r.state() == Route::STATE_PAUSED || r.state() == Route::STATE_COMPLETED;
  return {{person, Flag(r.on_centre_diagnostics()), approved ? Day(r.approve_date()) : ""}};
}

Values Read(const programs::v1::Programme& r) {
  const std::string provider = LastSegment(r.provider());
  const bool listed = r.register_state() == programs::v1::REGISTER_STATE_LISTED ||
                      (r.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN &&
                       r.has_register_withdrawn_date());
  const bool withdrawn = r.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN;
  return {{IsUuid(provider) ? provider : "", Code(r.kind(), "PROGRAMME_KIND_"), Flag(r.distance()),
           Flag(listed), Day(r.register_listed_date()),
           withdrawn ? Day(r.register_withdrawn_date()) : "", Flag(r.withdrawn())}};
}

Values Read(const programs::v1::Completion& r) {
  const std::string person = LastSegment(r.person()), programme = LastSegment(r.programme());
  const std::string route = LastSegment(r.route()), enrolment = LastSegment(r.enrolment());
  if (!AllUuids({person, programme}) || !r.has_completion_date()) return std::nullopt;
  const bool quality = std::find(r.topic_codes().begin(), r.topic_codes().end(),
                                 kQualityManagement) != r.topic_codes().end();
  return {{person, programme, IsUuid(route) ? route : "", Day(r.completion_date()),
           Flag(r.register_programme()), Flag(r.chosen_by_diagnostics()), Flag(quality),
           IsUuid(enrolment) ? enrolment : ""}};
}

// Learning is told to have been going on from a day, until the day it was finished.
Values Read(const programs::v1::Enrolment& r) {
  using programs::v1::Enrolment;
  const std::string person = LastSegment(r.person());
  if (!IsUuid(person)) return std::nullopt;
  const bool goes_on = r.state() == Enrolment::STATE_IN_PROGRESS;
  const bool ended =
      r.state() == Enrolment::STATE_COMPLETED || r.state() == Enrolment::STATE_FAILED;
  std::string from = Day(r.start_date()), until;
  if (from.empty()) from = Day(r.enrolled_date());
  if (from.empty() && goes_on) from = Day(r.state_date());
  if (from.empty() && goes_on) from = DayOf(r.state_time());
  if (ended) until = r.has_state_date() ? Day(r.state_date()) : DayOf(r.state_time());
  if (!goes_on && !ended) from.clear();
  return {{person, Flag(r.state() == Enrolment::STATE_VOID), from, until}};
}

Values Read(const programs::v1::Certificate& r) {
  const std::string completion = LastSegment(r.completion());
  if (!IsUuid(completion)) return std::nullopt;
  return {{completion, Flag(r.state() == programs::v1::Certificate::STATE_ISSUED)}};
}

Values Read(const programs::v1::ProgrammeVersion& r) {
  const std::string programme = LastSegment(r.programme());
  if (!IsUuid(programme)) return std::nullopt;
  return {{programme, Day(r.approval_date()), Day(r.submission_date()), Day(r.withdrawal_date())}};
}

Values Read(const registry::v1::CorporateTraining& r) {
  const std::string person = LastSegment(r.person());
  if (!IsUuid(person) || !r.has_end_date()) return std::nullopt;
  return {{person, absl::StrCat(r.hours()), Day(r.end_date())}};
}

// Accepted ones alone: nothing else counts.
Values Read(const programs::v1::LearningRecord& r) {
  const std::string person = LastSegment(r.person());
  if (!IsUuid(person) || r.state() != programs::v1::LearningRecord::STATE_ACCEPTED) {
    return std::nullopt;
  }
  return {{person, Code(r.kind(), "LEARNING_KIND_"), absl::StrCat(r.completed_hours()),
           Day(r.completion_date()), Day(r.acceptance_date())}};
}

Values Read(const programs::v1::LearningRules& r) {
  std::vector<std::string> kinds;
  for (const int kind : r.corporate_kinds()) {
    kinds.push_back(Code(static_cast<programs::v1::LearningKind>(kind), "LEARNING_KIND_"));
  }
  return {{r.has_corporate_hours_minimum() ? absl::StrCat(r.corporate_hours_minimum()) : "",
           r.has_year_start_month() ? absl::StrCat(r.year_start_month()) : "",
           absl::StrJoin(kinds, ","), Flag(r.registry_hours_excluded())}};
}

struct Reader {
  Known table;
  size_t width;  // of the table's own columns
  Values (*read)(const Change&);
  bool by_code = false;  // ids are codes, not UUIDs
};

template <class R>
Values ReadAs(const Change& change) {
  R image;
  if (!change.image().UnpackTo(&image)) return std::nullopt;
  return Read(image);
}

const absl::flat_hash_map<std::string, Reader>& Readers() {
  static const auto* const readers = new absl::flat_hash_map<std::string, Reader>{
      {"registry.rsnms/Organisation",
       {Known::kOrganisation, 3, ReadAs<registry::v1::Organisation>}},
      {"registry.rsnms/Person", {Known::kPerson, 2, ReadAs<registry::v1::Person>}},
      {"registry.rsnms/Employment", {Known::kEmployment, 6, ReadAs<registry::v1::Employment>}},
      {"registry.rsnms/SupportRecord", {Known::kSupport, 3, ReadAs<registry::v1::SupportRecord>}},
      {"registry.rsnms/ManagementTeam", {Known::kTeam, 4, ReadAs<registry::v1::ManagementTeam>}},
      {"diagnostics.rsnms/Session", {Known::kSession, 4, ReadAs<diagnostics::v1::Session>}},
      {"diagnostics.rsnms/Route", {Known::kRoute, 3, ReadAs<diagnostics::v1::Route>}},
      {"programs.rsnms/Programme", {Known::kProgramme, 7, ReadAs<programs::v1::Programme>}},
      {"programs.rsnms/Completion", {Known::kCompletion, 8, ReadAs<programs::v1::Completion>}},
      {"programs.rsnms/Enrolment", {Known::kEnrolment, 4, ReadAs<programs::v1::Enrolment>}},
      {"programs.rsnms/Certificate", {Known::kCertificate, 2, ReadAs<programs::v1::Certificate>}},
      {"programs.rsnms/ProgrammeVersion",
       {Known::kVersion, 4, ReadAs<programs::v1::ProgrammeVersion>}},
      {"registry.rsnms/CorporateTraining",
       {Known::kCorporate, 3, ReadAs<registry::v1::CorporateTraining>}},
      {"programs.rsnms/LearningRecord", {Known::kRecord, 5, ReadAs<programs::v1::LearningRecord>}},
      {"programs.rsnms/LearningRules",
       {Known::kRules, 4, ReadAs<programs::v1::LearningRules>, true}},
  };
  return *readers;
}

}  // namespace

const std::vector<std::string>& Sources() {
  static const auto* const sources =
      new std::vector<std::string>{"registry", "diagnostics", "programs"};
  return *sources;
}

std::vector<std::string> TypesOf(const std::string& source) {
  std::vector<std::string> types;
  for (const auto& [type, reader] : Readers()) {
    if (absl::StartsWith(type, absl::StrCat(source, "."))) types.push_back(type);
  }
  std::sort(types.begin(), types.end());
  return types;
}

KnownBatch ReadChanges(const std::vector<Change>& changes) {
  absl::flat_hash_map<std::string, size_t> last;  // resource -> its last change
  for (size_t i = 0; i < changes.size(); ++i) last[changes[i].resource()] = i;
  KnownBatch batch;
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    auto it = Readers().find(change.resource_type());
    if (it == Readers().end() || last[change.resource()] != i) continue;
    const std::vector<std::string> path = absl::StrSplit(change.resource(), '/');
    if (path.size() != 4 || !(it->second.by_code || IsUuid(path[3]))) continue;
    const bool removed = change.kind() == feed::v1::CHANGE_KIND_DELETED ||
                         change.kind() == feed::v1::CHANGE_KIND_PURGED;
    Values values = removed ? std::nullopt : it->second.read(change);
    auto& columns = batch[static_cast<size_t>(it->second.table)].columns;
    columns.resize(3 + it->second.width);
    columns[0].emplace_back(path[1]);
    columns[1].emplace_back(path[3]);
    columns[2].push_back(Flag(!values));
    for (size_t c = 0; c < it->second.width; ++c) {
      columns[3 + c].push_back(values ? (*values)[c] : "");
    }
  }
  return batch;
}

}  // namespace rsnms::monitoring
