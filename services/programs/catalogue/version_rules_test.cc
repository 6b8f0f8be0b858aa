#include "services/programs/catalogue/version_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::version_rules {
namespace {

using resource::Change;
using Version = v1::ProgrammeVersion;

google::type::Date Day(int month, int day) {
  google::type::Date date;
  date.set_year(2026);
  date.set_month(month);
  date.set_day(day);
  return date;
}

Version Draft() {
  Version version;
  version.set_name("regions/86/programmeVersions/0190a1b2-0000-7000-8000-000000000001");
  version.set_title("Практикум");
  version.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  version.set_duration_hours(16);
  version.set_state(Version::STATE_DRAFT);
  version.add_authors("regions/86/persons/0190a1b2-0000-7000-8000-000000000002");
  version.add_competencies()->set_competency("regions/86/competencies/methodical-lesson");
  version.set_goal("Цель");
  version.set_planned_results("Результаты");
  version.set_conditions("Условия");
  version.set_assessment_materials("Материалы");
  version.set_final_control(v1::CONTROL_FORM_CREDIT);
  version.add_syllabus()->mutable_hours()->set_lecture_hours(16);
  return version;
}

std::string Create(Version version) {
  return rpc::ReasonOf(Check(Change::kCreate, nullptr, &version));
}
std::string Step(const Version& before, Version::State to, Version* after) {
  *after = before;
  after->set_state(to);
  return rpc::ReasonOf(Check(Change::kUpdate, &before, after));
}
std::string HandIn(const Version& before) {
  Version after;
  return Step(before, Version::STATE_EXPERTISE, &after);
}

TEST(VersionRules, AuthorsAreNamedOnce) {
  Version version = Draft();
  EXPECT_EQ(Create(version), "");
  version.add_authors(version.authors(0));
  EXPECT_EQ(Create(version), "REPEATED_AUTHOR");
}

TEST(VersionRules, PartnersAreNamed) {
  Version version = Draft();
  version.add_network_partners()->set_agreement("Договор № 1");
  EXPECT_EQ(Create(version), "PARTNER_REQUIRED");
  version.mutable_network_partners(0)->set_organisation("regions/61/organisations/x");
  EXPECT_EQ(Create(version), "INVALID_REQUEST");
  version.mutable_network_partners(0)->set_organisation(
      "regions/86/organisations/0190a1b2-0000-7000-8000-000000000003");
  EXPECT_EQ(Create(version), "");
}

TEST(VersionRules, PriceIsNotNegativeAndHasKopecks) {
  Version version = Draft();
  for (const char* price : {"0", "1500", "1500.5", "1500.55"}) {
    version.mutable_price_rubles()->set_value(price);
    EXPECT_EQ(Create(version), "") << price;
  }
  for (const char* price : {"-1", "0.001", "1000000000000000"}) {
    version.mutable_price_rubles()->set_value(price);
    EXPECT_EQ(Create(version), "OUT_OF_RANGE") << price;
  }
}

TEST(VersionRules, InternshipIsPartOfTheHoursAndSitesNeedIt) {
  Version version = Draft();
  version.clear_syllabus();
  version.set_internship_hours(17);
  EXPECT_EQ(Create(version), "OUT_OF_RANGE");
  version.set_internship_hours(0);
  version.add_internship_sites("regions/86/sites/0190a1b2-0000-7000-8000-000000000004");
  EXPECT_EQ(Create(version), "OUT_OF_RANGE");
  version.set_internship_hours(8);
  EXPECT_EQ(Create(version), "");
}

TEST(VersionRules, HandingInTakesEverythingTheActsDemand) {
  EXPECT_EQ(HandIn(Draft()), "");
  const auto lacks = [](const std::function<void(Version&)>& take) {
    Version version = Draft();
    take(version);
    EXPECT_EQ(Create(version), "") << "a draft may lack it";
    return HandIn(version);
  };
  EXPECT_EQ(lacks([](Version& v) { v.clear_goal(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_planned_results(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_conditions(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_assessment_materials(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_final_control(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_competencies(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.clear_syllabus(); }), "VERSION_INCOMPLETE");
  EXPECT_EQ(lacks([](Version& v) { v.add_network_partners()->set_title("Школа"); }),
            "VERSION_INCOMPLETE");
}

TEST(VersionRules, WhatWasHandedInDoesNotChange) {
  for (int state = 1; state <= Version::State_MAX; ++state) {
    Version before = Draft();
    before.set_state(static_cast<Version::State>(state));
    Version after = before;
    after.set_annotation("Иначе");
    const bool open = state == Version::STATE_DRAFT || state == Version::STATE_REWORK;
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kUpdate, &before, &after)), open ? "" : "VERSION_FROZEN")
        << Version::State_Name(state);
    after = before;
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kDelete, &before, &after)), open ? "" : "VERSION_FROZEN");
    after.set_superseded_by("regions/86/programmeVersions/0190a1b2-0000-7000-8000-000000000009");
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kUpdate, &before, &after)), "");
  }
}

