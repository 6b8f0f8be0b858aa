#include "services/registry/structure/profile_rows.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {
namespace {

absl::Status Invalid(v1::RegistryReason reason, const std::string& path, const std::string& text,
                     const std::string& text_ru) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text, text_ru);
}

absl::Status Broken(const std::string& path, const std::string& code) {
  return Invalid(v1::REGISTRY_REASON_BROKEN_PROFILE_REFERENCE, path,
                 absl::StrCat("names no row of the profile: ", code),
                 absl::StrCat("в положении нет субъекта «", code, "»"));
}

// Turns the rows of one file into resources, one after another.
class Conversion {
 public:
  Conversion(const v1::SystemProfileFile& file, const std::string& parent)
      : file_(file), parent_(parent) {}

  absl::StatusOr<ProfileRows> Run() {
    if (parent_ != absl::StrCat("regions/", file_.region_code())) {
      return Invalid(v1::REGISTRY_REASON_PROFILE_OF_OTHER_REGION, "file.region_code",
                     "is another region's", "файл относится к другому региону");
    }
    AddProfile();
    if (auto s = NoteCodes(); !s.ok()) return s;
    for (int i = 0; i < file_.subjects_size(); ++i) {
      if (auto s = AddSubject(file_.subjects(i), absl::StrCat("file.subjects[", i, "]")); !s.ok())
        return s;
    }
    absl::flat_hash_map<std::string, std::string> parents;
    for (const auto& subject : rows_.subjects) {
      if (!subject.parent().empty()) parents[subject.name()] = subject.parent();
    }
    if (auto s = CheckNoCycle(parents); !s.ok()) return s;
    return std::move(rows_);
  }

 private:
  std::string NameOf(const char* collection, const std::string& code) const {
    const std::string id = absl::AsciiStrToLower(absl::StrReplaceAll(code, {{".", "-"}}));
    return absl::StrCat(parent_, "/", collection, "/", file_.code(), "-", id);
  }
  std::string SubjectName(const std::string& code) const { return NameOf("systemSubjects", code); }

  void AddProfile() {
    v1::SystemProfile& profile = rows_.profile;
    profile.set_name(absl::StrCat(parent_, "/systemProfiles/", file_.code()));
    profile.set_title(file_.title());
    *profile.mutable_act() = file_.act();
    if (!file_.municipality_oktmo_code().empty()) {
      profile.set_municipality(
          absl::StrCat(parent_, "/municipalities/", file_.municipality_oktmo_code()));
    }
    profile.set_system_abbreviation(file_.system_abbreviation());
    *profile.mutable_levels() = file_.levels();
    *profile.mutable_kinds() = file_.kinds();
    *profile.mutable_abbreviations() = file_.abbreviations();
    *profile.mutable_external_actors() = file_.external_actors();
  }

  absl::Status Repeated(const std::string& path) const {
    return Invalid(v1::REGISTRY_REASON_REPEATED_PROFILE_CODE, path, "stands in the profile twice",
                   "код встречается в положении дважды");
  }

