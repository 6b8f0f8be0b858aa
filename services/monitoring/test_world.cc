#include "services/monitoring/test_world.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rsnms::monitoring {

namespace {

using feed::v1::Change;

// Where Put keeps a resource of each type.
std::map<std::string, registry::v1::Organisation>& MapOf(World& w,
                                                         const registry::v1::Organisation&) {
  return w.organisations;
}
std::map<std::string, registry::v1::Person>& MapOf(World& w, const registry::v1::Person&) {
  return w.persons;
}
std::map<std::string, registry::v1::Employment>& MapOf(World& w, const registry::v1::Employment&) {
  return w.employments;
}
std::map<std::string, registry::v1::SupportRecord>& MapOf(World& w,
                                                          const registry::v1::SupportRecord&) {
  return w.supports;
}
std::map<std::string, registry::v1::ManagementTeam>& MapOf(World& w,
                                                           const registry::v1::ManagementTeam&) {
  return w.teams;
}
std::map<std::string, diagnostics::v1::Session>& MapOf(World& w, const diagnostics::v1::Session&) {
  return w.sessions;
}
std::map<std::string, diagnostics::v1::Route>& MapOf(World& w, const diagnostics::v1::Route&) {
  return w.routes;
}
std::map<std::string, programs::v1::Programme>& MapOf(World& w, const programs::v1::Programme&) {
  return w.programmes;
}
std::map<std::string, programs::v1::Completion>& MapOf(World& w, const programs::v1::Completion&) {
  return w.completions;
}
std::map<std::string, programs::v1::Enrolment>& MapOf(World& w, const programs::v1::Enrolment&) {
  return w.enrolments;
}
std::map<std::string, programs::v1::Certificate>& MapOf(World& w,
                                                        const programs::v1::Certificate&) {
  return w.certificates;
}
std::map<std::string, programs::v1::ProgrammeVersion>& MapOf(
    World& w, const programs::v1::ProgrammeVersion&) {
  return w.versions;
}
std::map<std::string, registry::v1::CorporateTraining>& MapOf(
    World& w, const registry::v1::CorporateTraining&) {
  return w.trainings;
}
std::map<std::string, programs::v1::LearningRecord>& MapOf(World& w,
                                                           const programs::v1::LearningRecord&) {
  return w.records;
}
std::map<std::string, programs::v1::LearningRules>& MapOf(World& w,
                                                          const programs::v1::LearningRules&) {
  return w.rules;
}

template <class R>
std::string TypeName() {
  const std::string full = R::descriptor()->full_name();  // rsnms.registry.v1.Person
  const size_t service = full.find('.') + 1;
  return absl::StrCat(full.substr(service, full.find('.', service) - service), ".rsnms/",
                      R::descriptor()->name());
}

}  // namespace

google::type::Date ToDate(Day day) {
  google::type::Date date;
  date.set_year(day / 10000);
  date.set_month(day / 100 % 100);
  date.set_day(day % 100);
  return date;
}

Day FromDate(const google::type::Date& date) {
  return date.year() * 10000 + date.month() * 100 + date.day();
}

std::string World::Name(const std::string& collection, int number) const {
  // The collection goes into the id, so that ids of different collections never coincide.
  unsigned mark = 0;
  for (const char c : collection) mark = mark * 31 + static_cast<unsigned char>(c);
  return absl::StrFormat("regions/%s/%s/%08x-0000-4000-8000-%012x", region_, collection, mark,
                         number);
}

template <class R>
Change World::Put(const R& resource) {
  MapOf(*this, resource)[resource.name()] = resource;
  types_[resource.name()] = TypeName<R>();
  const int64_t version = ++versions_[resource.name()];
  Change change;
  change.set_resource_type(TypeName<R>());
  change.set_resource(resource.name());
  change.set_kind(version == 1 ? feed::v1::CHANGE_KIND_CREATED : feed::v1::CHANGE_KIND_UPDATED);
  change.set_version(version);
  change.mutable_image()->PackFrom(resource);
  return change;
}
template Change World::Put(const registry::v1::Organisation&);
template Change World::Put(const registry::v1::Person&);
template Change World::Put(const registry::v1::Employment&);
template Change World::Put(const registry::v1::SupportRecord&);
template Change World::Put(const registry::v1::ManagementTeam&);
template Change World::Put(const diagnostics::v1::Session&);
template Change World::Put(const diagnostics::v1::Route&);
template Change World::Put(const programs::v1::Programme&);
template Change World::Put(const programs::v1::Completion&);
template Change World::Put(const programs::v1::Enrolment&);
template Change World::Put(const programs::v1::Certificate&);
template Change World::Put(const programs::v1::ProgrammeVersion&);
template Change World::Put(const registry::v1::CorporateTraining&);
template Change World::Put(const programs::v1::LearningRecord&);
template Change World::Put(const programs::v1::LearningRules&);

