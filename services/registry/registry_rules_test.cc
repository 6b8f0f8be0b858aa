#include "services/registry/registry_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/rpc/status.h"
#include "services/registry/link_rules.h"

namespace rsnms::registry {
namespace {

using absl::CivilDay;

google::type::Date D(int year, int month, int day) { return ToDate(CivilDay(year, month, day)); }

TEST(YoungSpecialist, EndsWithThirdYearOfWork) {
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(2000, 5, 10), CivilDay(2022, 9, 1)),
            CivilDay(2025, 8, 31));
}

TEST(YoungSpecialist, EndsTheDayBeforeThe35thBirthdayWhenThatComesFirst) {
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(1990, 3, 15), CivilDay(2024, 9, 1)),
            CivilDay(2025, 3, 14));
}

TEST(YoungSpecialist, NeverWhoStartsAt35OrLater) {
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(1989, 9, 1), CivilDay(2024, 9, 1)), std::nullopt);
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(1989, 9, 2), CivilDay(2024, 9, 1)), CivilDay(2024, 9, 1));
}

TEST(YoungSpecialist, LeapDaysEndOnTheLastOfFebruary) {
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(1992, 2, 29), CivilDay(2025, 9, 1)),
            CivilDay(2027, 2, 28));
  EXPECT_EQ(YoungSpecialistUntil(CivilDay(2000, 1, 1), CivilDay(2024, 2, 29)),
            CivilDay(2027, 2, 28));
}

// The reference reads the clause day by day: under 35 and within the first three years.
TEST(YoungSpecialist, AgreesWithTheClauseReadDayByDay) {
  rc::check([] {
    const CivilDay birth = CivilDay(1960, 1, 1) + *rc::gen::inRange(0, 16000);
    const CivilDay start = YearsLater(birth, 14) + *rc::gen::inRange(0, 10000);
    const CivilDay day = start + *rc::gen::inRange(0, 1500);
    const bool under35 = day < YearsLater(birth, 35);
    const bool first_three = day < YearsLater(start, 3);
    const auto until = YoungSpecialistUntil(birth, start);
    RC_ASSERT((until.has_value() && day <= *until) == (under35 && first_three));
  });
}

TEST(PersonRules, DerivedDateFollowsItsSources) {
  v1::Person person;
  *person.mutable_young_specialist_until_date() = D(2099, 1, 1);  // a caller's value never stays
  ASSERT_TRUE(CheckPerson(person).ok());
  EXPECT_FALSE(person.has_young_specialist_until_date());
  *person.mutable_birth_date() = D(2000, 5, 10);
  *person.mutable_teaching_start_date() = D(2022, 9, 1);
  ASSERT_TRUE(CheckPerson(person).ok());
  EXPECT_EQ(ToIso(person.young_specialist_until_date()), "2025-08-31");
}

TEST(PersonRules, NobodyTeachesBefore14) {
  v1::Person person;
  *person.mutable_birth_date() = D(2010, 9, 2);
  *person.mutable_teaching_start_date() = D(2024, 9, 1);
  EXPECT_EQ(rpc::ReasonOf(CheckPerson(person)), "WORK_BEFORE_ALLOWED_AGE");
  *person.mutable_birth_date() = D(2010, 9, 1);
  EXPECT_TRUE(CheckPerson(person).ok());
}

TEST(OrganisationRules, SchoolsLieInAMunicipality) {
  v1::Organisation school;
  school.set_kind(v1::ORGANISATION_KIND_SCHOOL);
  EXPECT_EQ(rpc::ReasonOf(CheckOrganisation(school)), "MUNICIPALITY_REQUIRED");
  school.set_municipality("regions/86/municipalities/71876000");
  EXPECT_TRUE(CheckOrganisation(school).ok());
  v1::Organisation institute;
  institute.set_kind(v1::ORGANISATION_KIND_INSTITUTE);
  EXPECT_TRUE(CheckOrganisation(institute).ok());
}

TEST(OrganisationRules, ClosingComesAfterFounding) {
  v1::Organisation body;
  body.set_kind(v1::ORGANISATION_KIND_COLLEGE);
  *body.mutable_founded_date() = D(2000, 1, 2);
  *body.mutable_closed_date() = D(2000, 1, 1);
  EXPECT_EQ(rpc::ReasonOf(CheckOrganisation(body)), "END_BEFORE_START");
}

TEST(MunicipalityRules, IdIsTheOktmoCode) {
  v1::Municipality surgut;
  surgut.set_name("regions/86/municipalities/71876000");
  ASSERT_TRUE(CheckMunicipality(surgut).ok());
  EXPECT_EQ(surgut.oktmo_code(), "71876000");
  surgut.set_oktmo_code("71875000");
  EXPECT_EQ(rpc::ReasonOf(CheckMunicipality(surgut)), "MUNICIPALITY_CODE_MISMATCH");
  v1::Municipality slug;
  slug.set_name("regions/86/municipalities/surgut");
  EXPECT_EQ(rpc::ReasonOf(CheckMunicipality(slug)), "MUNICIPALITY_CODE_MISMATCH");
}