  // Rows refer to each other in any order, so all codes are known first.
  absl::Status NoteCodes() {
    for (const auto& kind : file_.kinds()) kinds_.insert(kind.code());
    for (const auto& actor : file_.external_actors()) actors_.insert(actor.code());
    absl::flat_hash_set<std::string> names;
    for (int i = 0; i < file_.subjects_size(); ++i) {
      const auto& subject = file_.subjects(i);
      const std::string path = absl::StrCat("file.subjects[", i, "]");
      subjects_.insert(subject.code());
      if (!names.insert(SubjectName(subject.code())).second) return Repeated(path + ".code");
      for (int j = 0; j < subject.functions_size(); ++j) {
        if (!names.insert(NameOf("functionAssignments", subject.functions(j).code())).second)
          return Repeated(absl::StrCat(path, ".functions[", j, "].code"));
      }
    }
    for (int i = 0; i < file_.levels_size(); ++i) {
      for (const auto& code : file_.levels(i).subject_codes()) {
        if (!subjects_.contains(code))
          return Broken(absl::StrCat("file.levels[", i, "].subject_codes"), code);
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddSubject(const v1::SubjectRow& row, const std::string& path) {
    if (!kinds_.contains(row.kind())) {
      return Invalid(v1::REGISTRY_REASON_UNKNOWN_SUBJECT_KIND, path + ".kind",
                     "is no kind of the profile", "в положении нет такого вида субъектов");
    }
    v1::SystemSubject& subject = rows_.subjects.emplace_back();
    subject.set_name(SubjectName(row.code()));
    subject.set_profile(rows_.profile.name());
    subject.set_code(row.code());
    subject.set_official_name(row.official_name());
    subject.set_abbreviation(row.abbreviation());
    *subject.mutable_abbreviation_variants() = row.abbreviation_variants();
    *subject.mutable_name_variants() = row.name_variants();
    subject.set_kind(row.kind());
    subject.set_standing(row.standing());
    subject.set_level(row.level());
    if (!row.parent_code().empty()) {
      if (!subjects_.contains(row.parent_code()))
        return Broken(path + ".parent_code", row.parent_code());
      subject.set_parent(SubjectName(row.parent_code()));
      subject.set_hierarchy(row.hierarchy());
    }
    subject.set_host(row.host());
    subject.set_clause(row.clause());
    subject.set_head_title(row.head_title());
    subject.set_note(row.note());
    subject.set_position(static_cast<int32_t>(rows_.subjects.size()));
    for (int j = 0; j < row.functions_size(); ++j) {
      if (auto s = AddFunction(row, row.functions(j), absl::StrCat(path, ".functions[", j, "]"));
          !s.ok())
        return s;
    }
    return absl::OkStatus();
  }

  absl::Status AddFunction(const v1::SubjectRow& subject, const v1::FunctionRow& row,
                           const std::string& path) {
    v1::FunctionAssignment& function = rows_.functions.emplace_back();
    function.set_name(NameOf("functionAssignments", row.code()));
    function.set_profile(rows_.profile.name());
    function.set_subject(SubjectName(subject.code()));
    function.set_code(row.code());
    function.set_canonical_code(row.canonical_code());
    function.set_text(row.text());
    function.set_text_en(row.text_en());
    function.set_clause(row.clause());
    function.set_obligation(row.obligation() == v1::FUNCTION_OBLIGATION_UNSPECIFIED
                                ? v1::FUNCTION_OBLIGATION_DUTY
                                : row.obligation());
    function.set_joint_form(row.joint_form());
    *function.mutable_parties() = row.parties();
    function.set_note(row.note());
    function.set_position(static_cast<int32_t>(rows_.functions.size()));
    if (!row.deliver_to_code().empty()) {
      if (!subjects_.contains(row.deliver_to_code()))
        return Broken(path + ".deliver_to_code", row.deliver_to_code());
      function.set_deliver_to(SubjectName(row.deliver_to_code()));
    }
    return AddPartners(subject, row, path, function);
  }

  absl::Status AddPartners(const v1::SubjectRow& subject, const v1::FunctionRow& row,
                           const std::string& path, v1::FunctionAssignment& function) const {
    for (const std::string& code : row.joint_codes()) {
      if (code == subject.code()) {
        return Invalid(v1::REGISTRY_REASON_JOINT_WITH_ITSELF, path + ".joint_codes",
                       "names the subject itself", "названо то же подразделение");
      }
      if (subjects_.contains(code)) {
        function.add_joint_partners(SubjectName(code));
      } else if (actors_.contains(code)) {
        function.add_external_partners(code);
      } else {
        return Broken(path + ".joint_codes", code);
      }
    }
    return absl::OkStatus();
  }

  const v1::SystemProfileFile& file_;
  const std::string parent_;
  absl::flat_hash_set<std::string> kinds_, actors_, subjects_;
  ProfileRows rows_;
};

}  // namespace

absl::StatusOr<ProfileRows> ToRows(const v1::SystemProfileFile& file, const std::string& parent) {
  return Conversion(file, parent).Run();
}

absl::Status CheckNoCycle(const absl::flat_hash_map<std::string, std::string>& parents) {
  absl::flat_hash_set<std::string> sound;  // known to lead to a root
  for (const auto& [child, parent] : parents) {
    absl::flat_hash_set<std::string> path;
    for (auto at = parents.find(child); at != parents.end() && !sound.contains(at->first);
         at = parents.find(at->second)) {
      if (!path.insert(at->first).second) {
        return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_SUBJECT_CYCLE,
                          absl::StrCat(at->first, " would stand above itself"));
      }
    }
    sound.insert(path.begin(), path.end());
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
