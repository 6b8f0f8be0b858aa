// The facts of the invented region, read naively.
#include <algorithm>
#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/monitoring/test_world.h"

namespace rsnms::monitoring {

namespace {

std::string IdOf(const std::string& name) { return name.substr(name.rfind('/') + 1); }

bool Within(Day day, Day first, Day last) { return first <= day && day <= last; }

template <class R>
Day DateOr(const R& has, const google::type::Date& date, Day otherwise) {
  return has ? FromDate(date) : otherwise;
}

constexpr Day kForever = 99991231;

FactMask Bit(v1::Fact fact, bool holds) { return holds ? BitOf(fact) : 0; }

}  // namespace

// In the period, and its enrolment is not known to be a mistake.
bool World::Counts(const programs::v1::Completion& completion, Day first, Day cut_off) const {
  const auto enrolment = enrolments.find(completion.enrolment());
  return Within(FromDate(completion.completion_date()), first, cut_off) &&
         (enrolment == enrolments.end() ||
          enrolment->second.state() != programs::v1::Enrolment::STATE_VOID);
}

bool World::LearnsOn(const std::string& person, Day day) const {
  using programs::v1::Enrolment;
  return std::any_of(enrolments.begin(), enrolments.end(), [&](const auto& entry) {
    const Enrolment& e = entry.second;
    if (e.person() != person) return false;
    const absl::CivilDay stated =
        absl::ToCivilDay(absl::FromUnixSeconds(e.state_time().seconds()), absl::UTCTimeZone());
    const Day changed =
        DateOr(e.has_state_date(), e.state_date(),
               static_cast<Day>(stated.year()) * 10000 + stated.month() * 100 + stated.day());
    const bool goes_on = e.state() == Enrolment::STATE_IN_PROGRESS;
    Day from = DateOr(e.has_start_date(), e.start_date(),
                      DateOr(e.has_enrolled_date(), e.enrolled_date(), kForever));
    if (from == kForever && goes_on) from = changed;
    if (goes_on) return from <= day;
    return (e.state() == Enrolment::STATE_COMPLETED || e.state() == Enrolment::STATE_FAILED) &&
           from <= day && changed > day;
  });
}

bool World::Accepted(const std::string& person, programs::v1::LearningKind kind, Day first,
                     Day cut_off) const {
  return std::any_of(records.begin(), records.end(), [&](const auto& entry) {
    const auto& r = entry.second;
    return r.person() == person && r.kind() == kind &&
           r.state() == programs::v1::LearningRecord::STATE_ACCEPTED && r.has_acceptance_date() &&
           Within(FromDate(r.acceptance_date()), first, cut_off);
  });
}

bool World::HasCorporateHours(const std::string& person, int year, Day cut_off) const {
  programs::v1::LearningRules set;
  for (const auto& [unused, r] : rules) set = r;
  const int minimum = set.has_corporate_hours_minimum() ? set.corporate_hours_minimum() : 72;
  const int month = set.has_year_start_month() ? set.year_start_month() : 9;
  std::set<int> kinds(set.corporate_kinds().begin(), set.corporate_kinds().end());
  if (kinds.empty()) kinds = {1, 2, 3};  // internship, self-study, cascade
  const Day first = (month > 1 ? year - 1 : year) * 10000 + month * 100 + 1;
  const Day last = std::min(first + 10000 - 1, cut_off);  // the next year's first day is past it
  int hours = 0;
  for (const auto& [unused, t] : trainings) {
    if (t.person() == person && !set.registry_hours_excluded() &&
        Within(FromDate(t.end_date()), first, last)) {
      hours += t.hours();
    }
  }
  for (const auto& [unused, r] : records) {
    if (r.person() == person && r.state() == programs::v1::LearningRecord::STATE_ACCEPTED &&
        kinds.contains(r.kind()) && Within(FromDate(r.completion_date()), first, last)) {
      hours += r.completed_hours();
    }
  }
  return hours > 0 && hours >= minimum;
}

bool World::Certified(const programs::v1::Completion& completion) const {
  return std::any_of(certificates.begin(), certificates.end(), [&](const auto& entry) {
    return entry.second.completion() == completion.name() &&
           entry.second.state() == programs::v1::Certificate::STATE_ISSUED;
  });
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
  bool diagnosed = false, routed = false, supported = false, completed = false, matched = false,
       certified = false;
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
    if (c.person() != name || !Counts(c, first, cut_off)) continue;
    completed = true;
    certified |= Certified(c);
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
             Bit(v1::FACT_PROGRAMME_COMPLETED, completed) |
             Bit(v1::FACT_LEARNING, LearnsOn(name, cut_off)) |
             Bit(v1::FACT_PROGRAMME_CERTIFIED, certified) |
             Bit(v1::FACT_INTERNSHIP_ACCEPTED,
                 Accepted(name, programs::v1::LEARNING_KIND_INTERNSHIP, first, cut_off)) |
             Bit(v1::FACT_ACADEMY_TRAINED,
                 Accepted(name, programs::v1::LEARNING_KIND_ACADEMY, first, cut_off)) |
             Bit(v1::FACT_CORPORATE_HOURS_REACHED, HasCorporateHours(name, first / 10000, cut_off));
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
      return c.person() == team.members(i) && Counts(c, first, cut_off) &&
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

ExpectedFacts World::ProgrammeFacts(const programs::v1::Programme& programme, Day first,
                                    Day cut_off) const {
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
  bool approved = false, submitted = false, gone = false;
  for (const auto& [unused, v] : versions) {
    if (v.programme() != programme.name()) continue;
    approved |= v.has_approval_date() && Within(FromDate(v.approval_date()), first, cut_off);
    submitted |= v.has_submission_date() && Within(FromDate(v.submission_date()), first, cut_off);
    gone |= programme.withdrawn() && v.has_withdrawal_date() &&
            Within(FromDate(v.withdrawal_date()), first, cut_off);
  }
  gone |= programme.register_state() == programs::v1::REGISTER_STATE_WITHDRAWN &&
          programme.has_register_withdrawn_date() &&
          Within(FromDate(programme.register_withdrawn_date()), first, cut_off);
  out.mask =
      Bit(v1::FACT_PROGRAMME_VERSION_APPROVED, approved) |
      Bit(v1::FACT_PROGRAMME_VERSION_SUBMITTED, submitted) |
      Bit(v1::FACT_PROGRAMME_WITHDRAWN, gone) |
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
    add(v1::SUBJECT_KIND_PROGRAMME, name, ProgrammeFacts(programme, first, cut_off));
  }
  return all;
}

}  // namespace rsnms::monitoring
