// A person's hours fit their days, over all that is agreed and accepted.
#include "services/programs/learning/cascade_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LearningDays : public CascadeFixture {
 protected:
  void EmployEverybody() override {
    Employ(7, 1, 50);
    Employ(8, 1, 50);
  }
  absl::StatusOr<v1::LearningRules> Most(int hours) {
    return Ask<v1::LearningRules>(
        *admin_, "UpdateLearningRules",
        Cat("learning_rules {name: 'regions/86/learningRules/default' "
            "daily_hours_maximum: ",
            hours, "} update_mask {paths: 'daily_hours_maximum'} ", "allow_missing: true"));
  }
  // Of person 1, 20 hours from 2 to 6 March.
  std::string Planned(int person = 1) { return Need(Create(Plain("SELF_STUDY", person))).name(); }
  absl::StatusOr<v1::LearningRecord> Agree(const std::string& name) {
    return Do("AgreeLearningRecord", name);
  }
};

TEST_F(LearningDays, HoursOfAPersonsRecordsAddUpOverTheDays) {
  Need(Most(8));
  const std::string first = Planned(), second = Planned(), third = Planned();
  Need(Agree(first));
  Need(Agree(second));
  const auto refused = Agree(third);
  EXPECT_REASON(refused, "LEARNING_DAYS_OVERFULL");
  EXPECT_THAT(Told(refused.status()), HasSubstr("daily_maximum"));
  Need(Agree(Planned(2)));  // another person
  Need(Do("CancelLearningRecord", first, "state_reason: 'перенесено'"));
  Need(Agree(third));
  EXPECT_REASON(Agree(Planned()), "LEARNING_DAYS_OVERFULL");
}

TEST_F(LearningDays, WhatIsReportedCountsAndWhatWasTakenBackDoesNot) {
  Need(Most(8));
  const std::string first = Planned(), second = Planned();
  Need(Agree(first));
  Need(Do("StartLearningRecord", first));
  Need(Agree(second));
  const auto report = [&](int hours) {
    return Do("ReportLearningRecord", first,
              Cat("report: 'Освоено' completed_hours: ", hours, " completion_date ", Day(3, 6)));
  };
  EXPECT_REASON(report(21), "LEARNING_DAYS_OVERFULL");
  Need(report(15));
  Need(Do("ReturnLearningRecord", first, "state_reason: 'нет плана' "));
  EXPECT_REASON(report(21), "LEARNING_DAYS_OVERFULL");
  Need(report(15));
  Need(Do("AcceptLearningRecord", first, OnDay(4, 1)));
  EXPECT_REASON(Agree(Planned()), "LEARNING_DAYS_OVERFULL") << "5 hours are left";
  Need(Do("VoidLearningRecord", first, "state_reason: 'ошибка'"));
  Need(Agree(Planned()));
}

TEST_F(LearningDays, ARegionThatSaysNothingHasDaysOfTwentyFourHours) {
  for (int i = 0; i < 6; ++i) Need(Agree(Planned()));
  EXPECT_REASON(Agree(Planned()), "LEARNING_DAYS_OVERFULL") << "120 hours in five days";
  EXPECT_EQ(Most(0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Most(25).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(LearningDays, AnotherBodysHoursCountAndAreNotTold) {
  Need(Most(8));
  const std::string other =
      Need(Create(Cat(Learner(1, 8), "kind: LEARNING_KIND_SELF_STUDY ", "title: 'Тема' ",
                      "start_date ", Day(3, 3), " end_date ", Day(3, 5), " hours: 23")))
          .name();
  Need(Agree(other));
  const std::string name = Planned();
  auto body = service_->Connect({"organisation"}, {Body(7)});
  const auto refused = Ask(*body, "AgreeLearningRecord", Cat("name: '", name, "'"));
  EXPECT_REASON(refused, "LEARNING_DAYS_OVERFULL");
  EXPECT_THAT(Told(refused.status()), Not(HasSubstr("43 hours")));
  EXPECT_THAT(Told(refused.status()), Not(HasSubstr("2026-03-03")));
}

TEST_F(LearningDays, ASessionFitsTheDayOfEverybodyWhoCame) {
  Master(9);
  Need(Most(8));
  Need(Hold(Need(Plan(9, {1, 2})).name()));
  Need(Hold(Need(Plan(9, {2, 3})).name()));
  const std::string third = Need(Plan(9, {1, 2})).name();
  EXPECT_REASON(Hold(third), "LEARNING_DAYS_OVERFULL");
  EXPECT_EQ(Records(third), "0:0") << "nobody gets one";
  Need(Hold(third, Cat("participants: '", Person(1), "'")));
}

TEST_F(LearningDays, RacingAgreementsNeverOverfillADay) {
  Need(Most(8));
  std::vector<std::string> names;
  for (int i = 0; i < 16; ++i) names.push_back(Planned());
  const auto statuses = Race(16, [&](int i) { return Agree(names[i]).status(); });
  int agreed = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++agreed;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "LEARNING_DAYS_OVERFULL") << status;
    }
  }
  EXPECT_EQ(agreed, 2) << "40 hours in five days of eight";
}

TEST_F(LearningDays, RacingSessionsOfTheSamePeopleNeverOverfillADay) {
  Master(9);
  Need(Most(8));
  std::vector<std::string> names;
  for (int i = 0; i < 12; ++i) {
    names.push_back(
        Need(Plan(9, i % 2 == 0 ? std::vector<int>{1, 2, 3} : std::vector<int>{3, 2, 1})).name());
  }
  const auto statuses = Race(12, [&](int i) { return Hold(names[i]).status(); });
  int held = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++held;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "LEARNING_DAYS_OVERFULL") << status;
    }
  }
  EXPECT_EQ(held, 2) << "of four hours each";
}

}  // namespace
}  // namespace rsnms::programs
