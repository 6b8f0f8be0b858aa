#include "services/monitoring/test_world.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace rsnms::monitoring {

namespace {

using feed::v1::Change;

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

bool Within(Day day, Day first, Day last) { return first <= day && day <= last; }

template <class R>
Day DateOr(const R& has, const google::type::Date& date, Day otherwise) {
  return has ? FromDate(date) : otherwise;
}

constexpr Day kForever = 99991231;

FactMask Bit(v1::Fact fact, bool holds) { return holds ? BitOf(fact) : 0; }

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
  const int what = Pick(9);
  return what < 5 ? StepRegistry(what) : StepLearning(what);
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
    return Put(r);
  }
  programs::v1::Completion r;
  r.set_name(Some("completions", 20));
  const int route = Pick(15 * scale_);
  // Mostly the route's own person, as it should be.
  r.set_person(Chance(60) ? Name("persons", route % (12 * scale_)) : Some("persons", 12));
  r.set_programme(Some("programmes", 8));
  if (Chance(80)) r.set_route(Name("routes", route));
  *r.mutable_completion_date() = ToDate(AnyDay());
  r.set_register_programme(Chance(70));
  r.set_chosen_by_diagnostics(Chance(70));
  r.add_topic_codes("reading");
  if (Chance(60)) r.add_topic_codes("education-quality-management");
  return Put(r);
}

std::string World::MunicipalityOf(const std::string& organisation) const {
  auto found = organisations.find(organisation);
  return found == organisations.end() ? "" : IdOf(found->second.municipality());
}

ExpectedFacts World::PersonFacts(const std::string& name, Day first, Day cut_off) const {
  ExpectedFacts out;
  bool pedagogue = false, manager = false;
  const registry::v1::Employment* place = nullptr;
  for (const auto& [unused, e] : employments) {
    const Day start = FromDate(e.start_date());
    const Day end = DateOr(e.has_end_date(), e.end_date(), kForever);
    if (e.person() != name || start > cut_off || end < cut_off) continue;
    pedagogue |= e.category() == registry::v1::STAFF_CATEGORY_PEDAGOGUE;
    manager |= e.category() == registry::v1::STAFF_CATEGORY_MANAGER;
    const auto rank = [](const registry::v1::Employment& r) {
      return std::tuple(!r.main(), FromDate(r.start_date()), r.name());
    };
    if (place == nullptr || rank(e) < rank(*place)) place = &e;
  }
  if (place != nullptr) {
    out.organisation_id = IdOf(place->organisation());
    out.municipality_id = MunicipalityOf(place->organisation());
  }
  bool diagnosed = false, routed = false, supported = false, completed = false, matched = false;
  for (const auto& [unused, s] : sessions) {
    diagnosed |= s.person() == name && s.held_at_centre() && s.has_submit_date() &&
                 s.state() == diagnostics::v1::Session::STATE_SUBMITTED &&
                 Within(FromDate(s.submit_date()), first, cut_off);
  }
  for (const auto& [unused, r] : routes) {
    using diagnostics::v1::Route;
    const bool open = r.state() == Route::STATE_APPROVED || r.state() == Route::STATE_ACTIVE ||
                      r.state() == Route::STATE_PAUSED || r.state() == Route::STATE_COMPLETED;
    routed |= r.person() == name && r.on_centre_diagnostics() && open && r.has_approve_date() &&
              Within(FromDate(r.approve_date()), first, cut_off);
  }
  for (const auto& [unused, s] : supports) {
    supported |= s.person() == name && FromDate(s.start_date()) <= cut_off &&
                 DateOr(s.has_end_date(), s.end_date(), kForever) >= first;
  }
  for (const auto& [unused, c] : completions) {
    if (c.person() != name || !Within(FromDate(c.completion_date()), first, cut_off)) continue;
    completed = true;
    auto route = routes.find(c.route());
    matched |= c.register_programme() && c.chosen_by_diagnostics() && route != routes.end() &&
               route->second.person() == name && route->second.on_centre_diagnostics();
  }
  const auto& person = persons.at(name);
  const bool young = pedagogue && person.has_teaching_start_date() &&
                     person.has_young_specialist_until_date() &&
                     Within(cut_off, FromDate(person.teaching_start_date()),
                            FromDate(person.young_specialist_until_date()));
  out.mask = Bit(v1::FACT_EMPLOYED_PEDAGOGUE, pedagogue) | Bit(v1::FACT_EMPLOYED_MANAGER, manager) |
             Bit(v1::FACT_DIAGNOSED_AT_CENTRE, diagnosed) |
             Bit(v1::FACT_ROUTE_ON_CENTRE_DIAGNOSTICS, routed) |
             Bit(v1::FACT_REGISTER_PROGRAMME_MATCHED_COMPLETED, matched) |
             Bit(v1::FACT_YOUNG_FIRST_THREE_YEARS, young) | Bit(v1::FACT_SUPPORTED, supported) |
             Bit(v1::FACT_PROGRAMME_COMPLETED, completed);
  return out;
}

