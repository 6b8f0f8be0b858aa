// Days of enrolments lie in their group's, whoever moves which, one after another or at once.
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using E = v1::Enrolment;

class GroupDates : public TrainingFixture {
 protected:
  absl::StatusOr<E> ApplyUntil(const std::string& group, int person, const std::string& day) {
    return Send<E>("EnrolInGroup",
                   Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                       Application(programme_, person, 7, "planned_end_date " + day)));
  }
  absl::StatusOr<v1::Group> EndGroup(const std::string& group, const std::string& day) {
    return Send<v1::Group>("UpdateGroup", Cat("group {name: '", group, "' end_date ", day,
                                              "} update_mask {paths: 'end_date'}"));
  }
  absl::StatusOr<E> PlanEnd(const std::string& name, const std::string& day) {
    return Send<E>("UpdateEnrolment", Cat("enrolment {name: '", name, "' planned_end_date ", day,
                                          "} update_mask {paths: 'planned_end_date'}"));
  }
};

TEST_F(GroupDates, WhoReturnsFitsTheGroupAsItIsNow) {
  const std::string group = OpenGroup(2);
  const E made = Need(ApplyUntil(group, 1, Day(3, 31)));
  Need(Move("ConfirmEnrolment", made.name()));
  EXPECT_REASON(EndGroup(group, Day(3, 20)), "MEMBERS_OUTSIDE_DATES");
  Need(Move("DeferEnrolment", made.name()));
  Need(EndGroup(group, Day(3, 20)));
  const auto refused = Move("ResumeEnrolment", made.name());
  EXPECT_REASON(refused, "DATES_OUTSIDE_GROUP");
  EXPECT_THAT(Told(refused.status()), ::testing::HasSubstr("\"planned_end_date\""));
  EXPECT_EQ(Counts(group), "0+0");
  Need(PlanEnd(made.name(), Day(3, 20)));
  Need(Move("ResumeEnrolment", made.name()));
}

TEST_F(GroupDates, RacingChangesOfAGroupAndItsMemberLeaveTheMemberInside) {
  constexpr int kRounds = 60;
  int refused = 0;
  for (int round = 1; round <= kRounds; ++round) {
    const std::string group = OpenGroup(2);
    const E made = Need(ApplyUntil(group, round, Day(3, 10)));
    const auto statuses = Race(2, [&](int i) {
      return i == 0 ? EndGroup(group, Day(3, 20)).status()
                    : PlanEnd(made.name(), Day(3, 31)).status();
    });
    for (const auto& status : statuses) refused += status.ok() ? 0 : 1;
    EXPECT_FALSE(statuses[0].ok() && statuses[1].ok()) << "round " << round;
    EXPECT_EQ(rpc::ReasonOf(statuses[0]), statuses[0].ok() ? "" : "MEMBERS_OUTSIDE_DATES");
    EXPECT_EQ(rpc::ReasonOf(statuses[1]), statuses[1].ok() ? "" : "DATES_OUTSIDE_GROUP");
  }
  EXPECT_EQ(refused, kRounds);
}

}  // namespace
}  // namespace rsnms::programs
