// What was accepted, held or declared trained is taken back, and counts no more.
#include "libs/pg/migrate.h"
#include "services/programs/learning/cascade_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using A = v1::PracticeAcceptance;
using R = v1::LearningRecord;
using T = v1::TeamTraining;

constexpr char kWhy[] = "state_reason: 'внесено по ошибке' ";

class TakingBack : public CascadeFixture {
 protected:
  void EmployEverybody() override { LearningFixture::EmployEverybody(); }
  absl::StatusOr<R> Void(const std::string& record) {
    return Do("VoidLearningRecord", record, kWhy);
  }
  absl::StatusOr<S> VoidSession(const std::string& session, const std::string& more = "") {
    return Do<S>("VoidCascadeSession", session, Cat(kWhy, more));
  }
  int HoursOf(int person) {
    return Need(Ask<v1::CorporateHours>(
                    *admin_, "GetCorporateHours",
                    Cat("parent: 'regions/86' year: 2025 person: '", Person(person), "'")))
        .total_hours();
  }
  // Shown by person `person`, seen by person 9; a draft.
  std::string Shown(const std::string& record, int person = 1) {
    return Need(Ask<A>(*admin_, "CreatePracticeAcceptance",
                       Cat("parent: 'regions/86' practice_acceptance {", Learner(person),
                           "form: PRACTICE_FORM_OTHER title: 'Урок' shown_date ", Day(5, 1),
                           " observer: '", Person(9), "' evidence: 'Видно' learning_record: '",
                           record, "'}")))
        .name();
  }
  absl::StatusOr<A> AcceptShown(const std::string& name) {
    auto handed_in = Do<A>("SubmitPracticeAcceptance", name);
    return handed_in.ok() ? Do<A>("AcceptPracticeAcceptance", name, OnDay(5, 2)) : handed_in;
  }
  std::string Voided(const std::string& table) {
    return Sql(Cat("SELECT count(*) FROM ", table,
                   " WHERE state = 'VOID' AND state_reason = ", "'внесено по ошибке'"));
  }
};

TEST_F(TakingBack, ARecordTakenBackCountsNoMoreAndStaysSo) {
  const std::string name = Accepted(Plain("SELF_STUDY"));
  EXPECT_EQ(HoursOf(1), 18);
  EXPECT_EQ(Do("VoidLearningRecord", name).status().code(), absl::StatusCode::kInvalidArgument)
      << "never without a reason";
  Need(Do("VoidLearningRecord", name, Cat(kWhy, "validate_only: true")));
  EXPECT_EQ(HoursOf(1), 18);
  const std::string again = Cat(kWhy, "request_id: '", Uuid(81), "'");
  const R voided = Need(Do("VoidLearningRecord", name, again));
  EXPECT_EQ(voided.state(), R::STATE_VOID);
  EXPECT_EQ(voided.state_reason(), "внесено по ошибке");
  EXPECT_EQ(voided.completed_hours(), 18) << "what was taken back is kept";
  EXPECT_EQ(Need(Do("VoidLearningRecord", name, again)).etag(), voided.etag());
  EXPECT_EQ(HoursOf(1), 0);
  EXPECT_REASON(Void(name), "INVALID_STATE");
  EXPECT_REASON(Do("DeleteLearningRecord", name), "LEARNING_FROZEN");
  EXPECT_EQ(Sql(Cat("UPDATE learning_record SET state = 'ACCEPTED' WHERE id = '", IdOf(name),
                    "' RETURNING state")),
            "CONSTRAINT_VIOLATED")
      << "the database keeps it too";
  EXPECT_EQ(ReadRecord(name).state(), R::STATE_VOID);
}

TEST_F(TakingBack, TheNumberOfAVoidCertificateIsFreeAndTheAcademyForgotten) {
  const std::string shown = Report(Cat("certificate_number: 'А-1' certificate_date ", Day(3, 6)));
  const std::string name = Accepted(Plain("ACADEMY"), shown);
  const auto trained = [&] {
    return Need(Ask<v1::AcademyCoverage>(*admin_, "GetAcademyCoverage",
                                         Cat("parent: 'regions/86' end_date ", Day(5, 31),
                                             " persons: '", Person(1), "'")))
        .trained_count();
  };
  EXPECT_EQ(trained(), 1);
  Need(Void(name));
  EXPECT_EQ(trained(), 0);
  Accepted(Plain("ACADEMY", 2), shown);
}

