// Groups, their seats and waiting lists over the wire, with a real database.
#include <set>

#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using E = v1::Enrolment;

using Groups = TrainingFixture;

TEST_F(Groups, SixtyFourRacingApplicationsForTheLastSeatGiveOne) {
  const std::string group = OpenGroup(3);
  for (int person : {101, 102}) Need(Apply(group, person));
  std::vector<absl::StatusOr<E>> made(64, absl::UnknownError(""));
  Race(64, [&](int i) {
    made[i] = Apply(group, i + 1);
    return absl::OkStatus();
  });
  std::set<int64_t> numbers;
  int held = 0;
  for (const auto& one : made) {
    ASSERT_TRUE(one.ok()) << one.status();
    if (one->seat() == v1::ENROLMENT_SEAT_HELD) ++held;
    if (one->seat() == v1::ENROLMENT_SEAT_WAITING) numbers.insert(one->waiting_number());
  }
  EXPECT_EQ(held, 1);
  EXPECT_EQ(numbers.size(), 63u);
  EXPECT_EQ(*numbers.rbegin(), 63);
  EXPECT_EQ(Counts(group), "3+63");
}

TEST_F(Groups, WhoDoesNotWaitIsRefusedWhenTheLastSeatIsGone) {
  const std::string group = OpenGroup(1);
  const auto statuses =
      Race(64, [&](int i) { return Apply(group, i + 1, "seat_only: true").status(); });
  int won = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++won;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "NO_SEATS") << status;
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(Counts(group), "1+0");
}

TEST_F(Groups, TheDatabaseItselfOversellsNothing) {
  const std::string group = OpenGroup(1);
  Need(Apply(group, 1));
  EXPECT_THAT(Sql("UPDATE learner_group SET taken_seats = 2"), HasSubstr("CONSTRAINT"));
  EXPECT_THAT(Sql("UPDATE learner_group SET taken_seats = 0, waiting_count = 1"),
              HasSubstr("CONSTRAINT"));
  EXPECT_THAT(Sql("UPDATE enrolment SET seat = 'UNSPECIFIED'"), HasSubstr("CONSTRAINT"));
  EXPECT_THAT(Sql("UPDATE enrolment SET state = 'VOID'"), HasSubstr("CONSTRAINT"));
}