Change World::Remove(const std::string& name) {
  organisations.erase(name);
  persons.erase(name);
  employments.erase(name);
  supports.erase(name);
  teams.erase(name);
  sessions.erase(name);
  routes.erase(name);
  programmes.erase(name);
  completions.erase(name);
  enrolments.erase(name);
  certificates.erase(name);
  versions.erase(name);
  trainings.erase(name);
  records.erase(name);
  rules.erase(name);
  Change change;
  change.set_resource_type(types_[name]);
  change.set_resource(name);
  change.set_kind(Chance(50) ? feed::v1::CHANGE_KIND_DELETED : feed::v1::CHANGE_KIND_PURGED);
  change.set_version(++versions_[name]);
  return change;
}

Change World::Step() {
  if (!versions_.empty() && Chance(12)) {
    auto victim = versions_.begin();
    std::advance(victim, Pick(static_cast<int>(versions_.size())));
    return Remove(std::string(victim->first));
  }
  const int what = Pick(15);
  return what < 5    ? StepRegistry(what)
         : what < 9  ? StepLearning(what)
         : what < 12 ? StepDocuments(what)
                     : StepHours(what);
}

Change World::StepRegistry(int what) {
  if (what == 0) {
    registry::v1::Organisation r;
    r.set_name(Some("organisations", 5));
    r.set_kind(static_cast<registry::v1::OrganisationKind>(1 + Pick(7)));
    if (Chance(80))
      r.set_municipality(absl::StrCat("regions/", region_, "/municipalities/7187", Pick(3), "000"));
    return Put(r);
  }
  if (what == 1) {
    registry::v1::Person r;
    r.set_name(Some("persons", 12));
    if (Chance(80)) *r.mutable_teaching_start_date() = ToDate(AnyDay());
    if (Chance(60)) *r.mutable_young_specialist_until_date() = ToDate(AnyDay() + 20000);
    return Put(r);
  }
  if (what == 2) {
    registry::v1::Employment r;
    r.set_name(Some("employments", 20));
    r.set_person(Some("persons", 12));
    r.set_organisation(Some("organisations", 5));
    r.set_category(static_cast<registry::v1::StaffCategory>(1 + Pick(2)));
    r.set_main(Chance(50));
    *r.mutable_start_date() = ToDate(AnyDay());
    if (Chance(40)) *r.mutable_end_date() = ToDate(AnyDay());
    return Put(r);
  }
  if (what == 3) {
    registry::v1::SupportRecord r;
    r.set_name(Some("supportRecords", 10));
    r.set_person(Some("persons", 12));
    *r.mutable_start_date() = ToDate(AnyDay());
    if (Chance(50)) *r.mutable_end_date() = ToDate(AnyDay());
    return Put(r);
  }
  registry::v1::ManagementTeam r;
  r.set_name(Some("managementTeams", 5));
  r.set_organisation(Some("organisations", 5));
  std::set<std::string> members;
  for (int i = Pick(4); i >= 0; --i) {
    const std::string person = Some("persons", 12);
    if (members.insert(person).second) r.add_members(person);
  }
  *r.mutable_formed_date() = ToDate(AnyDay());
  if (Chance(20)) *r.mutable_disbanded_date() = ToDate(AnyDay());
  return Put(r);
}

