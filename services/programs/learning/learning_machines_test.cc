// The state machines of learning: as declared, and every step from every state.
#include "libs/testing/state_machine.h"
#include "services/programs/learning/cascade_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;
using ::rsnms::testing::ExpectMachine;

TEST(LearningMachines, ARecordIsAgreedLearnedReportedAndAccepted) {
  ExpectMachine(*LearningService::Contract(), "LearningRecord", 11,
                {{"AgreeLearningRecord", {"PLANNED"}, "AGREED"},
                 {"StartLearningRecord", {"AGREED"}, "IN_PROGRESS"},
                 {"ReportLearningRecord", {"IN_PROGRESS"}, "REPORTED"},
                 {"AcceptLearningRecord", {"REPORTED"}, "ACCEPTED"},
                 {"ReturnLearningRecord", {"REPORTED"}, "IN_PROGRESS"},
                 {"FailLearningRecord", {"IN_PROGRESS", "REPORTED"}, "FAILED"},
                 {"CancelLearningRecord", {"PLANNED", "AGREED", "IN_PROGRESS"}, "CANCELLED"},
                 {"VoidLearningRecord", {"ACCEPTED"}, "VOID"}});
}

TEST(LearningMachines, AnAcceptanceIsHandedInAndDecided) {
  ExpectMachine(*LearningService::Contract(), "PracticeAcceptance", 8,
                {{"SubmitPracticeAcceptance", {"DRAFT", "RETURNED"}, "SUBMITTED"},
                 {"AcceptPracticeAcceptance", {"SUBMITTED"}, "ACCEPTED"},
                 {"ReturnPracticeAcceptance", {"SUBMITTED"}, "RETURNED"},
                 {"WithdrawPracticeAcceptance", {"DRAFT", "SUBMITTED", "RETURNED"}, "WITHDRAWN"},
                 {"VoidPracticeAcceptance", {"ACCEPTED"}, "VOID"}});
}

TEST(LearningMachines, ATeamBeginsAndIsTrained) {
  ExpectMachine(*LearningService::Contract(), "TeamTraining", 5,
                {{"StartTeamTraining", {"PLANNED"}, "IN_PROGRESS"},
                 {"CompleteTeamTraining", {"IN_PROGRESS"}, "COMPLETED"},
                 {"CancelTeamTraining", {"PLANNED", "IN_PROGRESS"}, "CANCELLED"},
                 {"VoidTeamTraining", {"COMPLETED"}, "VOID"}});
}

TEST(LearningMachines, ASessionIsHeldOrNot) {
  ExpectMachine(*LearningService::Contract(), "CascadeSession", 3,
                {{"HoldCascadeSession", {"PLANNED"}, "HELD"},
                 {"CancelCascadeSession", {"PLANNED"}, "CANCELLED"},
                 {"VoidCascadeSession", {"HELD"}, "VOID"}});
}

template <class Fixture>
class Steps : public Fixture {
 protected:
  // Every step of the resource in `table`; `columns` go with a forced state.
  ::rsnms::testing::StepCounts Try(
      const std::string& resource, const std::string& table, std::function<std::string()> make,
      const std::map<std::string, std::string>& columns,
      std::function<void(Message&)> fill = [](Message&) {}) {
    ::rsnms::testing::StateMachine machine;
    machine.service = LearningService::Contract();
    machine.resource = "programs.rsnms/" + resource;
    machine.make = std::move(make);
    machine.force = [=, this](const std::string& name, const std::string& state) {
      const auto more = columns.find(state);
      const std::string id(IdOf(name));
      EXPECT_EQ(this->Sql(Cat("UPDATE ", table, " SET state = '", state, "'",
                              more == columns.end() ? "" : ", " + more->second, " WHERE id = '", id,
                              "' RETURNING id")),
                id);
    };
    machine.read = [=, this](const std::string& name) {
      return this->Sql(Cat("SELECT to_jsonb(r) FROM ", table, " r WHERE id = '", IdOf(name), "'"));
    };
    machine.state = [=, this](const std::string& name) {
      return this->Sql(Cat("SELECT state FROM ", table, " WHERE id = '", IdOf(name), "'"));
    };
    machine.fill = std::move(fill);
    return ::rsnms::testing::TryEveryStep(machine, *this->admin_);
  }
};
using LearningSteps = Steps<LearningFixture>;
using SessionSteps = Steps<CascadeFixture>;

void SetDay(int month, int day, google::type::Date* date) {
  date->set_year(2026);
  date->set_month(month);
  date->set_day(day);
}

