#include "services/registry/structure/functions_report.h"

#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace rsnms::registry {
namespace {

// Subject, canonical code of the function, partner.
using Mark = std::tuple<std::string, std::string, std::string>;

const std::string& ShortName(const v1::SystemSubject& subject) {
  return subject.abbreviation().empty() ? subject.official_name() : subject.abbreviation();
}

class Report {
 public:
  Report(const v1::SystemProfile& profile, const std::vector<v1::SystemSubject>& subjects,
         const std::vector<v1::FunctionAssignment>& functions, const Acting& acting)
      : functions_(functions), acting_(acting) {
    *report_.mutable_profile() = profile;
    for (const auto& actor : profile.external_actors()) actors_[actor.code()] = actor.title();
    for (const auto& subject : subjects) subjects_[subject.name()] = &subject;
    for (const auto& function : functions) {
      ++counts_[function.subject()];
      for (const std::string& partner : function.joint_partners()) {
        marks_.emplace(function.subject(), function.canonical_code(), partner);
      }
    }
    for (const auto& subject : subjects) AddSubject(subject);
  }

  v1::FunctionsReport Run() && {
    for (const auto& function : functions_) {
      AddRow(function);
      if (function.joint_form() == v1::JOINT_FORM_JOINT) AddLinks(function);
    }
    return std::move(report_);
  }

 private:
  void AddSubject(const v1::SystemSubject& subject) {
    v1::SubjectCoverage* coverage = report_.add_subjects();
    *coverage->mutable_subject() = subject;
    coverage->set_functions(counts_[subject.name()]);
    if (auto acting = acting_.find(subject.name()); acting != acting_.end()) {
      coverage->mutable_organisations()->Add(acting->second.begin(), acting->second.end());
    }
  }

  void AddRow(const v1::FunctionAssignment& function) {
    v1::FunctionsReportRow* row = report_.add_rows();
    *row->mutable_function() = function;
    row->set_subject_name(NameOf(function.subject()));
    for (const std::string& partner : function.joint_partners())
      row->add_partner_names(NameOf(partner));
    for (const std::string& code : function.external_partners()) {
      auto actor = actors_.find(code);
      row->add_partner_names(actor == actors_.end() ? code : actor->second);
    }
    row->set_covered(acting_.contains(function.subject()));
    if (!row->covered()) report_.add_uncovered_functions(function.name());
  }

  void AddLinks(const v1::FunctionAssignment& function) {
    for (const std::string& partner : function.joint_partners()) {
      report_.set_joint_links(report_.joint_links() + 1);
      // Without a shared code nothing says which of the partner's functions would answer it.
      const bool answered =
          !function.canonical_code().empty() &&
          marks_.contains({partner, function.canonical_code(), function.subject()});
      if (answered) continue;
      v1::OneSidedLink* link = report_.add_one_sided_links();
      link->set_function(function.name());
      link->set_clause(function.clause());
      link->set_subject(function.subject());
      link->set_partner(partner);
      link->set_text(absl::StrCat("Пункт ", function.clause(), ": ", NameOf(function.subject()),
                                  " исполняет функцию совместно с ", NameOf(partner),
                                  ", но у второго субъекта ответной отметки нет."));
    }
  }

  std::string NameOf(const std::string& subject) const {
    auto found = subjects_.find(subject);
    return found == subjects_.end() ? subject : ShortName(*found->second);
  }

  const std::vector<v1::FunctionAssignment>& functions_;
  const Acting& acting_;
  absl::flat_hash_map<std::string, std::string> actors_;
  absl::flat_hash_map<std::string, const v1::SystemSubject*> subjects_;
  absl::flat_hash_map<std::string, int> counts_;
  absl::flat_hash_set<Mark> marks_;
  v1::FunctionsReport report_;
};

}  // namespace

v1::FunctionsReport MakeReport(const v1::SystemProfile& profile,
                               const std::vector<v1::SystemSubject>& subjects,
                               const std::vector<v1::FunctionAssignment>& functions,
                               const Acting& acting) {
  return Report(profile, subjects, functions, acting).Run();
}

}  // namespace rsnms::registry