Change World::StepLearning(int what) {
  if (what == 5) {
    diagnostics::v1::Session r;
    r.set_name(Some("sessions", 15));
    r.set_person(Some("persons", 12));
    r.set_campaign(Some("campaigns", 3));
    r.set_held_at_centre(Chance(70));
    r.set_state(static_cast<diagnostics::v1::Session::State>(1 + Pick(3)));
    if (Chance(90)) *r.mutable_submit_date() = ToDate(AnyDay());
    return Put(r);
  }
  if (what == 6) {
    diagnostics::v1::Route r;
    const int number = Pick(15 * scale_);
    r.set_name(Name("routes", number));
    r.set_person(Chance(60) ? Name("persons", number % (12 * scale_)) : Some("persons", 12));
    r.set_on_centre_diagnostics(Chance(70));
    r.set_state(static_cast<diagnostics::v1::Route::State>(1 + Pick(8)));
    if (Chance(80)) *r.mutable_approve_date() = ToDate(AnyDay());
    return Put(r);
  }
  if (what == 7) {
    programs::v1::Programme r;
    r.set_name(Some("programmes", 8));
    if (Chance(85)) r.set_provider(Some("organisations", 5));
    r.set_kind(programs::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
    r.set_register_state(static_cast<programs::v1::RegisterState>(1 + Pick(3)));
    if (Chance(70)) *r.mutable_register_listed_date() = ToDate(AnyDay());
    if (Chance(70)) *r.mutable_register_withdrawn_date() = ToDate(AnyDay());
    r.set_withdrawn(Chance(30));
    return Put(r);
  }
  programs::v1::Completion r;
  r.set_name(Some("completions", 20));
  const int route = Pick(15 * scale_);
  // Mostly the route's own person, as it should be.
  r.set_person(Chance(60) ? Name("persons", route % (12 * scale_)) : Some("persons", 12));
  r.set_programme(Some("programmes", 8));
  if (Chance(80)) r.set_route(Name("routes", route));
  if (Chance(80)) r.set_enrolment(Some("enrolments", 15));
  *r.mutable_completion_date() = ToDate(AnyDay());
  r.set_register_programme(Chance(70));
  r.set_chosen_by_diagnostics(Chance(70));
  r.add_topic_codes("reading");
  if (Chance(60)) r.add_topic_codes("education-quality-management");
  return Put(r);
}

Change World::StepDocuments(int what) {
  if (what == 9) {
    programs::v1::Enrolment r;
    r.set_name(Some("enrolments", 15));
    r.set_person(Some("persons", 12));
    r.set_state(static_cast<programs::v1::Enrolment::State>(1 + Pick(9)));
    if (Chance(60)) *r.mutable_start_date() = ToDate(AnyDay());
    if (Chance(50)) *r.mutable_enrolled_date() = ToDate(AnyDay());
    if (Chance(70)) *r.mutable_state_date() = ToDate(AnyDay());
    r.mutable_state_time()->set_seconds(1735689600 + Pick(730) * 86400);  // from 1 January 2025
    return Put(r);
  }
  if (what == 10) {
    programs::v1::Certificate r;
    r.set_name(Some("certificates", 20));
    r.set_completion(Some("completions", 20));
    r.set_state(static_cast<programs::v1::Certificate::State>(1 + Pick(4)));
    return Put(r);
  }
  programs::v1::ProgrammeVersion r;
  r.set_name(Some("programmeVersions", 12));
  if (Chance(80)) r.set_programme(Some("programmes", 8));
  if (Chance(60)) *r.mutable_approval_date() = ToDate(AnyDay());
  if (Chance(50)) *r.mutable_submission_date() = ToDate(AnyDay());
  if (Chance(40)) *r.mutable_withdrawal_date() = ToDate(AnyDay());
  return Put(r);
}

Change World::StepHours(int what) {
  if (what == 12) {
    registry::v1::CorporateTraining r;
    r.set_name(Some("corporateTrainings", 20));
    r.set_person(Some("persons", 12));
    r.set_hours(8 + Pick(80));
    *r.mutable_end_date() = ToDate(AnyDay());
    return Put(r);
  }
  if (what == 13) {
    programs::v1::LearningRecord r;
    r.set_name(Some("learningRecords", 20));
    r.set_person(Some("persons", 12));
    r.set_kind(static_cast<programs::v1::LearningKind>(1 + Pick(6)));
    r.set_state(Chance(60) ? programs::v1::LearningRecord::STATE_ACCEPTED
                           : static_cast<programs::v1::LearningRecord::State>(1 + Pick(8)));
    r.set_hours(72);
    r.set_completed_hours(8 + Pick(80));
    *r.mutable_completion_date() = ToDate(AnyDay());
    if (Chance(90)) *r.mutable_acceptance_date() = ToDate(AnyDay());
    return Put(r);
  }
  programs::v1::LearningRules r;
  r.set_name(absl::StrCat("regions/", region_, "/learningRules/default"));
  if (Chance(70)) r.set_corporate_hours_minimum(Pick(4) * 36);
  if (Chance(70)) r.set_year_start_month(1 + Pick(12));
  for (int kind = 1; Chance(60) && kind <= 6; ++kind) {
    r.add_corporate_kinds(static_cast<programs::v1::LearningKind>(kind));
  }
  r.set_registry_hours_excluded(Chance(30));
  return Put(r);
}

}  // namespace rsnms::monitoring