TEST_F(TakingBack, WhoAcceptsTakesBackAndTheLearnerNeverDoes) {
  const std::string name = Accepted(Internship());
  const std::string request = Cat("name: '", name, "' ", kWhy);
  const auto code = [&](const std::string& role, const std::vector<std::string>& scopes) {
    auto client = service_->Connect({role}, scopes);
    return Ask(*client, "VoidLearningRecord", request).status().code();
  };
  EXPECT_EQ(code("educator", {Person(1)}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code("organisation", {Person(1)}), absl::StatusCode::kPermissionDenied);
  auto head = service_->Connect({"organisation"}, {Body(7), Person(1)});
  const auto own = Ask(*head, "VoidLearningRecord", request);
  EXPECT_REASON(own, "SELF_ACCEPTANCE");
  EXPECT_THAT(Told(own.status()), HasSubstr("takes back"));
  EXPECT_EQ(code("organisation", {Person(2)}), absl::StatusCode::kPermissionDenied) << "who leads";
  EXPECT_EQ(code("organisation", {Body(8)}), absl::StatusCode::kPermissionDenied) << "the host";
  EXPECT_EQ(code("organisation", {Body(9)}), absl::StatusCode::kNotFound);
  EXPECT_EQ(code("municipal_service", {Town("south")}), absl::StatusCode::kNotFound);
  EXPECT_EQ(code("authority", {"regions/61"}), absl::StatusCode::kNotFound);
  EXPECT_EQ(code("methodologist", {"regions/86"}), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReadRecord(name).state(), R::STATE_ACCEPTED);
  EXPECT_EQ(code("authority", {"regions/86"}), absl::StatusCode::kOk);
  const std::string other = Accepted(Plain("OTHER", 3));
  auto body = service_->Connect({"organisation"}, {Body(7)});
  Need(Ask(*body, "VoidLearningRecord", Cat("name: '", other, "' ", kWhy)));
}

TEST_F(TakingBack, ASessionTakesItsRecordsWithItAndFreesNoStranger) {
  Master(1);
  const std::string kept = Need(Plan(1, {2, 3})).name(), wrong = Need(Plan(1, {3, 4, 5})).name();
  Need(Hold(kept));
  Need(Hold(wrong));
  EXPECT_EQ(Records(wrong), "3:12");
  EXPECT_EQ(HoursOf(4), 4);
  const auto first = Need(
      Ask<v1::ListLearningRecordsResponse>(*admin_, "ListLearningRecords",
                                           Cat("parent: 'regions/86' filter: 'cascade_session = \"",
                                               wrong, "\" AND person = \"", Person(5), "\"'")));
  Need(Do("VoidLearningRecord", first.learning_records(0).name(), "state_reason: 'не был' "));
  EXPECT_THAT(Coverage(*admin_), HasSubstr("=3")) << "who was not there is not reached";
  EXPECT_REASON(Do<S>("VoidCascadeSession", Need(Plan(1, {2})).name(), kWhy), "INVALID_STATE");
  Need(VoidSession(wrong, "validate_only: true"));
  EXPECT_EQ(Records(wrong), "2:8");
  EXPECT_EQ(Need(VoidSession(wrong)).state(), S::STATE_VOID);
  EXPECT_EQ(Records(wrong), "0:0");
  EXPECT_EQ(Voided("learning_record"), "2") << "who was void before keeps why";
  EXPECT_EQ(Records(kept), "2:8");
  EXPECT_EQ(HoursOf(4), 0);
  EXPECT_EQ(HoursOf(3), 4);
  EXPECT_THAT(Coverage(*admin_), HasSubstr("7:1/1/2/"));
  EXPECT_THAT(Coverage(*admin_), HasSubstr("=2"));
  EXPECT_REASON(Do<S>("DeleteCascadeSession", wrong), "LEARNING_FROZEN");
  EXPECT_REASON(Hold(wrong), "INVALID_STATE");
}

TEST_F(TakingBack, WhoCameToASessionDoesNotTakeItBack) {
  Master(1);
  const std::string name = Need(Plan(1, {2, 3})).name();
  Need(Hold(name));
  const std::string request = Cat("name: '", name, "' ", kWhy);
  auto came = service_->Connect({"organisation"}, {Body(7), Person(3)});
  EXPECT_REASON(Ask<S>(*came, "VoidCascadeSession", request), "SELF_ACCEPTANCE");
  auto leader = service_->Connect({"organisation"}, {Person(1)});
  EXPECT_EQ(Ask<S>(*leader, "VoidCascadeSession", request).status().code(),
            absl::StatusCode::kPermissionDenied);
  auto foreign = service_->Connect({"organisation"}, {Body(8)});
  EXPECT_EQ(Ask<S>(*foreign, "VoidCascadeSession", request).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Records(name), "2:8");
  auto body = service_->Connect({"organisation"}, {Body(7)});
  Need(Ask<S>(*body, "VoidCascadeSession", request));
  EXPECT_EQ(Records(name), "0:0");
}

TEST_F(TakingBack, WhatRestsOnLearningGoesFirst) {
  Master(1);
  const std::string session = Need(Plan(1, {2, 3})).name();
  Need(Hold(session));
  const auto given = Need(Ask<v1::ListLearningRecordsResponse>(
      *admin_, "ListLearningRecords",
      Cat("parent: 'regions/86' filter: 'person = \"", Person(2), "\"'")));
  const std::string record = given.learning_records(0).name();
  const std::string accepted = Shown(record, 2), draft = Shown(record, 2);
  Need(AcceptShown(accepted));
  EXPECT_REASON(Void(record), "LEARNING_IN_PRACTICE");
  EXPECT_REASON(VoidSession(session), "LEARNING_IN_PRACTICE");
  EXPECT_EQ(Records(session), "2:8") << "all or none";
  auto learner = service_->Connect({"organisation"}, {Body(7), Person(2)});
  EXPECT_REASON(Ask<A>(*learner, "VoidPracticeAcceptance", Cat("name: '", accepted, "' ", kWhy)),
                "SELF_ACCEPTANCE");
  auto observer = service_->Connect({"organisation"}, {Person(9)});
  EXPECT_EQ(Ask<A>(*observer, "VoidPracticeAcceptance", Cat("name: '", accepted, "' ", kWhy))
                .status()
                .code(),
            absl::StatusCode::kPermissionDenied);
  Need(Do<A>("VoidPracticeAcceptance", accepted, kWhy));
  Need(VoidSession(session));
  EXPECT_REASON(Do<A>("SubmitPracticeAcceptance", draft), "LEARNING_NOT_ACCEPTED");
  Need(Do<A>("WithdrawPracticeAcceptance", draft, kWhy));
}

TEST_F(TakingBack, AnObserverAcceptsNothingOfARecordTakenBack) {
  const std::string record = Accepted(Plain("SELF_STUDY"));
  const std::string shown = Shown(record);
  Need(Do<A>("SubmitPracticeAcceptance", shown));
  Need(Void(record));
  auto observer = service_->Connect({"methodologist"}, {Person(9)});
  EXPECT_REASON(
      Ask<A>(*observer, "AcceptPracticeAcceptance", Cat("name: '", shown, "' ", OnDay(5, 2))),
      "LEARNING_NOT_ACCEPTED");
  Need(Ask<A>(*observer, "ReturnPracticeAcceptance", Cat("name: '", shown, "' ", kWhy)));
}

// Of whoever accepts what rests on a record and whoever takes the record back one is too late.
TEST_F(TakingBack, TakingBackRacesWhatWouldRestOnIt) {
  for (int round = 1; round <= 8; ++round) {
    const std::string record = Accepted(Plain("OTHER", 10 + round));
    const std::string shown = Shown(record, 10 + round);
    Need(Do<A>("SubmitPracticeAcceptance", shown));
    const auto statuses = Race(4, [&](int i) {
      return (i + round) % 2 == 0 ? Void(record).status()
                                  : Do<A>("AcceptPracticeAcceptance", shown, OnDay(5, 2)).status();
    });
    for (const auto& status : statuses) {
      EXPECT_TRUE(status.ok() || rpc::ReasonOf(status) == "LEARNING_IN_PRACTICE" ||
                  rpc::ReasonOf(status) == "LEARNING_NOT_ACCEPTED" ||
                  rpc::ReasonOf(status) == "INVALID_STATE")
          << status;
    }
    const bool rests = Need(Do<A>("GetPracticeAcceptance", shown)).state() == A::STATE_ACCEPTED;
    EXPECT_EQ(ReadRecord(record).state(), rests ? R::STATE_ACCEPTED : R::STATE_VOID);
  }
}

TEST_F(TakingBack, ATeamDeclaredTrainedByMistakeLearnsAnew) {
  Master(11);
  const std::string team = NameOf("86", "managementTeams", Uuid(1));
  auto& known = people_->teams[team];
  known.set_organisation(Body(7));
  known.add_members(Person(11));
  known.mutable_formed_date()->set_year(2020);
  known.mutable_formed_date()->set_month(1);
  known.mutable_formed_date()->set_day(1);
  const auto create = [&] {
    return Ask<T>(*admin_, "CreateTeamTraining",
                  Cat("parent: 'regions/86' team_training {management_team: '", team,
                      "' organisation: '", Body(7), "' programme: '", programme_, "'}"));
  };
  const std::string name = Need(create()).name();
  Need(Do<T>("StartTeamTraining", name, Cat("start_date ", Day(2, 1))));
  Need(Do<T>("CompleteTeamTraining", name, Cat("completion_date ", Day(5, 1))));
  const std::string request = Cat("name: '", name, "' ", kWhy);
  auto member = service_->Connect({"organisation"}, {Body(7), Person(11)});
  EXPECT_REASON(Ask<T>(*member, "VoidTeamTraining", request), "SELF_ACCEPTANCE");
  EXPECT_EQ(Need(Do<T>("VoidTeamTraining", name, kWhy)).state(), T::STATE_VOID);
  EXPECT_REASON(Do<T>("VoidTeamTraining", name, kWhy), "INVALID_STATE");
  EXPECT_REASON(Do<T>("DeleteTeamTraining", name), "LEARNING_FROZEN");
  EXPECT_EQ(Need(Do<v1::TeamTrainingProgress>("GetTeamTrainingProgress", name)).completed_count(),
            1)
      << "what members completed stays theirs";
  Need(create());
}

TEST_F(TakingBack, TheSchemaWalksDownAndUpWithVoidRows) {
  Master(1);
  const std::string session = Need(Plan(1, {2, 3})).name(), record = Accepted(Plain("OTHER"));
  const std::string kept = Accepted(Plain("OTHER"));
  Need(Hold(session));
  Need(VoidSession(session));
  Need(Void(record));
  pg::MigrateOptions options;
  options.conninfo = service_->database().superuser_conninfo();
  options.schema = "programs";
  options.sets = {{"platform", "libs/journal/migrations"},
                  {"programs", "services/programs/migrations"}};
  const auto down = pg::MigrateDown(options, "programs", 18);
  ASSERT_TRUE(down.ok()) << down;
  const auto state = [&](const std::string& table, const std::string& name) {
    return Sql(Cat("SELECT state FROM ", table, " WHERE id = '", IdOf(name), "'"));
  };
  EXPECT_EQ(state("learning_record", record), "FAILED") << "it counts no more than before";
  EXPECT_EQ(state("learning_record", kept), "ACCEPTED");
  EXPECT_EQ(state("cascade_session", session), "CANCELLED");
  const auto up = pg::MigrateUp(options);
  ASSERT_TRUE(up.ok()) << up;
  Need(Void(kept));
}

}  // namespace
}  // namespace rsnms::programs
