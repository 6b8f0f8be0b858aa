#include "services/programs/register/register_rules.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "google/protobuf/util/message_differencer.h"
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
constexpr int kGreatestHours = 5000;
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

v1::Programme Image(const federal::v1::Programme& entry, const Context& context) {
  v1::Programme image;
  image.set_title(entry.title());
  // The two contracts number these enums alike.
  image.set_kind(static_cast<v1::ProgrammeKind>(entry.kind()));
  image.set_form(static_cast<v1::StudyForm>(entry.form()));
  image.set_provider(context.provider);
  image.set_provider_title(entry.provider().title());
  image.set_provider_inn(entry.provider().inn());
  image.set_duration_hours(entry.duration_hours());
  image.set_internship_hours(entry.internship_hours());
  image.set_distance(entry.distance());
  image.set_network(entry.network());
  image.set_for_pedagogues(entry.for_pedagogues());
  image.set_for_managers(entry.for_managers());
  image.set_annotation(entry.annotation());
  for (const federal::v1::CompetencyCoverage& from : entry.competencies()) {
    v1::CompetencyCoverage& to = *image.add_competencies();
    to.set_competency(NameOf(context.region_code, "competencies", from.competency_code()));
    to.set_depth(from.depth() == federal::v1::COVERAGE_DEPTH_UNSPECIFIED
                     ? v1::COVERAGE_DEPTH_OVERVIEW
                     : static_cast<v1::CoverageDepth>(from.depth()));
  }
  for (const std::string& topic : entry.topic_codes()) image.add_topic_codes(topic);
  auto& topics = *image.mutable_topic_codes();
  std::sort(topics.begin(), topics.end());
  topics.erase(std::unique(topics.begin(), topics.end()), topics.end());
  image.set_federal_register_number(entry.register_number());
  image.set_register_state(v1::REGISTER_STATE_LISTED);
  if (entry.has_listed_date()) *image.mutable_register_listed_date() = entry.listed_date();
  image.set_register_sha256(context.payload_sha256);
  return image;
}

// Names of the fields that differ, in order of their numbers.
std::vector<std::string> Differences(const v1::Programme& before, const v1::Programme& after) {
  std::vector<std::string> fields;
  const auto* descriptor = v1::Programme::descriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    google::protobuf::util::MessageDifferencer differencer;
    if (!differencer.CompareWithFields(before, after, {field}, {field})) {
      fields.emplace_back(field->name());
    }
  }
  return fields;
}

v1::RegisterChange::Kind KindOf(const v1::Programme& before) {
  switch (before.register_state()) {
    case v1::REGISTER_STATE_WITHDRAWN:
      return v1::RegisterChange::KIND_REAPPEARED;
    case v1::REGISTER_STATE_LISTED:
      return v1::RegisterChange::KIND_CHANGED;
    default:
      return v1::RegisterChange::KIND_LINKED;
  }
}

}  // namespace

absl::Status CheckPage(const v1::RegisterSync& sync,
                       const federal::v1::ListProgrammesResponse& page) {
  if (page.snapshot_version().empty() || page.snapshot_version().size() > 200) {
    return Broken("the page names no snapshot version");
  }
  if (!sync.cursor().empty() && (page.snapshot_version() != sync.snapshot_version() ||
                                 page.total_size() != sync.expected_count())) {
    return Broken("the snapshot changed in the middle of the walk");
  }
  if (page.total_size() < 0) return Broken("the size of the walk is negative");
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
  return Cat(Folded(title), "|",
             provider_inn.empty() ? Folded(provider_title) : std::string(provider_inn));
}

std::string MatchKey(const federal::v1::Programme& entry) {
  return MatchKey(entry.title(), entry.provider().inn(), entry.provider().title());
}

std::string MatchKey(const v1::Programme& programme) {
  return MatchKey(programme.title(), programme.provider_inn(), programme.provider_title());
}

bool ShrinksTooMuch(int missing, int listed, int percent) {
  return listed > 0 && int64_t{missing} * 100 > int64_t{listed} * percent;
}

Applied Apply(const federal::v1::Programme& entry, const v1::Programme* existing,
              const Context& context) {
  if (entry.has_withdrawn_date()) {
    if (existing == nullptr || existing->register_state() == v1::REGISTER_STATE_WITHDRAWN) {
      return existing == nullptr ? Applied{} : Applied{.after = *existing};
    }
    return Withdraw(*existing, entry.withdrawn_date(), context.register_sync);
  }
  Applied applied{.after = Image(entry, context)};
  if (existing == nullptr) {
    applied.kind = v1::RegisterChange::KIND_ADDED;
    applied.after.set_name(
        NameOf(context.region_code, "programmes",
               StableUuid(Cat(context.region_code, "/", entry.register_number()))));
    applied.after.set_register_sync(context.register_sync);
    return applied;
  }
  v1::Programme& after = applied.after;
  after.set_name(existing->name());
  after.set_etag(existing->etag());
  after.set_register_sync(existing->register_sync());
  *after.mutable_create_time() = existing->create_time();
  *after.mutable_update_time() = existing->update_time();
  if (after.provider().empty()) after.set_provider(existing->provider());
  applied.changed_fields = Differences(*existing, after);
  if (applied.changed_fields.empty()) return applied;
  applied.kind = KindOf(*existing);
  after.set_register_sync(context.register_sync);
  return applied;
}

Applied Withdraw(const v1::Programme& existing, const google::type::Date& day,
                 std::string_view register_sync) {
  Applied applied{.after = existing, .kind = v1::RegisterChange::KIND_WITHDRAWN};
  applied.after.set_register_state(v1::REGISTER_STATE_WITHDRAWN);
  *applied.after.mutable_register_withdrawn_date() = day;
  applied.after.set_register_sync(std::string(register_sync));
  applied.changed_fields = {"register_state", "register_withdrawn_date"};
  return applied;
}

}  // namespace rsnms::programs::register_rules
