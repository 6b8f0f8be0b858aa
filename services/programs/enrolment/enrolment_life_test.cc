// The life of enrolments in groups: every step with its reason and day, over the wire.
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using E = v1::Enrolment;

class EnrolmentLife : public TrainingFixture {
 protected:
  // An enrolment in the group, learning since 10 March; the group must be RUNNING or OPEN.
  E Learn(const std::string& group, int person) {
    const E made = Need(Apply(group, person));
    Need(Move("ConfirmEnrolment", made.name()));
    if (ReadGroup(group).state() == v1::Group::STATE_OPEN) {
      Need(Step<v1::Group>("RunGroup", group));
    }
    return Need(Move("StartEnrolment", made.name()));
  }
  absl::StatusOr<v1::Completion> Complete(const std::string& name, const std::string& day) {
    return Step<v1::Completion>(
        "CompleteEnrolment", name,
        Cat("certificate_number: '", IdOf(name), "' completion_date ", day));
  }
  absl::StatusOr<E> Transfer(const std::string& name, const std::string& group) {
    return Move("TransferEnrolment", name, Cat("group: '", group, "'"));
  }
};

TEST_F(EnrolmentLife, EveryStepKeepsItsReasonAndDay) {
  const std::string group = OpenGroup(1);
  const E made = Need(Apply(group, 1));
  const E enrolled = Need(
      Step<E>("ConfirmEnrolment", made.name(), "reason: 'приказ № 5' state_date " + Day(3, 1)));
  EXPECT_EQ(enrolled.state_reason(), "приказ № 5");
  EXPECT_EQ(enrolled.state_date().day(), 1);
  EXPECT_EQ(enrolled.enrolled_date().day(), 1);
  const E early = Need(Step<E>(
      "DeferEnrolment", made.name(),
      Cat("reason: 'болезнь' state_date ", Day(3, 5), " deferred_until_date ", Day(3, 20))));
  EXPECT_EQ(early.state(), E::STATE_DEFERRED);
  EXPECT_EQ(early.state_reason(), "болезнь");
  EXPECT_EQ(early.deferred_until_date().day(), 20);
  EXPECT_EQ(Counts(group), "0+0") << "who puts learning off gives up the seat";
  const E back = Need(
      Step<E>("ResumeEnrolment", made.name(), "reason: 'выздоровление' state_date " + Day(3, 12)));
  EXPECT_EQ(back.state(), E::STATE_ENROLLED);
  EXPECT_FALSE(back.has_deferred_until_date());
  EXPECT_EQ(Counts(group), "1+0");
  EXPECT_EQ(Sql(Cat("SELECT string_agg(reason, ',' ORDER BY seq) FROM journal WHERE "
                    "resource_id = '",
                    IdOf(made.name()), "'")),
            ",приказ № 5,болезнь,выздоровление");
  EXPECT_REASON(Step<E>("DeferEnrolment", made.name(), "state_date " + Day(3, 13)),
                "REQUIRED_FIELD_MISSING");
  EXPECT_REASON(Step<E>("DeferEnrolment", made.name(), "reason: 'р'"), "REQUIRED_FIELD_MISSING");
}