TEST(EmploymentRules, RateIsAboveZeroAndAtMostTwo) {
  v1::Employment employment;
  *employment.mutable_start_date() = D(2024, 9, 1);
  EXPECT_TRUE(CheckEmployment(employment).ok()) << "an unknown rate is allowed";
  for (const char* good : {"0.25", "1", "2"}) {
    employment.mutable_rate()->set_value(good);
    EXPECT_TRUE(CheckEmployment(employment).ok()) << good;
  }
  for (const char* bad : {"0", "-1", "2.01", "nan", "x", ""}) {
    employment.mutable_rate()->set_value(bad);
    EXPECT_EQ(rpc::ReasonOf(CheckEmployment(employment)), "RATE_OUT_OF_RANGE") << bad;
  }
}

TEST(EmploymentRules, NothingBeginsBeforeTheBodyIsFounded) {
  const OrganisationFacts facts{
      .municipality = "", .founded = CivilDay(2020, 9, 1), .closed = CivilDay(2024, 8, 31)};
  EXPECT_TRUE(MayBegin(&facts, D(2020, 9, 1), "organisation").ok());
  EXPECT_EQ(rpc::ReasonOf(MayBegin(&facts, D(2020, 8, 31), "organisation")), "OUT_OF_RANGE");
  EXPECT_EQ(rpc::ReasonOf(MayBegin(&facts, D(2024, 9, 1), "organisation")), "ORGANISATION_CLOSED");
}

TEST(PersonRules, NobodyIsBornInTheFuture) {
  const CivilDay today(2026, 3, 1);
  v1::Person person;
  *person.mutable_birth_date() = D(2026, 3, 1);
  EXPECT_TRUE(CheckAgainstToday(person, today).ok());
  *person.mutable_birth_date() = D(2026, 3, 2);
  EXPECT_EQ(rpc::ReasonOf(CheckAgainstToday(person, today)), "OUT_OF_RANGE");
  person.clear_birth_date();
  *person.mutable_teaching_start_date() = D(2027, 3, 1);
  EXPECT_TRUE(CheckAgainstToday(person, today).ok()) << "a graduate who is expected";
  *person.mutable_teaching_start_date() = D(2027, 3, 2);
  EXPECT_EQ(rpc::ReasonOf(CheckAgainstToday(person, today)), "OUT_OF_RANGE");
}

TEST(PersonRules, BirthLiesFourteenYearsBeforeTheFirstRecord) {
  v1::Person person;
  EXPECT_TRUE(CheckBirth(person, CivilDay(1950, 1, 1)).ok()) << "not known";
  *person.mutable_birth_date() = D(1996, 2, 29);
  EXPECT_TRUE(CheckBirth(person, std::nullopt).ok());
  EXPECT_TRUE(CheckBirth(person, CivilDay(2010, 3, 1)).ok());
  EXPECT_EQ(rpc::ReasonOf(CheckBirth(person, CivilDay(2010, 2, 28))), "WORK_BEFORE_ALLOWED_AGE");
}

TEST(EmploymentRules, LastDayMayBeTheFirst) {
  v1::Employment employment;
  *employment.mutable_start_date() = D(2024, 9, 1);
  *employment.mutable_end_date() = D(2024, 9, 1);
  EXPECT_TRUE(CheckEmployment(employment).ok());
  *employment.mutable_end_date() = D(2024, 8, 31);
  EXPECT_EQ(rpc::ReasonOf(CheckEmployment(employment)), "END_BEFORE_START");
}

TEST(SupportRules, NobodyIsTheirOwnMentor) {
  v1::SupportRecord record;
  *record.mutable_start_date() = D(2024, 9, 1);
  record.set_person("regions/86/persons/a");
  record.set_mentor("regions/86/persons/a");
  EXPECT_EQ(rpc::ReasonOf(CheckSupportRecord(record)), "OWN_MENTOR");
}

TEST(TeamRules, MembersAreThereAndDiffer) {
  v1::ManagementTeam team;
  *team.mutable_formed_date() = D(2024, 9, 1);
  EXPECT_EQ(rpc::ReasonOf(CheckManagementTeam(team)), "REQUIRED_FIELD_MISSING");
  team.add_members("regions/86/persons/a");
  EXPECT_TRUE(CheckManagementTeam(team).ok());
  team.add_members("regions/86/persons/a");
  EXPECT_EQ(rpc::ReasonOf(CheckManagementTeam(team)), "REPEATED_MEMBER");
}

