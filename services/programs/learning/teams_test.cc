// Teams against a real database: members frozen, enrolled all or none, trained by the rule.
#include "services/programs/learning/learning_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using T = v1::TeamTraining;

class Teams : public LearningFixture {
 protected:
  static std::string Team(int n) { return NameOf("86", "managementTeams", Uuid(n)); }
  // Team `n` of body 7 with these members, the leader first.
  void Know(int n, const std::vector<int>& members) {
    auto& team = people_->teams[Team(n)];
    team.set_name(Team(n));
    team.set_organisation(Body(7));
    team.clear_members();
    for (const int member : members) team.add_members(Person(member));
    team.mutable_formed_date()->set_year(2020);
    team.mutable_formed_date()->set_month(1);
    team.mutable_formed_date()->set_day(1);
  }
  absl::StatusOr<T> Create(int team, int body = 7) {
    return Ask<T>(*admin_, "CreateTeamTraining",
                  Cat("parent: 'regions/86' team_training {management_team: '", Team(team),
                      "' organisation: '", Body(body), "' municipality: '", Town("north"),
                      "' programme: '", programme_, "'}"));
  }
  absl::StatusOr<T> Start(const std::string& name, const std::string& more = "") {
    return Do<T>("StartTeamTraining", name, Cat("start_date ", Day(2, 1), " ", more));
  }
  std::string Started(int team, const std::vector<int>& members) {
    Know(team, members);
    const std::string name = Need(Create(team)).name();
    Need(Start(name));
    return name;
  }
  absl::StatusOr<v1::EnrolTeamResponse> Enrol(const std::string& name, const std::string& group,
                                              const std::string& more = "") {
    return Do<v1::EnrolTeamResponse>("EnrolTeam", name, Cat("group: '", group, "' ", more));
  }
  void Complete(const std::string& enrolment, int number) {
    Need(Move("ConfirmEnrolment", enrolment));
    Need(Send<v1::Group>("StartGroup", Cat("name: '", Read(enrolment).group(), "'")));
    Need(Move("StartEnrolment", enrolment));
    Finish(enrolment, number);
  }
  void Finish(const std::string& enrolment, int number) {
    Need(Send<v1::Completion>("CompleteEnrolment",
                              Cat("name: '", enrolment, "' certificate_number: 'У-", number,
                                  "' completion_date ", Day(3, 30))));
  }
  // Person `person` of body 7 masters the programme, outside of groups.
  void Master(int person) {
    const auto made =
        Need(Send<v1::Enrolment>("CreateEnrolment", Cat("parent: 'regions/86' enrolment ",
                                                        Application(programme_, person))));
    Need(Move("ConfirmEnrolment", made.name()));
    Need(Move("StartEnrolment", made.name()));
    Finish(made.name(), 1000 + person);
  }
  absl::StatusOr<T> Declare(const std::string& name) {
    return Do<T>("CompleteTeamTraining", name, Cat("completion_date ", Day(5, 1)));
  }
  void Rule(const std::string& rule) {
    Need(Ask<v1::LearningRules>(*admin_, "UpdateLearningRules",
                                Cat("learning_rules {name: 'regions/86/learningRules/default' "
                                    "team_rule: TEAM_RULE_",
                                    rule, "} allow_missing: true")));
  }
};

TEST_F(Teams, MembersAreAskedOfTheRegistryAndStay) {
  const std::string name = Need(Create(1)).name();
  EXPECT_REASON(Start(name), "TEAM_UNFIT");
  people_->away = true;
  EXPECT_REASON(Start(name), "UPSTREAM_UNAVAILABLE");
  people_->away = false;
  Know(1, {11, 12});
  people_->teams[Team(1)].set_organisation(Body(8));
  EXPECT_REASON(Start(name), "TEAM_UNFIT");
  people_->teams[Team(1)].set_organisation(Body(7));
  EXPECT_REASON(Do<T>("StartTeamTraining", name, Cat("start_date ", Day(6, 3))), "OUT_OF_RANGE");
  const std::string id = Cat("request_id: '", Uuid(70), "'");
  const auto started = Need(Start(name, id));
  EXPECT_EQ(started.members_size(), 2);
  Know(1, {13});
  people_->away = true;
  EXPECT_EQ(Need(Start(name, id)).members(0), Person(11)) << "answered again without asking";
}

