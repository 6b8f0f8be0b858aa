#include "services/programs/register/register_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "libs/resource/identifiers.h"
#include "libs/resource/names.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/programme_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::register_rules {
namespace {

// Pages a walk may take beyond one per entry before it is taken for endless.
constexpr int kSparePages = 100;
constexpr int kGreatestTotal = 10'000'000;
// Moments a snapshot may bear: from 2000 to 2100.
constexpr int64_t kEarliestSecond = 946684800, kLatestSecond = 4102444800;
constexpr int kGreatestHours = 5000;
constexpr size_t kLongestKey = 1000;
constexpr char kSharedNumber[] = "two different entries share this number";

absl::Status Broken(std::string_view message) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_REGISTER_BROKEN,
                    message);
}

bool ReadableNumber(std::string_view number) {
  return !number.empty() && number.size() <= 64 && number.front() != '?' &&
         std::all_of(number.begin(), number.end(), absl::ascii_isgraph);
}

bool IsInn(std::string inn) {
  return inn.size() == 10 &&
         resource::NormaliseIdentifier(options::v1::FORMAT_INN, &inn) == resource::Flaw::kNone;
}

bool HasNul(const federal::v1::Programme& entry) {
  auto nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  return nul(entry.title()) || nul(entry.provider().title()) || nul(entry.annotation());
}

std::string HoursProblem(const federal::v1::Programme& entry) {
  const bool retraining = entry.kind() == federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING;
  const int least =
      retraining ? programme_rules::kLeastRetrainingHours : programme_rules::kLeastDevelopmentHours;
  if (entry.duration_hours() < least || entry.duration_hours() > kGreatestHours) {
    return "duration_hours is impossible for the kind";
  }
  if (entry.internship_hours() < 0 || entry.internship_hours() > entry.duration_hours()) {
    return "internship_hours is impossible";
  }
  return "";
}

std::string LinksProblem(const federal::v1::Programme& entry) {
  absl::flat_hash_set<std::string_view> seen;
  for (const federal::v1::CompetencyCoverage& coverage : entry.competencies()) {
    if (!resource::IsCode(coverage.competency_code())) return "a competency code is malformed";
    if (!seen.insert(coverage.competency_code()).second) return "a competency is named twice";
    if (!federal::v1::CoverageDepth_IsValid(coverage.depth())) return "a depth is unknown";
  }
  for (const std::string& topic : entry.topic_codes()) {
    if (!resource::IsCode(topic) || topic.find('_') != std::string::npos)
      return "a topic code is malformed";
  }
  if (entry.competencies_size() > 100 || entry.topic_codes_size() > 50) return "too many links";
  return "";
}

std::string Folded(std::string_view text) {
  std::string folded(text);
  std::replace(folded.begin(), folded.end(), '\0', ' ');  // which no database takes
  absl::RemoveExtraAsciiWhitespace(&folded);
  // Cyrillic capitals of UTF-8: А–П are D0 90–9F, Р–Я are D0 A0–AF.
  for (size_t i = 0; i < folded.size(); ++i) {
    auto* bytes = reinterpret_cast<unsigned char*>(&folded[i]);
    if (bytes[0] < 0x80) folded[i] = absl::ascii_tolower(bytes[0]);
    if (bytes[0] != 0xD0 || i + 1 == folded.size()) continue;
    if (bytes[1] >= 0x90 && bytes[1] <= 0x9F) {
      bytes[1] += 0x20;
    } else if (bytes[1] >= 0xA0 && bytes[1] <= 0xAF) {
      bytes[0] = 0xD1;
      bytes[1] -= 0x20;
    }
    ++i;
  }
  return folded;
}

}  // namespace

google::protobuf::Timestamp ChangedSince(const google::protobuf::Timestamp& snapshot_time) {
  google::protobuf::Timestamp since = snapshot_time;
  since.set_seconds(since.seconds() - absl::ToInt64Seconds(kOverlap));
  return since;
}

