// What subjects, functions and acting organisations must respect in the rows they refer to.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "rsnms/registry/v1/acting_organisation.pb.h"
#include "services/registry/organisation_store.h"
#include "services/registry/structure/pending_rows.h"
#include "services/registry/structure/profile_rows.h"
#include "services/registry/structure/structure_store.h"

namespace rsnms::registry {
namespace {

using Subjects = ByName<SubjectFacts>;

absl::Status OfAnotherProfile(std::string_view path) {
  return Wrong(v1::REGISTRY_REASON_PROFILE_MISMATCH, path, "belongs to another profile",
               "субъект относится к другому положению");
}

// `subject` must be a living one of the profile; empty is no reference.
absl::Status CheckReference(const Subjects& subjects, const std::string& profile,
                            const std::string& subject, std::string_view path) {
  if (subject.empty()) return absl::OkStatus();
  const SubjectFacts* facts = FindIn(subjects, subject);
  if (facts == nullptr || facts->profile != profile) return OfAnotherProfile(path);
  if (!facts->deleted) return absl::OkStatus();
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REFERENCE_NOT_FOUND, "is deleted",
                           "субъект исключён из положения");
}

// The subjects as they will stand once the rows are written.
Subjects Overlaid(Subjects subjects, std::vector<Pending>& rows) {
  for (Pending& row : rows) {
    const auto& subject = After<v1::SystemSubject>(row);
    subjects[subject.name()] = {.profile = subject.profile(), .parent = subject.parent()};
  }
  return subjects;
}

absl::Status PrepareSubjects(pg::Tx& tx, std::vector<Pending>& rows) {
  const auto profiles = NamesIn<v1::SystemSubject>(rows, [](const auto& s) { return s.profile(); });
  auto kinds = LockKinds(tx, profiles);
  if (!kinds.ok()) return kinds.status();
  auto stored = SubjectsOf(tx, profiles);
  if (!stored.ok()) return stored.status();
  const Subjects subjects = Overlaid(*std::move(stored), rows);
  ByName<std::string> parents;
  for (const auto& [name, facts] : subjects) {
    if (!facts.parent.empty() && !facts.deleted) parents[name] = facts.parent;
  }
  const absl::Status cycle = CheckNoCycle(parents);
  for (Pending& row : rows) {
    const auto& subject = After<v1::SystemSubject>(row);
    const auto* known = FindIn(*kinds, subject.profile());
    if (known != nullptr && !known->contains(subject.kind())) {
      row.status = Wrong(v1::REGISTRY_REASON_UNKNOWN_SUBJECT_KIND, "kind",
                         "is no kind of the profile", "в положении нет такого вида субъектов");
      continue;
    }
    row.status = CheckReference(subjects, subject.profile(), subject.parent(), "parent");
    if (row.status.ok() && !subject.parent().empty()) row.status = cycle;
  }
  return absl::OkStatus();
}

absl::Status PrepareFunction(const Subjects& subjects, const v1::FunctionAssignment& function) {
  const std::string& profile = function.profile();
  if (auto s = CheckReference(subjects, profile, function.subject(), "subject"); !s.ok()) return s;
  if (auto s = CheckReference(subjects, profile, function.deliver_to(), "deliver_to"); !s.ok())
    return s;
  for (const std::string& partner : function.joint_partners()) {
    if (partner == function.subject()) {
      return Wrong(v1::REGISTRY_REASON_JOINT_WITH_ITSELF, "joint_partners",
                   "names the subject itself", "назван тот же субъект");
    }
    if (auto s = CheckReference(subjects, profile, partner, "joint_partners"); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status PrepareFunctions(pg::Tx& tx, std::vector<Pending>& rows) {
  auto subjects = SubjectsOf(
      tx, NamesIn<v1::FunctionAssignment>(rows, [](const auto& f) { return f.profile(); }));
  if (!subjects.ok()) return subjects.status();
  for (Pending& row : rows)
    row.status = PrepareFunction(*subjects, After<v1::FunctionAssignment>(row));
  return absl::OkStatus();
}

// Rows that tie a body to something for a period: not once it is closed, and not twice.
template <class R, class Key>
absl::Status PrepareTies(pg::Tx& tx, std::vector<Pending>& rows, Key key,
                         absl::StatusOr<PeriodBook> (*read)(pg::Tx&,
                                                            const std::vector<std::string>&),
                         v1::RegistryReason reason, std::string_view text) {
  const auto names = NamesIn<R>(rows, [](const auto& r) { return r.organisation(); });
  auto organisations = FindOrganisations(tx, names);
  if (!organisations.ok()) return organisations.status();
  auto book = read(tx, names);
  if (!book.ok()) return book.status();
  for (Pending& row : rows) {
    const R& tie = After<R>(row);
    if (row.before == nullptr) {
      row.status = MayBegin(FindIn(*organisations, tie.organisation()), tie.valid_from_date(),
                            "organisation");
    }
    if (!row.status.ok()) continue;
    row.status = Reserve(*book, absl::StrCat(key(tie), " ", tie.organisation()), tie, reason, text);
  }
  return absl::OkStatus();
}

absl::Status PrepareActing(pg::Tx& tx, std::vector<Pending>& rows) {
  return PrepareTies<v1::ActingOrganisation>(
      tx, rows, [](const auto& tie) { return tie.subject(); }, &ReadActingPeriods,
      v1::REGISTRY_REASON_ALREADY_ACTING, "the body acts as the subject on some of these dates");
}

absl::Status PrepareProfileNames(pg::Tx& tx, std::vector<Pending>& rows) {
  return PrepareTies<v1::OrganisationProfileName>(
      tx, rows, [](const auto& tie) { return tie.profile(); }, &ReadProfileNamePeriods,
      v1::REGISTRY_REASON_SECOND_PROFILE_NAME,
      "the body has a name in the profile on some of these dates");
}

}  // namespace

void AddSubjectPreparations(resource::Engine& engine) {
  engine.PrepareFor(v1::SystemSubject::descriptor(), &PrepareSubjects);
  engine.PrepareFor(v1::FunctionAssignment::descriptor(), &PrepareFunctions);
  engine.PrepareFor(v1::ActingOrganisation::descriptor(), &PrepareActing);
  engine.PrepareFor(v1::OrganisationProfileName::descriptor(), &PrepareProfileNames);
}

}  // namespace rsnms::registry