TEST_F(Groups, AFreedSeatGoesToTheFirstWhoWaits) {
  const std::string group = OpenGroup(1);
  const E first = Need(Apply(group, 1)), second = Need(Apply(group, 2));
  const E third = Need(Apply(group, 3)), fourth = Need(Apply(group, 4));
  EXPECT_EQ(second.state(), E::STATE_APPLIED);
  EXPECT_THAT(Waiting(group), ElementsAre(Person(2), Person(3), Person(4)));
  Need(Move("WithdrawEnrolment", third.name()));
  EXPECT_THAT(Waiting(group), ElementsAre(Person(2), Person(4))) << "who waited gives up no seat";
  Need(Move("WithdrawEnrolment", first.name()));
  EXPECT_EQ(Read(second.name()).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(Read(second.name()).waiting_number(), 0);
  EXPECT_THAT(Waiting(group), ElementsAre(Person(4)));
  EXPECT_EQ(Counts(group), "1+1");
  Need(Move("VoidEnrolment", second.name()));
  EXPECT_EQ(Read(fourth.name()).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(Counts(group), "1+0");
}

TEST_F(Groups, WhoWaitsIsNotEnrolledYet) {
  const std::string group = OpenGroup(1);
  Need(Apply(group, 1));
  const E second = Need(Apply(group, 2));
  EXPECT_REASON(Move("ConfirmEnrolment", second.name()), "SEAT_NOT_HELD");
  EXPECT_EQ(Read(second.name()).state(), E::STATE_APPLIED);
}

TEST_F(Groups, MoreSeatsTakeInThoseWhoWaitAndFewerThanTakenAreRefused) {
  const std::string group = OpenGroup(1);
  for (int person : {1, 2, 3, 4}) Need(Apply(group, person));
  const auto resize = [&](int seats) {
    return Send<v1::Group>("UpdateGroup", Cat("group {name: '", group, "' seats: ", seats,
                                              "} update_mask {paths: 'seats'}"));
  };
  EXPECT_EQ(Need(resize(3)).taken_seats(), 3);
  EXPECT_EQ(Counts(group), "3+1");
  EXPECT_THAT(Waiting(group), ElementsAre(Person(4)));
  const auto fewer = resize(2);
  EXPECT_REASON(fewer, "SEATS_BELOW_TAKEN");
  EXPECT_THAT(Told(fewer.status()), HasSubstr("group.seats"));
  EXPECT_EQ(Need(resize(10)).taken_seats(), 4);
  EXPECT_THAT(Waiting(group), IsEmpty());
}

TEST_F(Groups, WhoMovesUpDoesSoByTheRequestThatGaveTheSeats) {
  const std::string group = OpenGroup(1), id = "01900000-0000-4000-8000-0000000000ac";
  Need(Apply(group, 1));
  const E second = Need(Apply(group, 2));
  Need(Send<v1::Group>("UpdateGroup", Cat("group {name: '", group, "' seats: 2} update_mask ",
                                          "{paths: 'seats'} request_id: '", id, "'")));
  EXPECT_EQ(
      Sql(Cat("SELECT (e.request_id = '", id, "' AND e.actor = g.actor AND e.actor <> '' ",
              "AND e.trace_id = g.trace_id)::text || ' ' || e.reason FROM journal e, ",
              "journal g WHERE e.resource_id = '", IdOf(second.name()), "' AND g.resource_id = '",
              IdOf(group), "' ORDER BY e.version DESC, g.version DESC LIMIT 1")),
      "true освободилось место в группе");
}

TEST_F(Groups, OnlyAnOpenGroupTakesApplications) {
  const std::string planned = Need(CreateGroup(5)).name();
  EXPECT_REASON(Apply(planned, 1), "GROUP_NOT_OPEN");
  const std::string group = OpenGroup(5);
  Need(Step<v1::Group>("RunGroup", group));
  EXPECT_REASON(Apply(group, 1), "GROUP_NOT_OPEN");
  EXPECT_EQ(Apply(NameOf("86", "groups", Uuid(1)), 1).status().code(), absl::StatusCode::kNotFound);
  EXPECT_REASON(Apply(NameOf("61", "groups", Uuid(1)), 1), "INVALID_NAME");
}

TEST_F(Groups, AnApplicationIsForTheGroupsProgrammeAndOnlyOnce) {
  const std::string group = OpenGroup(5);
  Need(Apply(group, 1));
  EXPECT_REASON(Apply(group, 1), "ALREADY_ENROLLED");
  const auto other =
      Send<E>("EnrolInGroup", Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                                  Application(CreateProgramme("Другая").name(), 2)));
  EXPECT_REASON(other, "GROUP_MISMATCH");
  EXPECT_THAT(Told(other.status()), HasSubstr("enrolment.programme"));
  EXPECT_EQ(Counts(group), "1+0");
}

TEST_F(Groups, DatesLieInsideTheGroups) {
  const std::string group = OpenGroup(5);
  const auto apply = [&](const std::string& dates) {
    return Send<E>("EnrolInGroup", Cat("parent: 'regions/86' group: '", group, "' enrolment ",
                                       Application(programme_, 1, 7, dates)));
  };
  const auto early = apply("start_date " + Day(3, 1));
  EXPECT_REASON(early, "DATES_OUTSIDE_GROUP");
  EXPECT_THAT(Told(early.status()), HasSubstr("\"enrolment.start_date\""));
  const auto late = apply("planned_end_date " + Day(4, 1));
  EXPECT_REASON(late, "DATES_OUTSIDE_GROUP");
  EXPECT_THAT(Told(late.status()), HasSubstr("\"enrolment.planned_end_date\""));
  const E made = Need(apply("start_date " + Day(3, 2) + " planned_end_date " + Day(3, 31)));
  const auto moved =
      Send<E>("UpdateEnrolment", Cat("enrolment {name: '", made.name(), "' start_date ", Day(2, 1),
                                     "} update_mask {paths: 'start_date'}"));
  EXPECT_REASON(moved, "DATES_OUTSIDE_GROUP");
  const auto shrunk = Send<v1::Group>(
      "UpdateGroup",
      Cat("group {name: '", group, "' end_date ", Day(3, 30), "} update_mask {paths: 'end_date'}"));
  EXPECT_REASON(shrunk, "MEMBERS_OUTSIDE_DATES");
  Need(Move("ConfirmEnrolment", made.name()));
  Need(Step<v1::Group>("RunGroup", group));
  const auto started = Step<E>("StartEnrolment", made.name(), "start_date " + Day(4, 2));
  EXPECT_REASON(started, "DATES_OUTSIDE_GROUP");
  EXPECT_THAT(Told(started.status()), HasSubstr("\"start_date\""));
}

TEST_F(Groups, AGroupEndsOnlyWhenNobodyIsLeftInIt) {
  const std::string group = OpenGroup(1);
  const E first = Need(Apply(group, 1)), second = Need(Apply(group, 2));
  const auto cancel = [&] { return Step<v1::Group>("CancelGroup", group, "reason: 'нет людей'"); };
  const auto refused = cancel();
  EXPECT_REASON(refused, "GROUP_NOT_EMPTY");
  EXPECT_THAT(Told(refused.status()), HasSubstr("applied"));
  Need(Move("ConfirmEnrolment", first.name()));
  Need(Step<v1::Group>("RunGroup", group));
  EXPECT_REASON(Step<v1::Group>("FinishGroup", group), "GROUP_NOT_EMPTY");
  Need(Move("WithdrawEnrolment", second.name()));
  Need(Move("DeferEnrolment", first.name()));
  EXPECT_EQ(Need(Step<v1::Group>("FinishGroup", group)).state(), v1::Group::STATE_FINISHED);
  EXPECT_REASON(Move("ResumeEnrolment", first.name()), "GROUP_NOT_OPEN");
  EXPECT_REASON(Send<v1::Group>("UpdateGroup", Cat("group {name: '", group,
                                                   "' seats: 9} update_mask {paths: "
                                                   "'place'}")),
                "INVALID_STATE");
  Need(Move("WithdrawEnrolment", first.name()));
}

TEST_F(Groups, AnotherRegionTouchesNothingAndAnyScopeSeesTheOffer) {
  const std::string group = OpenGroup(1);
  const E first = Need(Apply(group, 1)), second = Need(Apply(group, 2, "", /*body=*/8));
  auto foreign = service_->Connect({"centre"}, {"regions/61"});
  EXPECT_EQ(Send<v1::Group>(*foreign, "GetGroup", Cat("name: '", group, "'")).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Send<E>(*foreign, "VoidEnrolment",
                    Cat("name: '", first.name(), "' reason: 'р' state_date ", Day(3, 1)))
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  // A body sees the offer, moves its own people only, and a seat they give up goes to others.
  auto body = service_->Connect({"centre"}, {Body(7)});
  EXPECT_EQ(Need(Send<v1::Group>(*body, "GetGroup", Cat("name: '", group, "'"))).seats(), 1);
  EXPECT_FALSE(Send<v1::Group>(*body, "CancelGroup", Cat("name: '", group, "' reason: 'р'")).ok());
  EXPECT_EQ(Send<E>(*body, "WithdrawEnrolment", Cat("name: '", second.name(), "'")).status().code(),
            absl::StatusCode::kNotFound);
  Need(Send<E>(*body, "WithdrawEnrolment",
               Cat("name: '", first.name(), "' reason: 'по желанию' state_date ", Day(3, 10))));
  EXPECT_EQ(Read(second.name()).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(Counts(group), "1+0");
}

TEST_F(Groups, ARepeatedRequestTakesOneSeat) {
  const std::string group = OpenGroup(2);
  const std::string id = Cat("request_id: '", Uuid(77), "'");
  const E first = Need(Apply(group, 1, id)), again = Need(Apply(group, 1, id));
  EXPECT_EQ(first.name(), again.name());
  EXPECT_EQ(Counts(group), "1+0");
}

}  // namespace
}  // namespace rsnms::programs
