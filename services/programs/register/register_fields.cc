#include "services/programs/register/register_fields.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/programs/names.h"

namespace rsnms::programs {
namespace {

using Entry = federal::v1::Programme;
using Ours = v1::Programme;

int LastDigit(const std::string& number) { return number.back() - '0'; }

// The register's to change, where values are few; the others are the region's.
bool Theirs(const std::string& number) { return LastDigit(number) % 2 == 1; }

// The register changes kind and hours together; the region leaves the hours alone.
bool KindChanges(const std::string& number) { return LastDigit(number) % 3 == 1; }

bool HoursChange(const std::string& number, int kind, int internship) {
  return !KindChanges(number) && kind == v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT &&
         internship == 0;
}

// An invented ИНН of ten digits with its check digit.
std::string Inn(int head, int turn) {
  std::string digits = absl::StrFormat("%02d%07d", head, turn);
  const int weights[] = {2, 4, 10, 3, 5, 9, 4, 6, 8};
  int sum = 0;
  for (int i = 0; i < 9; ++i) sum += weights[i] * (digits[i] - '0');
  return digits + static_cast<char>('0' + sum % 11 % 10);
}

template <class Topics>
std::string Joined(const Topics& topics) {
  return absl::StrJoin(std::set<std::string>(topics.begin(), topics.end()), ",");
}

// A text both sides make up.
template <class Get, class Set>
MirroredField Text(const char* name, const char* word, Get get, Set set,
                   std::function<bool(const std::string&)> changes) {
  return {.name = name,
          .theirs = [get](const Entry& e) { return get(e); },
          .ours = [get](const Ours& p) { return get(p); },
          .change_theirs =
              [=](int turn, Entry& e) {
                if (!changes(e.register_number())) return false;
                set(absl::StrCat("Их ", word, " ", turn), e);
                return true;
              },
          .change_ours =
              [=](int turn, const std::string&, Ours& p) {
                set(absl::StrCat("Наше ", word, " ", turn), p);
                return true;
              }};
}

template <class Get, class Set>
MirroredField Flag(const char* name, Get get, Set set) {
  return {.name = name,
          .theirs = [get](const Entry& e) { return absl::StrCat(get(e)); },
          .ours = [get](const Ours& p) { return absl::StrCat(get(p)); },
          .change_theirs =
              [=](int, Entry& e) {
                if (!Theirs(e.register_number())) return false;
                set(!get(e), e);
                return true;
              },
          .change_ours =
              [=](int, const std::string& number, Ours& p) {
                if (Theirs(number)) return false;
                set(!get(p), p);
                return true;
              }};
}

#define RSNMS_GET(field) [](const auto& m) { return m.field(); }
#define RSNMS_SET(field) [](const auto& value, auto& m) { m.set_##field(value); }

MirroredField ProviderTitle() {
  return {.name = "provider_title",
          .theirs = [](const Entry& e) { return e.provider().title(); },
          .ours = RSNMS_GET(provider_title),
          .change_theirs =
              [](int turn, Entry& e) {
                if (!TitleChanges(e.register_number())) return false;
                e.mutable_provider()->set_title(absl::StrCat("Их институт ", turn));
                return true;
              },
          .change_ours =
              [](int turn, const std::string&, Ours& p) {
                p.set_provider_title(absl::StrCat("Наш институт ", turn));
                return true;
              }};
}

MirroredField ProviderInn() {
  return {.name = "provider_inn",
          .theirs = [](const Entry& e) { return e.provider().inn(); },
          .ours = RSNMS_GET(provider_inn),
          .change_theirs =
              [](int turn, Entry& e) {
                if (!TitleChanges(e.register_number())) return false;
                e.mutable_provider()->set_inn(Inn(77, turn));
                return true;
              },
          .change_ours =
              [](int turn, const std::string&, Ours& p) {
                p.set_provider_inn(Inn(66, turn));
                return true;
              }};
}

// With the kind go the hours and the hours of internship.
MirroredField Kind() {
  return {.name = "kind",
          .theirs = [](const Entry& e) { return absl::StrCat(static_cast<int>(e.kind())); },
          .ours = [](const Ours& p) { return absl::StrCat(static_cast<int>(p.kind())); },
          .change_theirs =
              [](int turn, Entry& e) {
                if (!KindChanges(e.register_number())) return false;
                const bool retraining = turn % 2 == 0;
                e.set_kind(retraining ? federal::v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING
                                      : federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
                e.set_duration_hours((retraining ? 256 : 16) + turn % 40);
                e.set_internship_hours(turn % 16);
                return true;
              },
          .change_ours = [](int, const std::string&, Ours&) { return false; }};
}

// Even hours are theirs, odd ones ours.
MirroredField Hours() {
  return {.name = "duration_hours",
          .theirs = [](const Entry& e) { return absl::StrCat(e.duration_hours()); },
          .ours = [](const Ours& p) { return absl::StrCat(p.duration_hours()); },
          .change_theirs =
              [](int turn, Entry& e) {
                if (!HoursChange(e.register_number(), e.kind(), e.internship_hours())) return false;
                e.set_duration_hours(20 + 2 * (turn % 40));
                return true;
              },
          .change_ours =
              [](int turn, const std::string& number, Ours& p) {
                if (!HoursChange(number, p.kind(), p.internship_hours())) return false;
                p.set_duration_hours(41 + 2 * (turn % 40));
                return true;
              }};
}

MirroredField Internship() {
  return {.name = "internship_hours",
          .theirs = [](const Entry& e) { return absl::StrCat(e.internship_hours()); },
          .ours = [](const Ours& p) { return absl::StrCat(p.internship_hours()); },
          .change_theirs = [](int, Entry&) { return false; },
          .change_ours = [](int, const std::string&, Ours&) { return false; }};
}

MirroredField Form() {
  return {.name = "form",
          .theirs = [](const Entry& e) { return absl::StrCat(static_cast<int>(e.form())); },
          .ours = [](const Ours& p) { return absl::StrCat(static_cast<int>(p.form())); },
          .change_theirs =
              [](int, Entry& e) {
                if (!Theirs(e.register_number())) return false;
                e.set_form(static_cast<federal::v1::StudyForm>(e.form() % 3 + 1));
                return true;
              },
          .change_ours =
              [](int, const std::string& number, Ours& p) {
                if (Theirs(number)) return false;
                p.set_form(static_cast<v1::StudyForm>(p.form() % 3 + 1));
                return true;
              }};
}

MirroredField Competencies() {
  return {.name = "competencies",
          .theirs =
              [](const Entry& e) {
                std::string all;
                for (const auto& one : e.competencies()) {
                  absl::StrAppend(&all, one.competency_code(), ":", static_cast<int>(one.depth()),
                                  " ");
                }
                return all;
              },
          .ours =
              [](const Ours& p) {
                std::string all;
                for (const auto& one : p.competencies()) {
                  absl::StrAppend(&all, std::string(IdOf(one.competency())), ":",
                                  static_cast<int>(one.depth()), " ");
                }
                return all;
              },
          .change_theirs =
              [](int turn, Entry& e) {
                auto& one = *e.add_competencies();
                one.set_competency_code(absl::StrCat("theirs-", turn));
                one.set_depth(static_cast<federal::v1::CoverageDepth>(turn % 3 + 1));
                return true;
              },
          .change_ours =
              [](int turn, const std::string&, Ours& p) {
                auto& one = *p.add_competencies();
                one.set_competency(
                    NameOf(RegionOf(p.name()), "competencies", absl::StrCat("ours-", turn)));
                one.set_depth(static_cast<v1::CoverageDepth>(turn % 3 + 1));
                return true;
              }};
}

MirroredField Topics() {
  return {.name = "topic_codes",
          .theirs = [](const Entry& e) { return Joined(e.topic_codes()); },
          .ours = [](const Ours& p) { return absl::StrJoin(p.topic_codes(), ","); },
          .change_theirs =
              [](int turn, Entry& e) {
                e.add_topic_codes(absl::StrCat("topic-", turn));
                return true;
              },
          .change_ours =
              [](int turn, const std::string&, Ours& p) {
                p.add_topic_codes(absl::StrCat("ours-", turn));
                return true;
              }};
}

}  // namespace

bool TitleChanges(const std::string& number) {
  return number.find('R') == std::string::npos && LastDigit(number) % 2 == 0;
}

const std::vector<MirroredField>& MirroredFields() {
  static const auto& fields = *new std::vector<MirroredField>{
      Text("title", "название", RSNMS_GET(title), RSNMS_SET(title), TitleChanges),
      Text("annotation", "слово", RSNMS_GET(annotation), RSNMS_SET(annotation),
           [](const std::string&) { return true; }),
      Flag("distance", RSNMS_GET(distance), RSNMS_SET(distance)),
      Flag("network", RSNMS_GET(network), RSNMS_SET(network)),
      Flag("for_pedagogues", RSNMS_GET(for_pedagogues), RSNMS_SET(for_pedagogues)),
      Flag("for_managers", RSNMS_GET(for_managers), RSNMS_SET(for_managers)),
      ProviderTitle(),
      ProviderInn(),
      Kind(),
      Hours(),
      Internship(),
      Form(),
      Competencies(),
      Topics(),
  };
  return fields;
}

#undef RSNMS_GET
#undef RSNMS_SET

const MirroredField& FieldNamed(const std::string& name) {
  for (const MirroredField& field : MirroredFields()) {
    if (field.name == name) return field;
  }
  std::abort();
}

}  // namespace rsnms::programs
