#include "services/registry/people/people_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "services/registry/people/standing_rules.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using absl::CivilDay;

google::type::Date D(int year, int month, int day) { return ToDate(CivilDay(year, month, day)); }

v1::Qualification Category(v1::QualificationCategory category, CivilDay decided,
                           std::optional<CivilDay> until = std::nullopt) {
  v1::Qualification q;
  q.set_category(category);
  *q.mutable_decision_date() = ToDate(decided);
  if (until) *q.mutable_valid_until_date() = ToDate(*until);
  return q;
}

TEST(ConsentRules, OnlyStatutoryTasksNeedNone) {
  EXPECT_FALSE(NeedsConsent(v1::CONSENT_PURPOSE_STATUTORY_TASKS));
  for (int p = v1::CONSENT_PURPOSE_PUBLICATION; p <= v1::ConsentPurpose_MAX; ++p) {
    EXPECT_TRUE(NeedsConsent(static_cast<v1::ConsentPurpose>(p))) << p;
  }
}

TEST(ConsentRules, WithdrawalSetsTheDayOfDestruction) {
  v1::Consent consent;
  *consent.mutable_given_date() = D(2025, 9, 1);
  *consent.mutable_withdrawn_date() = D(2026, 1, 15);
  ASSERT_TRUE(CheckConsentDates(consent).ok());
  EXPECT_EQ(ToCivil(consent.destroy_due_date()), CivilDay(2026, 2, 14));
  *consent.mutable_withdrawn_date() = D(2025, 8, 31);
  EXPECT_EQ(rpc::ReasonOf(CheckConsentDates(consent)), "END_BEFORE_START");
}

TEST(QualificationRules, ComplianceHoldsFiveYears) {
  auto q = Category(v1::QUALIFICATION_CATEGORY_COMPLIANCE, CivilDay(2024, 2, 29));
  ASSERT_TRUE(CheckQualification(q).ok());
  EXPECT_EQ(ToCivil(q.valid_until_date()), CivilDay(2029, 2, 28));
}

TEST(QualificationRules, HighestInForceCountsAndOfEqualsTheLatest) {
  const std::vector<v1::Qualification> all = {
      Category(v1::QUALIFICATION_CATEGORY_FIRST, CivilDay(2015, 1, 1), CivilDay(2019, 12, 31)),
      Category(v1::QUALIFICATION_CATEGORY_HIGHEST, CivilDay(2018, 1, 1), CivilDay(2022, 12, 31)),
      Category(v1::QUALIFICATION_CATEGORY_FIRST, CivilDay(2023, 6, 1)),
      Category(v1::QUALIFICATION_CATEGORY_FIRST, CivilDay(2024, 6, 1))};
  EXPECT_EQ(CurrentQualification(all, CivilDay(2014, 12, 31)), nullptr);
  EXPECT_EQ(CurrentQualification(all, CivilDay(2016, 1, 1)), &all[0]);
  EXPECT_EQ(CurrentQualification(all, CivilDay(2022, 12, 31)), &all[1]);
  EXPECT_EQ(CurrentQualification(all, CivilDay(2023, 1, 1)), nullptr);
  EXPECT_EQ(CurrentQualification(all, CivilDay(2025, 1, 1)), &all[3]);
}

TEST(PeopleProfiles, EveryActHasOneAndRegionsFindTheirOwn) {
  for (const char* id : {"altai", "yugra", "orenburg", "volgodonsk", "dagestan", "federal"}) {
    ASSERT_TRUE(FindPeopleProfile(id, "86").ok()) << id;
  }
  EXPECT_EQ((*FindPeopleProfile("", "05"))->id(), "dagestan");
  EXPECT_EQ((*FindPeopleProfile("", "61"))->id(), "federal");
  EXPECT_EQ(rpc::ReasonOf(FindPeopleProfile("atlantis", "86").status()), "UNKNOWN_PEOPLE_PROFILE");
  EXPECT_EQ((*FindPeopleProfile("dagestan", ""))->ladder_size(), 5);
  EXPECT_EQ((*FindPeopleProfile("dagestan", ""))->corporate_hours(), 72);
}

// The reference reads the condition day by day; the stored date of Person agrees with it for the
// profiles that read the clause as Yugra does.
TEST(YoungOnADate, AgreesWithTheClauseReadDayByDay) {
  const auto& profile = **FindPeopleProfile("yugra", "");
  rc::check([&] {
    const CivilDay birth = CivilDay(1960, 1, 1) + *rc::gen::inRange(0, 16000);
    const CivilDay start = YearsLater(birth, 14) + *rc::gen::inRange(0, 10000);
    const CivilDay day = start + *rc::gen::inRange(-100, 1500);
    const bool young = start <= day && day < YearsLater(birth, 35) && day < YearsLater(start, 3);
    RC_ASSERT(JudgeYoung(profile, birth, start, day).young == young);
  });
}