TEST_F(LearningSteps, EveryStepOfARecordWorksAndNoOther) {
  const std::string done =
      "completed_hours = 18, completion_date = '2026-03-06', report = 'Освоено'";
  const std::string accepted = done + ", acceptance_date = '2026-03-10'";
  int person = 0;
  const auto counts = Try(
      "LearningRecord", "learning_record",
      [&, this] { return Need(Create(Plain("OTHER", ++person))).name(); },
      {{"REPORTED", done}, {"ACCEPTED", accepted}, {"VOID", accepted}},
      [](Message& request) {
        if (auto* report = dynamic_cast<v1::ReportLearningRecordRequest*>(&request)) {
          SetDay(3, 6, report->mutable_completion_date());
        } else if (auto* accept = dynamic_cast<v1::AcceptLearningRecordRequest*>(&request)) {
          SetDay(3, 10, accept->mutable_acceptance_date());
        }
      });
  EXPECT_EQ(counts.allowed, 11);
  EXPECT_EQ(counts.allowed + counts.refused, 8 * 8);
}

TEST_F(LearningSteps, EveryStepOfAnAcceptanceWorksAndNoOther) {
  const std::string record = Accepted(Plain("SELF_STUDY"));
  const auto counts = Try(
      "PracticeAcceptance", "practice_acceptance",
      [&, this] {
        return Need(Ask<v1::PracticeAcceptance>(
                        *admin_, "CreatePracticeAcceptance",
                        Cat("parent: 'regions/86' practice_acceptance {", Learner(1),
                            "form: PRACTICE_FORM_OTHER title: 'Урок' shown_date ", Day(4, 1),
                            " observer: '", Person(2), "' evidence: 'Видно' learning_record: '",
                            record, "'}")))
            .name();
      },
      {{"ACCEPTED", "acceptance_date = '2026-04-02'"}, {"VOID", "acceptance_date = '2026-04-02'"}},
      [](Message& request) {
        if (auto* accept = dynamic_cast<v1::AcceptPracticeAcceptanceRequest*>(&request)) {
          SetDay(4, 2, accept->mutable_acceptance_date());
        }
      });
  EXPECT_EQ(counts.allowed, 8);
  EXPECT_EQ(counts.allowed + counts.refused, 5 * 6);
}

TEST_F(LearningSteps, EveryStepOfATeamWorksAndNoOther) {
  int team = 0;
  const std::string member = Person(1);
  const auto enrolment = Need(Send<v1::Enrolment>(
      "CreateEnrolment", Cat("parent: 'regions/86' enrolment ", Application(programme_, 1))));
  Need(Move("ConfirmEnrolment", enrolment.name()));
  Need(Move("StartEnrolment", enrolment.name()));
  Need(Send<v1::Completion>("CompleteEnrolment",
                            Cat("name: '", enrolment.name(), "' certificate_number: 'У-1' ",
                                "completion_date ", Day(3, 30))));
  const std::string begun = Cat("start_date = '2026-02-01', members_ids = '{", IdOf(member), "}'");
  const std::string ended = begun + ", completion_date = '2026-04-01'";
  const auto counts = Try(
      "TeamTraining", "team_training",
      [&, this] {
        const std::string name = NameOf("86", "managementTeams", Uuid(100 + ++team));
        auto& known = people_->teams[name];
        known.set_organisation(Body(7));
        known.add_members(member);
        SetDay(1, 1, known.mutable_formed_date());
        return Need(Ask<v1::TeamTraining>(
                        *admin_, "CreateTeamTraining",
                        Cat("parent: 'regions/86' team_training {management_team: '", name,
                            "' organisation: '", Body(7), "' programme: '", programme_, "'}")))
            .name();
      },
      {{"IN_PROGRESS", begun}, {"COMPLETED", ended}, {"VOID", ended}},
      [](Message& request) {
        if (auto* start = dynamic_cast<v1::StartTeamTrainingRequest*>(&request)) {
          SetDay(2, 1, start->mutable_start_date());
        } else if (auto* end = dynamic_cast<v1::CompleteTeamTrainingRequest*>(&request)) {
          SetDay(4, 1, end->mutable_completion_date());
        }
      });
  EXPECT_EQ(counts.allowed, 5);
  EXPECT_EQ(counts.allowed + counts.refused, 4 * 5);
}

TEST_F(SessionSteps, EveryStepOfASessionWorksAndNoOther) {
  Master(1);
  const auto counts = Try(
      "CascadeSession", "cascade_session",
      [this] {
        return Need(Plan(1, {2, 3})).name();
      },
      {{"HELD", "held_date = '2026-04-12'"}, {"VOID", "held_date = '2026-04-12'"}},
      [](Message& request) {
        if (auto* hold = dynamic_cast<v1::HoldCascadeSessionRequest*>(&request)) {
          SetDay(4, 12, hold->mutable_held_date());
        }
      });
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.allowed + counts.refused, 3 * 4);
}

}  // namespace
}  // namespace rsnms::programs