TEST_F(Teams, ATeamLearnsAProgrammeOnceAtATime) {
  const std::string name = Need(Create(1)).name();
  EXPECT_REASON(Create(1), "TEAM_LEARNS_ALREADY");
  Need(Do<T>("CancelTeamTraining", name, "state_reason: 'перенесено'"));
  Need(Create(1));
  const auto statuses = Race(16, [&](int) { return Create(2).status(); });
  int made = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++made;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "TEAM_LEARNS_ALREADY") << status;
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_F(Teams, MembersAreEnrolledAllOrNone) {
  const std::string name = Started(1, {11, 12, 13});
  const std::string small = OpenGroup(2);
  EXPECT_REASON(Enrol(name, small), "NO_SEATS");
  EXPECT_EQ(Counts(small), "0+0");
  EXPECT_EQ(Need(Do<T>("GetTeamTraining", name)).group(), "");
  const std::string group = OpenGroup(5);
  const auto enrolled = Need(Enrol(name, group));
  ASSERT_EQ(enrolled.enrolments_size(), 3);
  EXPECT_EQ(enrolled.enrolments(0).person(), Person(11));
  EXPECT_EQ(enrolled.enrolments(0).seat(), v1::ENROLMENT_SEAT_HELD);
  EXPECT_EQ(enrolled.enrolments(0).category(), v1::LEARNER_CATEGORY_MANAGER);
  EXPECT_EQ(Counts(group), "3+0");
  const auto again = Need(Enrol(name, group));
  EXPECT_EQ(again.enrolments_size(), 0) << "who learns is left alone";
  EXPECT_EQ(again.left_count(), 3);
  EXPECT_EQ(Counts(group), "3+0");
}

TEST_F(Teams, TheGroupTeachesTheProgrammeAndTheTeamHasBegun) {
  Know(1, {11});
  const auto made = Need(Create(1));
  const std::string planned = made.name();
  EXPECT_REASON(Enrol(planned, OpenGroup(5)), "INVALID_STATE");
  Need(Start(planned));
  const std::string other = OpenGroup(5, "", CreateProgramme("Другая").name());
  EXPECT_REASON(Enrol(planned, other), "GROUP_MISMATCH");
  const std::string closed = Need(CreateGroup(5)).name();
  EXPECT_REASON(Enrol(planned, closed), "GROUP_NOT_OPEN");
  EXPECT_REASON(Enrol(planned, OpenGroup(5), "basis: ENROLMENT_BASIS_DIAGNOSTICS"),
                "INVALID_REQUEST");
  EXPECT_REASON(Enrol(planned, OpenGroup(5), Cat("etag: '", made.etag(), "'")), "ETAG_MISMATCH");
}

TEST_F(Teams, RacingTeamsNeverOversellAGroup) {
  const std::string group = OpenGroup(10);
  std::vector<std::string> names;
  for (int i = 0; i < 8; ++i) {
    const int first = 100 + 10 * i;
    names.push_back(Started(100 + i, {first, first + 1, first + 2}));
  }
  const auto statuses = Race(16, [&](int i) { return Enrol(names[i % 8], group).status(); });
  for (const auto& status : statuses) {
    EXPECT_TRUE(status.ok() || rpc::ReasonOf(status) == "NO_SEATS") << status;
  }
  EXPECT_EQ(Counts(group), "9+0") << "three whole teams, and a seat that fits none";
}

TEST_F(Teams, ATeamIsTrainedWhenTheRuleHolds) {
  const std::string name = Started(1, {11, 12, 13, 14, 15});
  Master(12);
  Master(13);
  const auto half = Declare(name);
  EXPECT_REASON(half, "TEAM_NOT_TRAINED");
  EXPECT_THAT(Told(half.status()), HasSubstr("1 more must"));
  Rule("LEADER");
  EXPECT_REASON(Declare(name), "TEAM_NOT_TRAINED") << "the leader has not";
  Master(11);
  Rule("ALL");
  EXPECT_THAT(Told(Declare(name).status()), HasSubstr("2 more must"));
  Rule("HALF");
  const auto progress = Need(Do<v1::TeamTrainingProgress>("GetTeamTrainingProgress", name));
  EXPECT_EQ(progress.completed_count(), 3);
  EXPECT_EQ(progress.lacking_count(), 0);
  EXPECT_TRUE(progress.members(0).leader());
  EXPECT_EQ(progress.members(0).enrolment_state(), v1::Enrolment::STATE_COMPLETED);
  EXPECT_EQ(progress.members(3).enrolment(), "");
  EXPECT_REASON(Do<T>("CompleteTeamTraining", name, Cat("completion_date ", Day(3, 29))),
                "TEAM_NOT_TRAINED")
      << "nobody had by that day";
  const auto trained = Need(Declare(name));
  EXPECT_EQ(trained.state(), T::STATE_COMPLETED);
  EXPECT_EQ(trained.team_rule(), v1::TEAM_RULE_HALF);
  EXPECT_EQ(trained.completed_members_size(), 3);
}

TEST_F(Teams, ATeamIsNotCancelledWhileItsPeopleLearn) {
  const std::string name = Started(1, {11, 12, 13, 14}), why = "state_reason: 'не состоится'";
  Need(Apply(OpenGroup(1), 14));  // by themselves
  const auto enrolled = Need(Enrol(name, OpenGroup(5)));
  ASSERT_EQ(enrolled.enrolments_size(), 3);
  const auto refused = Do<T>("CancelTeamTraining", name, why);
  EXPECT_REASON(refused, "TEAM_HAS_LEARNERS");
  EXPECT_THAT(Told(refused.status()), HasSubstr("3 enrolled"));
  EXPECT_REASON(Do<T>("CancelTeamTraining", name, Cat(why, " validate_only: true")),
                "TEAM_HAS_LEARNERS");
  Need(Move("WithdrawEnrolment", enrolled.enrolments(0).name()));
  const auto moved = Need(
      Move("TransferEnrolment", enrolled.enrolments(1).name(), Cat("group: '", OpenGroup(2), "'")));
  Need(Move("ConfirmEnrolment", enrolled.enrolments(2).name()));
  Need(Move("DeferEnrolment", enrolled.enrolments(2).name()));
  EXPECT_THAT(Told(Do<T>("CancelTeamTraining", name, why).status()), HasSubstr("2 enrolled"))
      << "transferred, and put off";
  Need(Move("WithdrawEnrolment", moved.transferred_to()));
  EXPECT_REASON(Do<T>("CancelTeamTraining", name, why), "TEAM_HAS_LEARNERS");
  Need(Move("VoidEnrolment", enrolled.enrolments(2).name()));
  EXPECT_EQ(Need(Do<T>("CancelTeamTraining", name, why)).state(), T::STATE_CANCELLED);
}