TEST(YoungOnADate, ReadingIsTheProfiles) {
  v1::PeopleProfile profile;
  profile.set_young_age(35);
  profile.set_young_years(3);
  const CivilDay birth(1990, 5, 1), start(2020, 9, 1), day(2025, 5, 1);
  EXPECT_FALSE(JudgeYoung(profile, birth, start, day).young);
  profile.set_young_age_included(true);
  EXPECT_FALSE(JudgeYoung(profile, birth, start, day).young);
  profile.set_young_either(true);
  EXPECT_TRUE(JudgeYoung(profile, birth, start, day).young);
  EXPECT_FALSE(JudgeYoung(profile, std::nullopt, start, day).young) << "unknown is not met";
  EXPECT_EQ(JudgeYoung(profile, birth, start, day).notes.size(), 2);
}

TEST(HoursYear, BeginsWithTheProfilesMonth) {
  v1::PeopleProfile profile;
  profile.set_year_start_month(9);
  EXPECT_EQ(YearOf(profile, CivilDay(2026, 8, 31)),
            std::pair(CivilDay(2025, 9, 1), CivilDay(2026, 8, 31)));
  EXPECT_EQ(YearOf(profile, CivilDay(2026, 9, 1)).first, CivilDay(2026, 9, 1));
  profile.set_year_start_month(1);
  EXPECT_EQ(YearOf(profile, CivilDay(2026, 8, 31)).first, CivilDay(2026, 1, 1));
}

v1::CareerEvidence Shown(const std::string& code, CivilDay day, const std::string& value = "") {
  v1::CareerEvidence evidence;
  evidence.set_criterion_code(code);
  evidence.set_name("regions/05/careerEvidence/" + code);
  *evidence.mutable_evidence_date() = ToDate(day);
  if (!value.empty()) evidence.mutable_value()->set_value(value);
  return evidence;
}

const v1::LadderCriterion& Criterion(const v1::LadderStep& step, const std::string& code) {
  for (const auto& criterion : step.criteria()) {
    if (criterion.code() == code) return criterion;
  }
  ADD_FAILURE() << code;
  return step.criteria(0);
}

TEST(CareerLadder, ShowsMetAndUnmetAndWhatNothingShows) {
  const auto& dagestan = **FindPeopleProfile("dagestan", "");
  const auto highest = Category(v1::QUALIFICATION_CATEGORY_HIGHEST, CivilDay(2020, 1, 1));
  const CivilDay day(2026, 3, 1);
  const auto steps = JudgeLadder(
      dagestan, &highest,
      {Shown("success", CivilDay(2024, 6, 1), "100"), Shown("success", CivilDay(2025, 6, 1), "99"),
       Shown("quality", CivilDay(2025, 6, 1), "70"),
       Shown("innovative-methods", CivilDay(2025, 6, 1))},
      day);
  ASSERT_EQ(steps.size(), 5u);
  const auto& mentor = steps[2];
  EXPECT_EQ(mentor.code(), "teacher-mentor");
  EXPECT_EQ(Criterion(mentor, "category").outcome(), v1::CRITERION_OUTCOME_MET);
  EXPECT_EQ(Criterion(mentor, "success").outcome(), v1::CRITERION_OUTCOME_MET);
  EXPECT_EQ(Criterion(mentor, "innovative-methods").outcome(), v1::CRITERION_OUTCOME_MET);
  EXPECT_EQ(Criterion(mentor, "corporate-project").outcome(), v1::CRITERION_OUTCOME_NOT_SHOWN);
  EXPECT_EQ(mentor.met_count(), 4) << "an upper bound is for reference";
  const auto& methodist = steps[3];
  EXPECT_EQ(Criterion(methodist, "success").outcome(), v1::CRITERION_OUTCOME_UNMET)
      << "the latest number counts";
  EXPECT_EQ(Criterion(methodist, "quality").outcome(), v1::CRITERION_OUTCOME_MET);
  for (const auto& step : steps) {
    for (const auto& criterion : step.criteria()) EXPECT_FALSE(criterion.reason_ru().empty());
  }
  EXPECT_EQ(Criterion(JudgeLadder(dagestan, nullptr, {}, day)[1], "category").outcome(),
            v1::CRITERION_OUTCOME_UNMET);
}

TEST(CorporateTrainingRules, ADayHoldsNoMoreThanItsHours) {
  v1::CorporateTraining training;
  *training.mutable_start_date() = D(2025, 3, 1);
  *training.mutable_end_date() = D(2025, 3, 3);
  training.set_hours(72);
  EXPECT_TRUE(CheckCorporateTraining(training).ok());
  training.set_hours(73);
  EXPECT_EQ(rpc::ReasonOf(CheckCorporateTraining(training)), "OUT_OF_RANGE");
  *training.mutable_end_date() = D(2025, 2, 28);
  EXPECT_EQ(rpc::ReasonOf(CheckCorporateTraining(training)), "END_BEFORE_START");
}

}  // namespace
}  // namespace rsnms::registry