TEST(NeighbourRules, ClosedBodyTakesNobodyAfterItsLastDay) {
  OrganisationFacts body{.municipality = "", .closed = CivilDay(2024, 8, 31)};
  EXPECT_TRUE(MayBegin(&body, D(2024, 8, 31), "organisation").ok());
  EXPECT_EQ(rpc::ReasonOf(MayBegin(&body, D(2024, 9, 1), "organisation")), "ORGANISATION_CLOSED");
  body = {.municipality = "", .closed = std::nullopt, .deleted = true};
  EXPECT_EQ(rpc::ReasonOf(MayBegin(&body, D(2020, 1, 1), "organisation")), "ORGANISATION_CLOSED");
  EXPECT_EQ(rpc::ReasonOf(MayBegin(nullptr, D(2020, 1, 1), "organisation")), "REFERENCE_NOT_FOUND");
}

TEST(PeriodBook, SharedDayClashes) {
  PeriodBook book;
  book.Put("person", "a", {.first = 1, .last = 10});
  EXPECT_TRUE(book.Clashes("person", "b", {.first = 10}));
  EXPECT_FALSE(book.Clashes("person", "b", {.first = 11}));
  EXPECT_FALSE(book.Clashes("person", "a", {.first = 5}))
      << "a row does not clash with its own old image";
  EXPECT_FALSE(book.Clashes("other", "b", {.first = 5}));
}

LinkGraph::Link L(int id, int child, int parent, int64_t first, int64_t last) {
  return {.id = absl::StrCat(id),
          .child = absl::StrCat(child),
          .parent = absl::StrCat(parent),
          .period = {.first = first, .last = last}};
}

TEST(LinkGraph, CycleOnASharedDayIsRefused) {
  LinkGraph graph;
  ASSERT_TRUE(graph.Add(L(1, 1, 2, 0, 10)).ok());
  ASSERT_TRUE(graph.Add(L(2, 2, 3, 5, 15)).ok());
  EXPECT_EQ(rpc::ReasonOf(graph.Add(L(3, 3, 1, 10, 20))), "LINK_CYCLE");
  EXPECT_TRUE(graph.Add(L(3, 3, 1, 11, 20)).ok()) << "no day on which all three hold";
}

TEST(LinkGraph, RefusedChangeLeavesTheOldLink) {
  LinkGraph graph;
  ASSERT_TRUE(graph.Add(L(1, 1, 2, 0, 10)).ok());
  ASSERT_TRUE(graph.Add(L(2, 2, 3, 0, 10)).ok());
  EXPECT_EQ(rpc::ReasonOf(graph.Add(L(2, 2, 1, 0, 10))), "LINK_CYCLE");
  ASSERT_NE(graph.ParentOn("2", 5), nullptr);
  EXPECT_EQ(graph.ParentOn("2", 5)->parent, "3");
}

// The reference looks at every day by itself: two parents, or a walk upward that comes back.
std::string NaiveVerdict(const std::vector<LinkGraph::Link>& links) {
  for (int64_t day = 0; day <= 12; ++day) {
    std::map<std::string, std::string> parent;
    for (const auto& link : links) {
      if (link.period.Contains(day) && !parent.emplace(link.child, link.parent).second)
        return "SECOND_PARENT";
    }
  }
  for (int64_t day = 0; day <= 12; ++day) {
    std::map<std::string, std::string> parent;
    for (const auto& link : links) {
      if (link.period.Contains(day)) parent[link.child] = link.parent;
    }
    for (const auto& [child, first] : parent) {
      std::string at = child;
      for (size_t i = 0; i <= parent.size(); ++i) {
        auto next = parent.find(at);
        if (next == parent.end()) break;
        at = next->second;
        if (at == child) return "LINK_CYCLE";
      }
    }
  }
  return "";
}

TEST(LinkGraph, AgreesWithLookingAtEveryDay) {
  rc::check([] {
    LinkGraph graph;
    std::vector<LinkGraph::Link> held;
    const int steps = *rc::gen::inRange(1, 14);
    for (int i = 0; i < steps; ++i) {
      const int child = *rc::gen::inRange(0, 5);
      const int parent = (child + *rc::gen::inRange(1, 5)) % 5;
      const int first = *rc::gen::inRange(0, 12);
      const auto link =
          L(*rc::gen::inRange(0, 8), child, parent, first, first + *rc::gen::inRange(0, 6));
      auto tried = held;
      std::erase_if(tried, [&](const auto& other) { return other.id == link.id; });
      tried.push_back(link);
      const std::string verdict = NaiveVerdict(tried);
      RC_ASSERT(rpc::ReasonOf(graph.Add(link)) == verdict);
      if (verdict.empty()) held = tried;
    }
  });
}

}  // namespace
}  // namespace rsnms::registry
