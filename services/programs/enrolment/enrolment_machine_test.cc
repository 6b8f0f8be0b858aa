// The state machines of groups and enrolments: what the contract declares against tables written
// from its comments, and every step tried from every state.
#include "libs/testing/state_machine.h"
#include "services/programs/enrolment/training_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;
using ::rsnms::testing::Edge;
using ::rsnms::testing::ExpectMachine;
using ::rsnms::testing::StateMachine;

TEST(TrainingMachines, Group) {
  ExpectMachine(*TrainingService::Contract(), "Group", 6,
                {{"OpenGroup", {"PLANNED"}, "OPEN"},
                 {"RunGroup", {"OPEN"}, "RUNNING"},
                 {"FinishGroup", {"RUNNING"}, "FINISHED"},
                 {"CancelGroup", {"PLANNED", "OPEN", "RUNNING"}, "CANCELLED"}});
}

TEST(TrainingMachines, EnrolmentInTraining) {
  ExpectMachine(
      *TrainingService::Contract(), "Enrolment", 14,
      {{"DeferEnrolment", {"ENROLLED", "IN_PROGRESS"}, "DEFERRED"},
       {"ResumeEnrolment", {"DEFERRED"}, "ENROLLED"},
       {"TransferEnrolment", {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED"}, "TRANSFERRED"},
       {"VoidEnrolment",
        {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED", "WITHDRAWN", "FAILED", "COMPLETED"},
        "VOID"}});
}

TEST(TrainingMachines, EnrolmentInPrograms) {
  ExpectMachine(
      *v1::SelectProgrammesRequest::descriptor()->file()->FindServiceByName("Programs"),
      "Enrolment", 7,
      {{"ConfirmEnrolment", {"APPLIED"}, "ENROLLED"},
       {"StartEnrolment", {"ENROLLED"}, "IN_PROGRESS"},
       {"WithdrawEnrolment", {"APPLIED", "ENROLLED", "IN_PROGRESS", "DEFERRED"}, "WITHDRAWN"},
       {"FailEnrolment", {"IN_PROGRESS"}, "FAILED"}});
}

class TrainingMachine : public TrainingFixture {
 protected:
  // Forces a state past the contract, with a seat that fits it.
  StateMachine Machine(const google::protobuf::ServiceDescriptor* service) {
    StateMachine machine;
    machine.service = service;
    machine.resource = "programs.rsnms/Enrolment";
    machine.make = [this] { return Need(Apply(here_, ++person_)).name(); };
    machine.force = [this](const std::string& name, const std::string& state) {
      const bool keeps = state == "APPLIED" || state == "ENROLLED" || state == "IN_PROGRESS" ||
                         state == "COMPLETED" || state == "FAILED";
      Sql(Cat("WITH e AS (UPDATE enrolment SET state = '", state, "', seat = '",
              keeps ? "HELD" : "UNSPECIFIED", "' WHERE id = '", IdOf(name),
              "' RETURNING group_id) UPDATE learner_group SET taken_seats = taken_seats - ",
              keeps ? 0 : 1, " WHERE id IN (SELECT group_id FROM e) RETURNING id"));
    };
    machine.read = [this](const std::string& name) {
      return Sql(
          Cat("SELECT to_jsonb(e)::text || to_jsonb(g)::text FROM enrolment e JOIN "
              "learner_group g ON g.id = e.group_id WHERE e.id = '",
              IdOf(name), "'"));
    };
    machine.state = [this](const std::string& name) {
      return Sql(Cat("SELECT state FROM enrolment WHERE id = '", IdOf(name), "'"));
    };
    machine.fill = [this](Message& request) {
      const auto set = [&](const char* name, const std::string& value) {
        const auto* field = request.GetDescriptor()->FindFieldByName(name);
        if (field != nullptr) request.GetReflection()->SetString(&request, field, value);
      };
      set("group", there_);
      set("reason", "приказ");
      const auto* day = request.GetDescriptor()->FindFieldByName("state_date");
      if (day == nullptr) return;
      google::protobuf::TextFormat::ParseFromString(
          Day(3, 10).substr(1, Day(3, 10).size() - 2),
          request.GetReflection()->MutableMessage(&request, day));
    };
    return machine;
  }
  // Two groups in RUNNING, which takes whoever comes but applicants: their state is set past it.
  void Open() {
    here_ = OpenGroup(1000);
    there_ = OpenGroup(1000);
    Need(Step<v1::Group>("RunGroup", there_));
  }

  std::string here_, there_;
  int person_ = 0;
};

TEST_F(TrainingMachine, EveryStepOfTrainingWorksAndNoOther) {
  Open();
  const auto counts = TryEveryStep(Machine(TrainingService::Contract()), *admin_);
  EXPECT_EQ(counts.allowed, 14);
  EXPECT_EQ(counts.refused, 4 * 9 - 14);
  EXPECT_NE(Counts(here_), "0+0");
  EXPECT_EQ(Counts(there_), "4+0");
}

TEST_F(TrainingMachine, EveryStepOfProgramsWorksAndNoOther) {
  Open();
  auto machine =
      Machine(v1::SelectProgrammesRequest::descriptor()->file()->FindServiceByName("Programs"));
  // Learning begins in a group that runs; one that runs takes no applications.
  machine.make = [this] {
    Sql(Cat("UPDATE learner_group SET state = 'OPEN' WHERE id = '", IdOf(here_), "' RETURNING id"));
    const std::string name = Need(Apply(here_, ++person_)).name();
    Sql(Cat("UPDATE learner_group SET state = 'RUNNING' WHERE id = '", IdOf(here_),
            "' RETURNING id"));
    return name;
  };
  const auto counts = TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 7);
  EXPECT_EQ(counts.refused, 4 * 9 - 7);
  Counts(here_);
}

TEST_F(TrainingMachine, EveryStepOfAGroupWorksAndNoOther) {
  StateMachine machine;
  machine.service = TrainingService::Contract();
  machine.resource = "programs.rsnms/Group";
  machine.make = [this] { return Need(CreateGroup(3)).name(); };
  machine.force = [this](const std::string& name, const std::string& state) {
    Sql(Cat("UPDATE learner_group SET state = '", state, "' WHERE id = '", IdOf(name),
            "' RETURNING id"));
  };
  machine.read = [this](const std::string& name) {
    return Sql(Cat("SELECT to_jsonb(g) FROM learner_group g WHERE id = '", IdOf(name), "'"));
  };
  const auto counts = TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 6);
  EXPECT_EQ(counts.refused, 4 * 5 - 6);
}

}  // namespace
}  // namespace rsnms::programs