ExpectedFacts World::TeamFacts(const registry::v1::ManagementTeam& team, Day first,
                               Day cut_off) const {
  ExpectedFacts out;
  const Day end = DateOr(team.has_disbanded_date(), team.disbanded_date(), kForever);
  if (!Within(cut_off, FromDate(team.formed_date()), end)) return out;
  out.organisation_id = IdOf(team.organisation());
  out.municipality_id = MunicipalityOf(team.organisation());
  int trained = 0;
  bool leader = false;
  for (int i = 0; i < team.members_size(); ++i) {
    const bool is = std::any_of(completions.begin(), completions.end(), [&](const auto& entry) {
      const auto& c = entry.second;
      return c.person() == team.members(i) &&
             Within(FromDate(c.completion_date()), first, cut_off) &&
             std::count(c.topic_codes().begin(), c.topic_codes().end(),
                        "education-quality-management") > 0;
    });
    trained += is;
    leader |= is && i == 0;
  }
  out.mask = Bit(v1::FACT_TEAM, true) | Bit(v1::FACT_TEAM_LEADER_QUALITY_TRAINED, leader) |
             Bit(v1::FACT_TEAM_HALF_QUALITY_TRAINED, 2 * trained >= team.members_size()) |
             Bit(v1::FACT_TEAM_ALL_QUALITY_TRAINED, trained == team.members_size());
  return out;
}

ExpectedFacts World::ProgrammeFacts(const programs::v1::Programme& programme, Day cut_off) const {
  ExpectedFacts out;
  out.organisation_id = IdOf(programme.provider());
  out.municipality_id = MunicipalityOf(programme.provider());
  auto provider = organisations.find(programme.provider());
  const auto kind = provider == organisations.end() ? registry::v1::ORGANISATION_KIND_UNSPECIFIED
                                                    : provider->second.kind();
  const bool withdrawn = programme.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN &&
                         programme.has_register_withdrawn_date() &&
                         FromDate(programme.register_withdrawn_date()) > cut_off;
  const bool stood = programme.register_state() == programs::v1::REGISTER_STATE_LISTED || withdrawn;
  const bool already = !programme.has_register_listed_date() ||
                       FromDate(programme.register_listed_date()) <= cut_off;
  out.mask =
      Bit(v1::FACT_PROGRAMME_OF_INSTITUTE, kind == registry::v1::ORGANISATION_KIND_INSTITUTE) |
      Bit(v1::FACT_PROGRAMME_IN_REGISTER, stood && already) |
      Bit(v1::FACT_PROGRAMME_DELIVERED, !programme.provider().empty()) |
      Bit(v1::FACT_PROGRAMME_OF_CENTRE, kind == registry::v1::ORGANISATION_KIND_CENTRE);
  return out;
}

Expected World::Facts(int year, Day cut_off) const {
  const Day first = year * 10000 + 101;
  Expected all;
  const auto add = [&](v1::SubjectKind kind, const std::string& name, ExpectedFacts facts) {
    if (facts.mask != 0) all[{kind, IdOf(name)}] = std::move(facts);
  };
  for (const auto& [name, unused] : persons) {
    add(v1::SUBJECT_KIND_PERSON, name, PersonFacts(name, first, cut_off));
  }
  for (const auto& [name, team] : teams) {
    add(v1::SUBJECT_KIND_TEAM, name, TeamFacts(team, first, cut_off));
  }
  for (const auto& [name, programme] : programmes) {
    add(v1::SUBJECT_KIND_PROGRAMME, name, ProgrammeFacts(programme, cut_off));
  }
  return all;
}

}  // namespace rsnms::monitoring