TEST_F(EnrolmentLife, AStepIsNotBeforeTheLastOne) {
  const std::string group = OpenGroup(2);
  const E made = Need(Apply(group, 1));
  Need(Step<E>("ConfirmEnrolment", made.name(), "state_date " + Day(3, 5)));
  const auto before = Step<E>("DeferEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 4));
  EXPECT_REASON(before, "STEP_OUT_OF_ORDER");
  EXPECT_THAT(Told(before.status()), HasSubstr("\"state_date\""));
  const auto term =
      Step<E>("DeferEnrolment", made.name(),
              Cat("reason: 'р' state_date ", Day(3, 9), " deferred_until_date ", Day(3, 8)));
  EXPECT_REASON(term, "OUT_OF_RANGE");
  EXPECT_THAT(Told(term.status()), HasSubstr("\"deferred_until_date\""));
  Need(Step<E>("DeferEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 5)));
}

TEST_F(EnrolmentLife, AnUndatedStepOpensNoWayBack) {
  const std::string group = OpenGroup(2);
  const E made = Need(Apply(group, 1));
  Need(Step<E>("ConfirmEnrolment", made.name(), "state_date " + Day(3, 5)));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<E>("DeferEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 12)));
  Need(Step<E>("ResumeEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 20)));
  Need(Step<E>("StartEnrolment", made.name()));
  EXPECT_REASON(Step<E>("DeferEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 19)),
                "STEP_OUT_OF_ORDER");
  Need(Send<E>("UpdateEnrolment", Cat("enrolment {name: '", made.name(), "' start_date ",
                                      Day(3, 22), "} update_mask {paths: 'start_date'}")));
  EXPECT_REASON(Step<E>("FailEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 21)),
                "STEP_OUT_OF_ORDER")
      << "before learning began";
  Need(Step<E>("FailEnrolment", made.name(), "reason: 'р' state_date " + Day(3, 22)));
}

TEST_F(EnrolmentLife, NoStepTakesEffectInDaysToCome) {
  const std::string group = OpenGroup(2), other = OpenGroup(2);
  const E made = Need(Apply(group, 1));
  const std::string never = "reason: 'р' state_date " + Day(1, 1, 9999);
  const auto confirmed = Step<E>("ConfirmEnrolment", made.name(), never);
  EXPECT_REASON(confirmed, "OUT_OF_RANGE");
  EXPECT_THAT(Told(confirmed.status()), HasSubstr("\"state_date\""));
  EXPECT_REASON(Step<E>("TransferEnrolment", made.name(), Cat("group: '", other, "' ", never)),
                "OUT_OF_RANGE");
  EXPECT_EQ(Read(made.name()).etag(), made.etag());
}

TEST_F(EnrolmentLife, WhatBeganAndWasDiagnosedGoesAlongWithATransfer) {
  const std::string here = OpenGroup(2), there = OpenGroup(2, "");
  const auto put = [&](const std::string& name, const std::string& field,
                       const std::string& value) {
    return Send<E>("UpdateEnrolment", Cat("enrolment {name: '", name, "' ", field, ": ", value,
                                          "} update_mask {paths: '", field, "'}"));
  };
  const auto session = [](int n) { return Cat("'", NameOf("86", "sessions", Uuid(n)), "'"); };
  const E made = Need(Apply(here, 1));
  Need(put(made.name(), "entry_session", session(1)));
  Need(Move("ConfirmEnrolment", made.name()));
  Need(Step<v1::Group>("RunGroup", here));
  Need(Step<E>("StartEnrolment", made.name(), "start_date " + Day(3, 10)));
  EXPECT_REASON(put(made.name(), "entry_session", session(3)), "INVALID_STATE")
      << "learning has begun";
  Need(put(made.name(), "exit_session", session(2)));
  // The other group begins later than the learner did.
  Need(Send<v1::Group>("UpdateGroup", Cat("group {name: '", there, "' start_date ", Day(3, 15),
                                          "} update_mask {paths: 'start_date'}")));
  Need(Step<v1::Group>("RunGroup", there));
  const E next = Read(Need(Transfer(made.name(), there)).transferred_to());
  EXPECT_EQ(next.start_date().day(), 10);
  EXPECT_EQ(next.entry_session(), NameOf("86", "sessions", Uuid(1)));
  EXPECT_EQ(next.exit_session(), NameOf("86", "sessions", Uuid(2)));
  Need(Send<v1::Group>("UpdateGroup", Cat("group {name: '", there, "' end_date ", Day(3, 25),
                                          "} update_mask {paths: 'end_date'}")));
  EXPECT_REASON(put(next.name(), "start_date", Day(3, 12)), "DATES_OUTSIDE_GROUP");
}

TEST_F(EnrolmentLife, ARunningGroupSeatsNoFreshApplication) {
  const std::string group = OpenGroup(2);
  Need(Step<v1::Group>("RunGroup", group));
  const E made = Need(Send<E>("CreateEnrolment",
                              Cat("parent: 'regions/86' enrolment ", Application(programme_, 1))));
  const auto place = [&] {
    return Step<E>("PlaceEnrolment", made.name(), Cat("group: '", group, "'"));
  };
  EXPECT_REASON(place(), "GROUP_NOT_OPEN");
  Need(Move("ConfirmEnrolment", made.name()));
  EXPECT_EQ(Need(place()).seat(), v1::ENROLMENT_SEAT_HELD);
}

TEST_F(EnrolmentLife, WhoLeavesAGroupLeavesByAnOrder) {
  const std::string group = OpenGroup(1);
  const E made = Need(Apply(group, 1));
  const auto bare = Step<E>("WithdrawEnrolment", made.name(), "state_date " + Day(3, 5));
  EXPECT_REASON(bare, "REQUIRED_FIELD_MISSING");
  EXPECT_THAT(Told(bare.status()), HasSubstr("\"reason\""));
  const auto undated = Step<E>("WithdrawEnrolment", made.name(), "reason: 'по желанию'");
  EXPECT_THAT(Told(undated.status()), HasSubstr("\"state_date\""));
  EXPECT_EQ(Counts(group), "1+0");
  const E gone = Need(
      Step<E>("WithdrawEnrolment", made.name(), "reason: 'по желанию' state_date " + Day(3, 5)));
  EXPECT_EQ(gone.state_reason(), "по желанию");
  EXPECT_EQ(gone.state_date().day(), 5);
}

TEST_F(EnrolmentLife, ResumingWantsAFreeSeat) {
  const std::string group = OpenGroup(1);
  const E first = Need(Apply(group, 1)), second = Need(Apply(group, 2));
  Need(Move("ConfirmEnrolment", first.name()));
  Need(Move("DeferEnrolment", first.name()));
  EXPECT_EQ(Read(second.name()).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_REASON(Move("ResumeEnrolment", first.name()), "NO_SEATS");
  EXPECT_EQ(Read(first.name()).state(), E::STATE_DEFERRED);
  EXPECT_REASON(Apply(group, 1), "ALREADY_ENROLLED") << "who puts learning off still learns here";
  Need(Move("WithdrawEnrolment", second.name()));
  Need(Move("ResumeEnrolment", first.name()));
  EXPECT_EQ(Counts(group), "1+0");
}

TEST_F(EnrolmentLife, TransferFreesTheSeatHereAndTakesOneThere) {
  const std::string here = OpenGroup(1), there = OpenGroup(1);
  const E first = Need(Apply(here, 1)), second = Need(Apply(here, 2));
  Need(Move("ConfirmEnrolment", first.name()));
  const E gone = Need(Transfer(first.name(), there));
  EXPECT_EQ(gone.state(), E::STATE_TRANSFERRED);
  const E next = Read(gone.transferred_to());
  EXPECT_EQ(next.state(), E::STATE_ENROLLED);
  EXPECT_EQ(next.transferred_from(), first.name());
  EXPECT_EQ(next.person(), first.person());
  EXPECT_EQ(next.group(), there);
  EXPECT_EQ(Read(second.name()).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(Counts(here), "1+0");
  EXPECT_EQ(Counts(there), "1+0");
}

TEST_F(EnrolmentLife, ARefusedTransferChangesNothing) {
  const std::string here = OpenGroup(1), full = OpenGroup(1);
  const E first = Need(Apply(here, 1)), second = Need(Apply(here, 2));
  Need(Apply(full, 3));
  EXPECT_REASON(Transfer(first.name(), full), "NO_SEATS");
  EXPECT_REASON(Transfer(first.name(), here), "GROUP_MISMATCH");
  const std::string other = CreateProgramme("Другая").name();
  EXPECT_REASON(Transfer(first.name(), OpenGroup(1, "", other)), "GROUP_MISMATCH");
  EXPECT_REASON(Transfer(first.name(), Need(CreateGroup(1)).name()), "GROUP_NOT_OPEN");
  EXPECT_EQ(Read(first.name()).etag(), first.etag());
  EXPECT_EQ(Read(second.name()).etag(), second.etag());
  EXPECT_EQ(Counts(here), "1+1");
  EXPECT_EQ(Counts(full), "1+0");
}

TEST_F(EnrolmentLife, WhoLearnsIsTransferredToAGroupThatLearns) {
  const std::string here = OpenGroup(2), there = OpenGroup(2);
  const E learner = Learn(here, 1);
  EXPECT_REASON(Transfer(learner.name(), there), "GROUP_NOT_RUNNING");
  Need(Step<v1::Group>("RunGroup", there));
  const E next = Read(Need(Transfer(learner.name(), there)).transferred_to());
  EXPECT_EQ(next.state(), E::STATE_IN_PROGRESS);
  Need(Complete(next.name(), Day(3, 31)));
  EXPECT_EQ(Counts(there), "1+0") << "who has learnt has used the seat";
}

TEST_F(EnrolmentLife, TransfersThatCrossEndInSomeOrder) {
  const std::string a = OpenGroup(40), b = OpenGroup(40);
  std::vector<E> people;
  for (int i = 0; i < 32; ++i) people.push_back(Need(Apply(i % 2 == 0 ? a : b, i + 1)));
  const auto statuses =
      Race(32, [&](int i) { return Transfer(people[i].name(), i % 2 == 0 ? b : a).status(); });
  for (const auto& status : statuses) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Counts(a), "16+0");
  EXPECT_EQ(Counts(b), "16+0");
}

TEST_F(EnrolmentLife, ManyLeaveWhileManyWait) {
  const std::string group = OpenGroup(16);
  std::vector<E> people;
  for (int i = 0; i < 40; ++i) people.push_back(Need(Apply(group, i + 1)));
  // Eight who hold a seat and eight who wait leave at once.
  const auto statuses = Race(16, [&](int i) {
    return Move("WithdrawEnrolment", people[i < 8 ? i : 8 + i].name()).status();
  });
  for (const auto& status : statuses) EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Counts(group), "16+8");
}

TEST_F(EnrolmentLife, LearningBeginsInARunningGroup) {
  const std::string group = OpenGroup(1);
  const E made = Need(Apply(group, 1));
  Need(Move("ConfirmEnrolment", made.name()));
  EXPECT_REASON(Move("StartEnrolment", made.name()), "GROUP_NOT_RUNNING");
  Need(Step<v1::Group>("RunGroup", group));
  EXPECT_EQ(Need(Move("StartEnrolment", made.name())).state(), E::STATE_IN_PROGRESS);
}

TEST_F(EnrolmentLife, NothingIsCompletedBeforeEnrolmentOrLearning) {
  const std::string group = OpenGroup(2);
  const E made = Need(Apply(group, 1));
  EXPECT_REASON(Complete(made.name(), Day(3, 20)), "INVALID_STATE");
  Need(Step<E>("ConfirmEnrolment", made.name(), "state_date " + Day(3, 4)));
  EXPECT_REASON(Complete(made.name(), Day(3, 20)), "INVALID_STATE");
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<E>("StartEnrolment", made.name()));
  for (const auto& day : {Day(3, 3), Day(3, 1)}) {
    const auto refused = Complete(made.name(), day);
    EXPECT_REASON(refused, "OUT_OF_RANGE");
    EXPECT_THAT(Told(refused.status()), HasSubstr("\"completion_date\""));
  }
  EXPECT_EQ(Read(made.name()).state(), E::STATE_IN_PROGRESS);
  Need(Complete(made.name(), Day(4, 10)));
  EXPECT_EQ(Read(made.name()).state_date().month(), 4);
}

TEST_F(EnrolmentLife, ACertificateIsNotOlderThanTheGroup) {
  const std::string group = OpenGroup(2);
  const E made = Need(Apply(group, 1));
  Need(Step<E>("ConfirmEnrolment", made.name()));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Step<E>("StartEnrolment", made.name()));
  const auto batch = Send<v1::BatchCompleteEnrolmentsResponse>(
      "BatchCompleteEnrolments",
      Cat("parent: 'regions/86' requests {name: '", made.name(),
          "' certificate_number: 'У-1' completion_date ", Day(3, 1), "}"));
  EXPECT_REASON(batch, "DATES_OUTSIDE_GROUP");
  EXPECT_THAT(Told(batch.status()), HasSubstr("\"requests[0].completion_date\""));
}

TEST_F(EnrolmentLife, DiagnosticsTheGroupWantsComeBeforeAndAfterLearning) {
  const std::string group =
      OpenGroup(2, "entry_diagnostics_required: true exit_diagnostics_required: true");
  const E made = Need(Apply(group, 1));
  const auto record = [&](const std::string& field, int session) {
    return Send<E>("UpdateEnrolment", Cat("enrolment {name: '", made.name(), "' ", field, ": '",
                                          NameOf("86", "sessions", Uuid(session)),
                                          "'} update_mask {paths: '", field, "'}"));
  };
  Need(Move("ConfirmEnrolment", made.name()));
  Need(Step<v1::Group>("RunGroup", group));
  EXPECT_REASON(Move("StartEnrolment", made.name()), "ENTRY_DIAGNOSTICS_MISSING");
  EXPECT_REASON(record("exit_session", 2), "INVALID_STATE");
  Need(record("entry_session", 1));
  Need(Move("StartEnrolment", made.name()));
  EXPECT_REASON(Complete(made.name(), Day(3, 30)), "EXIT_DIAGNOSTICS_MISSING");
  const auto same = record("exit_session", 1);
  EXPECT_REASON(same, "SAME_SESSION");
  EXPECT_THAT(Told(same.status()), HasSubstr("\"enrolment.exit_session\""));
  Need(record("exit_session", 2));
  Need(Complete(made.name(), Day(3, 30)));
  EXPECT_REASON(record("exit_session", 3), "INVALID_STATE") << "what was completed stands";
}

TEST_F(EnrolmentLife, AnEnrolmentMadeWithoutAGroupIsPlacedOnce) {
  const std::string group = OpenGroup(1);
  const auto make = [&](int person, const std::string& state) {
    return Need(Send<v1::BatchCreateEnrolmentsResponse>(
                    "BatchCreateEnrolments", Cat("parent: 'regions/86' initial_state: ", state,
                                                 " enrolments ", Application(programme_, person))))
        .enrolments(0);
  };
  const auto place = [&](const E& enrolment) {
    return Step<E>("PlaceEnrolment", enrolment.name(), Cat("group: '", group, "'"));
  };
  const E enrolled = make(1, "STATE_ENROLLED");
  EXPECT_EQ(Need(place(enrolled)).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_REASON(place(enrolled), "IN_GROUP_ALREADY");
  EXPECT_REASON(place(make(2, "STATE_ENROLLED")), "NO_SEATS") << "only applications wait";
  EXPECT_EQ(Need(place(make(3, "STATE_APPLIED"))).seat(), v1::ENROLMENT_SEAT_WAITING);
  EXPECT_REASON(place(make(4, "STATE_IN_PROGRESS")), "GROUP_NOT_RUNNING");
  const E left = make(5, "STATE_APPLIED");
  Need(Move("WithdrawEnrolment", left.name()));
  EXPECT_REASON(place(left), "INVALID_STATE");
  EXPECT_EQ(Counts(group), "1+1");
  EXPECT_REASON(Step<E>("DeleteEnrolment", enrolled.name()), "INVALID_STATE");
}

TEST_F(EnrolmentLife, WhatOnlyTheServiceWritesIsNotTakenFromABatch) {
  const std::string group = OpenGroup(1);
  const auto made = Need(Send<v1::BatchCreateEnrolmentsResponse>(
      "BatchCreateEnrolments",
      Cat("parent: 'regions/86' enrolments ",
          Application(programme_, 1, 7, Cat("group: '", group, "' seat: ENROLMENT_SEAT_HELD")))));
  EXPECT_EQ(made.enrolments(0).group(), "");
  EXPECT_EQ(Counts(group), "0+0");
}

TEST_F(EnrolmentLife, AStaleEtagIsAborted) {
  const std::string group = OpenGroup(1);
  const E made = Need(Apply(group, 1));
  Need(Move("ConfirmEnrolment", made.name()));
  const auto stale = Move("DeferEnrolment", made.name(), Cat("etag: '", made.etag(), "'"));
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  const auto nowhere =
      Move("TransferEnrolment", made.name(),
           Cat("etag: '", made.etag(), "' group: '", NameOf("86", "groups", Uuid(1)), "'"));
  EXPECT_REASON(nowhere, "ETAG_MISMATCH") << "before what else is wrong";
  EXPECT_REASON(Move("DeferEnrolment", made.name(), "etag: 'нет'"), "INVALID_ETAG");
}

}  // namespace
}  // namespace rsnms::programs