TEST(VersionRules, EveryHandingInIsARoundAndReasonsAreOfTheStateTheyWereGivenFor) {
  Version version, draft = Draft();
  ASSERT_EQ(Create(draft), "");
  EXPECT_EQ(Step(draft, Version::STATE_EXPERTISE, &version), "");
  EXPECT_EQ(version.round(), 1);
  Version returned = version;
  returned.set_state_reason("Доработать");
  Version reworked;
  EXPECT_EQ(Step(returned, Version::STATE_REWORK, &reworked), "");
  EXPECT_EQ(reworked.state_reason(), "Доработать");
  EXPECT_EQ(reworked.round(), 1);
  EXPECT_EQ(Step(reworked, Version::STATE_EXPERTISE, &version), "");
  EXPECT_EQ(version.round(), 2);
  EXPECT_EQ(version.state_reason(), "");
}

TEST(VersionRules, DatesFollowTheSteps) {
  Version approved = Draft(), after;
  approved.set_state(Version::STATE_APPROVED);
  *approved.mutable_approval_date() = Day(2, 10);
  Version submitted = approved;
  *submitted.mutable_submission_date() = Day(2, 9);
  EXPECT_EQ(Step(submitted, Version::STATE_SUBMITTED, &after), "DATES_OUT_OF_ORDER");
  *submitted.mutable_submission_date() = Day(2, 10);
  ASSERT_EQ(Step(submitted, Version::STATE_SUBMITTED, &submitted), "");
  Version declined = submitted;
  *declined.mutable_register_answer_date() = Day(2, 1);
  EXPECT_EQ(Step(declined, Version::STATE_DECLINED, &after), "DATES_OUT_OF_ORDER");
  *declined.mutable_register_answer_date() = Day(3, 1);
  ASSERT_EQ(Step(declined, Version::STATE_DECLINED, &declined), "");
  Version again = declined;
  *again.mutable_submission_date() = Day(2, 20);
  again.set_state(Version::STATE_SUBMITTED);
  EXPECT_EQ(rpc::ReasonOf(Check(Change::kUpdate, &declined, &again)), "DATES_OUT_OF_ORDER")
      << "before the answer to the former submission";
  *again.mutable_submission_date() = Day(3, 2);
  EXPECT_TRUE(Check(Change::kUpdate, &declined, &again).ok());
  EXPECT_FALSE(again.has_register_answer_date()) << "that was the former answer";
  *approved.mutable_withdrawal_date() = Day(1, 1);
  EXPECT_EQ(Step(approved, Version::STATE_WITHDRAWN, &after), "DATES_OUT_OF_ORDER");
}

TEST(VersionRules, ProgrammeShowsWhomTheVersionIsMeantFor) {
  Version version = Draft();
  v1::Programme programme;
  programme.set_for_managers(true);
  programme.set_withdrawn(true);
  programme.set_federal_register_number("ДПП-1");
  version.add_listener_categories(v1::LISTENER_CATEGORY_YOUNG_SPECIALIST);
  Show(version, programme);
  EXPECT_TRUE(programme.for_pedagogues());
  EXPECT_FALSE(programme.for_managers());
  EXPECT_FALSE(programme.network());
  EXPECT_FALSE(programme.withdrawn());
  EXPECT_EQ(programme.current_version(), version.name());
  EXPECT_EQ(programme.federal_register_number(), "ДПП-1") << "not the version's to say";
  version.add_listener_categories(v1::LISTENER_CATEGORY_MANAGEMENT_TEAM);
  version.add_network_partners()->set_title("Школа");
  Show(version, programme);
  EXPECT_TRUE(programme.for_pedagogues());
  EXPECT_TRUE(programme.for_managers());
  version.clear_listener_categories();
  version.add_listener_categories(v1::LISTENER_CATEGORY_MANAGER);
  Show(version, programme);
  EXPECT_FALSE(programme.for_pedagogues());
  version.set_listener_categories(0, v1::LISTENER_CATEGORY_MENTOR);  // a teacher, or a deputy head
  Show(version, programme);
  EXPECT_TRUE(programme.for_pedagogues());
  EXPECT_TRUE(programme.for_managers());
  EXPECT_TRUE(programme.network());
}

TEST(VersionRules, RulesOfARegionHaveDefaultsAndTwoExpertsAtLeast) {
  v1::TrainingRules rules;
  ASSERT_TRUE(CheckRules(&rules).ok());
  EXPECT_EQ(rules.least_development_hours(), 16);
  EXPECT_EQ(rules.least_retraining_hours(), 250);
  EXPECT_EQ(rules.least_experts(), 2);
  EXPECT_EQ(rules.low_results_months(), 12);
  EXPECT_EQ(rules.first_training_months(), 24);
  rules.set_least_experts(1);
  EXPECT_EQ(rpc::ReasonOf(CheckRules(&rules)), "OUT_OF_RANGE");
  rules.set_least_experts(3);
  rules.add_criteria()->set_code("novelty");
  rules.add_criteria()->set_code("novelty");
  EXPECT_EQ(rpc::ReasonOf(CheckRules(&rules)), "INVALID_REQUEST");
}

}  // namespace
}  // namespace rsnms::programs::version_rules