absl::Status CheckPage(const v1::RegisterSync& sync,
                       const federal::v1::ListProgrammesResponse& page, absl::Time now) {
  if (page.snapshot_version().empty() || page.snapshot_version().size() > 200) {
    return Broken("the page names no snapshot version");
  }
  auto nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (nul(page.snapshot_version()) || nul(page.next_page_token())) {
    return Broken("the page holds the NUL character");
  }
  const auto& time = page.snapshot_time();
  if (time.seconds() < kEarliestSecond || time.seconds() > kLatestSecond || time.nanos() < 0 ||
      time.nanos() > 999'999'999) {
    return Broken("the moment of the snapshot is missing or impossible");
  }
  if (absl::FromUnixSeconds(time.seconds()) > now + kGreatestLead) {
    return Broken("the moment of the snapshot is still to come");
  }
  if (!sync.cursor().empty() && (page.snapshot_version() != sync.snapshot_version() ||
                                 page.total_size() != sync.expected_count())) {
    return Broken("the snapshot changed in the middle of the walk");
  }
  if (page.total_size() < 0 || page.total_size() > kGreatestTotal) {
    return Broken("the size of the walk is impossible");
  }
  if (page.next_page_token().size() > 4000) return Broken("the page token is too long");
  if (!page.next_page_token().empty() && page.next_page_token() == sync.cursor()) {
    return Broken("the page leads to itself");
  }
  if (sync.page_count() > (sync.restart_count() + 1) * (page.total_size() + kSparePages)) {
    return Broken("the walk does not end");
  }
  return absl::OkStatus();
}

std::vector<Entry> Entries(const federal::v1::ListProgrammesResponse& page) {
  std::vector<Entry> entries;
  absl::flat_hash_map<std::string, size_t> at;
  for (const federal::v1::Programme& programme : page.programmes()) {
    Entry entry;
    entry.payload = programme.SerializeAsString();
    entry.sha256 = Sha256Hex(entry.payload);
    entry.number = ReadableNumber(programme.register_number()) ? programme.register_number()
                                                               : Cat("?", entry.sha256);
    entry.match_key = MatchKey(programme);
    entry.problem = Problem(programme);
    entry.withdrawn = programme.has_withdrawn_date();
    auto [it, fresh] = at.try_emplace(entry.number, entries.size());
    if (fresh) {
      entries.push_back(std::move(entry));
    } else if (entries[it->second].sha256 != entry.sha256) {
      entries[it->second].problem = entry.problem = kSharedNumber;
      entry.number = Cat("?", entry.sha256);
      if (at.try_emplace(entry.number, entries.size()).second) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::string Problem(const federal::v1::Programme& entry) {
  if (!ReadableNumber(entry.register_number())) return "register_number is missing or malformed";
  if (entry.name() != Cat("programmes/", entry.register_number())) {
    return "name and register_number disagree";
  }
  if (entry.title().empty() || entry.title().size() > 2000) return "title is missing or too long";
  if (entry.annotation().size() > 10000) return "annotation is too long";
  if (HasNul(entry)) return "a text holds the NUL character";
  if (!federal::v1::ProgrammeKind_IsValid(entry.kind()) ||
      entry.kind() == federal::v1::PROGRAMME_KIND_UNSPECIFIED) {
    return "kind is unknown";
  }
  if (!federal::v1::StudyForm_IsValid(entry.form())) return "form is unknown";
  if (entry.provider().title().empty() || entry.provider().title().size() > 2000) {
    return "provider.title is missing or too long";
  }
  if (!entry.provider().inn().empty() && !IsInn(entry.provider().inn())) {
    return "provider.inn has wrong check digits";
  }
  if (std::string hours = HoursProblem(entry); !hours.empty()) return hours;
  return LinksProblem(entry);
}

std::string MatchKey(std::string_view title, std::string_view provider_inn,
                     std::string_view provider_title) {
  std::string key =
      Cat(Folded(title), "|", Folded(provider_inn.empty() ? provider_title : provider_inn));
  return key.size() > kLongestKey ? Cat("#", Sha256Hex(key)) : key;
}

std::string MatchKey(const federal::v1::Programme& entry) {
  return MatchKey(entry.title(), entry.provider().inn(), entry.provider().title());
}

std::string MatchKey(const v1::Programme& programme) {
  return MatchKey(programme.title(), programme.provider_inn(), programme.provider_title());
}

bool ShrinksTooMuch(const Shrink& shrink, int percent) {
  return shrink.leaving > 0 &&
         (shrink.leaving + shrink.left) * 100 > (shrink.listed + shrink.left) * percent;
}

}  // namespace rsnms::programs::register_rules