TEST_F(Teams, AnEnrolmentOfAnotherBodysScopeKeepsTheTeamToo) {
  const std::string name = Started(1, {11, 12});
  Need(Enrol(name, OpenGroup(5)));
  auto own = service_->Connect({"organisation"}, {Body(7)});
  EXPECT_REASON(
      Ask<T>(*own, "CancelTeamTraining", Cat("name: '", name, "' state_reason: 'не состоится'")),
      "TEAM_HAS_LEARNERS");
}

// Whoever enrols and whoever cancels: one of them is too late.
TEST_F(Teams, EnrollingRacesCancelling) {
  for (int round = 0; round < 6; ++round) {
    const int first = 30 + 10 * round;
    const std::string name = Started(20 + round, {first, first + 1}), group = OpenGroup(5);
    const auto statuses = Race(4, [&](int i) {
      return i % 2 == 0 ? Enrol(name, group).status()
                        : Do<T>("CancelTeamTraining", name, "state_reason: 'нет'").status();
    });
    for (const auto& status : statuses) {
      EXPECT_TRUE(status.ok() || rpc::ReasonOf(status) == "INVALID_STATE" ||
                  rpc::ReasonOf(status) == "TEAM_HAS_LEARNERS")
          << status;
    }
    const bool cancelled = Need(Do<T>("GetTeamTraining", name)).state() == T::STATE_CANCELLED;
    EXPECT_EQ(Counts(group), cancelled ? "0+0" : "2+0");
  }
}

TEST_F(Teams, WhoHasMasteredTheProgrammeIsNotEnrolledAgain) {
  const std::string name = Started(1, {11, 12});
  Master(11);
  const auto enrolled = Need(Enrol(name, OpenGroup(1)));
  ASSERT_EQ(enrolled.enrolments_size(), 1);
  EXPECT_EQ(enrolled.enrolments(0).person(), Person(12));
}

TEST_F(Teams, BodiesSeeTheirOwnTeamsAndForeignOnesNeitherReadNorEnrol) {
  const std::string name = Started(1, {11, 12});
  const std::string group = OpenGroup(5);
  auto own = service_->Connect({"organisation"}, {Body(7)});
  auto foreign = service_->Connect({"organisation"}, {Body(8)});
  auto member = service_->Connect({"educator"}, {Person(11)});
  auto stranger = service_->Connect({"educator"}, {Person(19)});
  const std::string get = Cat("name: '", name, "'");
  EXPECT_EQ(Ask<T>(*foreign, "GetTeamTraining", get).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask<T>(*stranger, "GetTeamTraining", get).status().code(), absl::StatusCode::kNotFound);
  Need(Ask<T>(*member, "GetTeamTraining", get));
  EXPECT_EQ(Ask<v1::TeamTrainingProgress>(*member, "GetTeamTrainingProgress", get).status().code(),
            absl::StatusCode::kPermissionDenied);
  const std::string enrol = Cat(get, " group: '", group, "'");
  EXPECT_EQ(Ask<v1::EnrolTeamResponse>(*foreign, "EnrolTeam", enrol).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Need(Ask<v1::EnrolTeamResponse>(*own, "EnrolTeam", enrol)).enrolments_size(), 2);
  EXPECT_EQ(Ask<v1::TeamTrainingProgress>(*foreign, "GetTeamTrainingProgress", get).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(Teams, WhatIsFrozenFollowsMergedPeople) {
  const std::string name = Started(1, {11, 12, 13});
  const std::string record = Accepted(Internship());
  MergePeople(11, 21);
  EXPECT_EQ(Need(Do<T>("GetTeamTraining", name)).members(0), Person(21));
  MergePeople(12, 13);
  const auto progress = Need(Do<v1::TeamTrainingProgress>("GetTeamTrainingProgress", name));
  EXPECT_EQ(progress.members_size(), 2) << "who turned out to be one person counts once";
  EXPECT_EQ(progress.lacking_count(), 1);
  MergePeople(1, 31);
  EXPECT_EQ(ReadRecord(record).person(), Person(31));
  EXPECT_EQ(ReadRecord(record).completed_hours(), 18);
  MergePeople(31, 2);
  EXPECT_NE(ReadRecord(record).person(), Person(2)) << "nobody comes to lead themselves";
}

}  // namespace
}  // namespace rsnms::programs
