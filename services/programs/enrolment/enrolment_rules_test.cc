#include "services/programs/enrolment/enrolment_rules.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "libs/rpc/status.h"

namespace rsnms::programs::enrolment_rules {
namespace {

using E = v1::Enrolment;

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(EnrolmentRules, OnlyTheTableOfTransitionsIsAllowed) {
  // Written out anew from the contract's comment, not read from the code.
  const std::set<std::pair<State, State>> allowed = {
      {E::STATE_APPLIED, E::STATE_ENROLLED},      {E::STATE_APPLIED, E::STATE_WITHDRAWN},
      {E::STATE_ENROLLED, E::STATE_IN_PROGRESS},  {E::STATE_ENROLLED, E::STATE_WITHDRAWN},
      {E::STATE_IN_PROGRESS, E::STATE_COMPLETED}, {E::STATE_IN_PROGRESS, E::STATE_FAILED},
      {E::STATE_IN_PROGRESS, E::STATE_WITHDRAWN}, {E::STATE_DEFERRED, E::STATE_WITHDRAWN},
      {E::STATE_ENROLLED, E::STATE_DEFERRED},     {E::STATE_IN_PROGRESS, E::STATE_DEFERRED},
      {E::STATE_DEFERRED, E::STATE_ENROLLED},     {E::STATE_APPLIED, E::STATE_TRANSFERRED},
      {E::STATE_ENROLLED, E::STATE_TRANSFERRED},  {E::STATE_IN_PROGRESS, E::STATE_TRANSFERRED},
      {E::STATE_DEFERRED, E::STATE_TRANSFERRED},  {E::STATE_APPLIED, E::STATE_VOID},
      {E::STATE_ENROLLED, E::STATE_VOID},         {E::STATE_IN_PROGRESS, E::STATE_VOID},
      {E::STATE_DEFERRED, E::STATE_VOID},         {E::STATE_WITHDRAWN, E::STATE_VOID},
      {E::STATE_COMPLETED, E::STATE_VOID},        {E::STATE_FAILED, E::STATE_VOID}};
  for (int from = E::State_MIN; from <= E::State_MAX; ++from) {
    for (int to = E::State_MIN; to <= E::State_MAX; ++to) {
      E enrolment;
      enrolment.set_state(static_cast<State>(from));
      const bool expected = allowed.contains({static_cast<State>(from), static_cast<State>(to)});
      const absl::Status status = Move(enrolment, static_cast<State>(to), absl::UnixEpoch());
      EXPECT_EQ(status.ok(), expected) << from << " to " << to;
      EXPECT_EQ(rpc::ReasonOf(status), expected ? "" : "INVALID_STATE");
      EXPECT_EQ(enrolment.state(), expected ? to : from);
    }
  }
}

TEST(EnrolmentRules, AnEnrolmentBeginsLivingAndAppliedByDefault) {
  for (int state = E::State_MIN; state <= E::State_MAX; ++state) {
    E enrolment;
    enrolment.set_state(static_cast<State>(state));
    const absl::Status status = Check(resource::Change::kCreate, nullptr, &enrolment);
    EXPECT_EQ(status.ok(), state <= E::STATE_IN_PROGRESS) << state;
    EXPECT_EQ(enrolment.state(), state == E::STATE_UNSPECIFIED ? E::STATE_APPLIED : state);
  }
}

TEST(EnrolmentRules, DiagnosticsNamesARoute) {
  E enrolment;
  enrolment.set_basis(v1::ENROLMENT_BASIS_DIAGNOSTICS);
  EXPECT_EQ(rpc::ReasonOf(Check(resource::Change::kCreate, nullptr, &enrolment)),
            "REQUIRED_FIELD_MISSING");
  enrolment.set_route("regions/86/routes/0190a1b2-0000-7000-8000-000000000001");
  EXPECT_TRUE(Check(resource::Change::kCreate, nullptr, &enrolment).ok());
}

TEST(EnrolmentRules, LearningEndsNotBeforeItBegins) {
  E enrolment;
  *enrolment.mutable_start_date() = Day(2026, 3, 2);
  *enrolment.mutable_planned_end_date() = Day(2026, 3, 1);
  EXPECT_EQ(rpc::ReasonOf(Check(resource::Change::kCreate, nullptr, &enrolment)), "OUT_OF_RANGE");
  *enrolment.mutable_planned_end_date() = Day(2026, 3, 2);
  EXPECT_TRUE(Check(resource::Change::kCreate, nullptr, &enrolment).ok());
}

TEST(EnrolmentRules, OnlyApplicationsAreDeleted) {
  E enrolment;
  enrolment.set_state(E::STATE_APPLIED);
  EXPECT_TRUE(Check(resource::Change::kDelete, &enrolment, &enrolment).ok());
  enrolment.set_state(E::STATE_ENROLLED);
  EXPECT_EQ(rpc::ReasonOf(Check(resource::Change::kDelete, &enrolment, &enrolment)),
            "INVALID_STATE");
}

struct Ended {
  E enrolment;
  v1::Programme programme;
};

Ended Example() {
  Ended ended;
  ended.enrolment.set_name("regions/86/enrolments/e");
  ended.enrolment.set_category(v1::LEARNER_CATEGORY_MANAGER);
  ended.enrolment.set_basis(v1::ENROLMENT_BASIS_DIAGNOSTICS);
  ended.enrolment.set_route("regions/86/routes/r");
  *ended.enrolment.mutable_start_date() = Day(2026, 2, 1);
  ended.programme.set_provider("regions/86/organisations/o");
  ended.programme.set_provider_inn("8601999991");
  ended.programme.set_duration_hours(36);
  ended.programme.set_register_state(v1::REGISTER_STATE_LISTED);
  ended.programme.set_federal_register_number("DPP-000001");
  ended.programme.add_topic_codes("education-quality-management");
  ended.programme.add_competencies()->set_competency("regions/86/competencies/c");
  return ended;
}

TEST(EnrolmentRules, CompletionFreezesWhatTheIndicatorsNeed) {
  const Ended ended = Example();
  auto completion = MakeCompletion(ended.enrolment, ended.programme, "У-1", Day(2026, 2, 20));
  ASSERT_TRUE(completion.ok()) << completion.status();
  EXPECT_TRUE(completion->register_programme());
  EXPECT_TRUE(completion->chosen_by_diagnostics());
  EXPECT_EQ(completion->federal_register_number(), "DPP-000001");
  EXPECT_EQ(completion->duration_hours(), 36);
  EXPECT_EQ(completion->category(), v1::LEARNER_CATEGORY_MANAGER);
  EXPECT_EQ(completion->topic_codes(0), "education-quality-management");
  EXPECT_EQ(completion->competencies(0), "regions/86/competencies/c");
  EXPECT_EQ(completion->provider_key(), "o");
}

TEST(EnrolmentRules, AWithdrawnProgrammeIsNoRegisterProgramme) {
  Ended ended = Example();
  ended.programme.set_register_state(v1::REGISTER_STATE_WITHDRAWN);
  auto completion = MakeCompletion(ended.enrolment, ended.programme, "У-1", Day(2026, 2, 20));
  ASSERT_TRUE(completion.ok());
  EXPECT_FALSE(completion->register_programme());
  EXPECT_EQ(completion->federal_register_number(), "");
}

TEST(EnrolmentRules, APlannedProgrammeIsNotChosenByDiagnostics) {
  Ended ended = Example();
  ended.enrolment.set_basis(v1::ENROLMENT_BASIS_PLAN);
  auto completion = MakeCompletion(ended.enrolment, ended.programme, "У-1", Day(2026, 2, 20));
  ASSERT_TRUE(completion.ok());
  EXPECT_FALSE(completion->chosen_by_diagnostics());
}

TEST(EnrolmentRules, CompletionNeedsANumberAndADayAfterTheBeginning) {
  const Ended ended = Example();
  EXPECT_EQ(rpc::ReasonOf(
                MakeCompletion(ended.enrolment, ended.programme, "", Day(2026, 2, 20)).status()),
            "REQUIRED_FIELD_MISSING");
  for (const auto& day : {Day(2026, 1, 31), Day(0, 0, 0), Day(2026, 2, 0)}) {
    EXPECT_EQ(rpc::ReasonOf(MakeCompletion(ended.enrolment, ended.programme, "У-1", day).status()),
              "OUT_OF_RANGE");
  }
}

TEST(EnrolmentRules, WhatSaysNoDayIsRecordedBackThreeYearsAtMost) {
  const absl::Time now =
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 30, 0), absl::UTCTimeZone());
  v1::Enrolment enrolment;
  enrolment.mutable_create_time()->set_seconds(absl::ToUnixSeconds(now));
  const auto check = [&](int year, int month, int day) {
    return rpc::ReasonOf(CheckCompletionDay(enrolment, Day(year, month, day), now));
  };
  EXPECT_EQ(check(2023, 11, 23), "");
  EXPECT_EQ(check(2023, 11, 22), "OUT_OF_RANGE");
  EXPECT_EQ(check(1926, 5, 20), "OUT_OF_RANGE");
  EXPECT_EQ(check(2026, 11, 24), "") << "it is tomorrow in Kamchatka";
  EXPECT_EQ(check(2026, 11, 25), "OUT_OF_RANGE");
  *enrolment.mutable_start_date() = Day(2019, 9, 1);
  EXPECT_EQ(check(2019, 12, 1), "") << "it says when";
  EXPECT_EQ(check(2026, 11, 25), "OUT_OF_RANGE");
  enrolment.clear_start_date();
  enrolment.set_group("regions/86/groups/g");
  EXPECT_EQ(check(2019, 12, 1), "") << "the group's days judge";
}

TEST(EnrolmentRules, TomorrowComesWithTheEasternmostDay) {
  const auto at = [](int hour) {
    return LastDay(
               absl::FromCivil(absl::CivilSecond(2026, 11, 23, hour, 0, 0), absl::UTCTimeZone()))
        .day();
  };
  EXPECT_EQ(at(0), 23);
  EXPECT_EQ(at(11), 23);
  EXPECT_EQ(at(12), 24);
  EXPECT_EQ(at(23), 24);
}

TEST(EnrolmentRules, CertificateNumbersAreUniquePerProviderHoweverItIsKnown) {
  v1::Programme programme;
  programme.set_provider_title("Институт");
  EXPECT_EQ(ProviderKey(programme), "Институт");
  programme.set_provider_inn("8601999991");
  EXPECT_EQ(ProviderKey(programme), "8601999991");
  programme.set_provider("regions/86/organisations/o");
  EXPECT_EQ(ProviderKey(programme), "o");
}

}  // namespace
}  // namespace rsnms::programs::enrolment_rules
