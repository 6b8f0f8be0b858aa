// The state machines of learning: as declared, and every step from every state.
#include "libs/testing/state_machine.h"
#include "services/programs/learning/learning_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;
using ::rsnms::testing::ExpectMachine;

TEST(LearningMachines, ARecordIsAgreedLearnedReportedAndAccepted) {
  ExpectMachine(*LearningService::Contract(), "LearningRecord", 10,
                {{"AgreeLearningRecord", {"PLANNED"}, "AGREED"},
                 {"StartLearningRecord", {"AGREED"}, "IN_PROGRESS"},
                 {"ReportLearningRecord", {"IN_PROGRESS"}, "REPORTED"},
                 {"AcceptLearningRecord", {"REPORTED"}, "ACCEPTED"},
                 {"ReturnLearningRecord", {"REPORTED"}, "IN_PROGRESS"},
                 {"FailLearningRecord", {"IN_PROGRESS", "REPORTED"}, "FAILED"},
                 {"CancelLearningRecord", {"PLANNED", "AGREED", "IN_PROGRESS"}, "CANCELLED"}});
}

TEST(LearningMachines, AnAcceptanceIsHandedInAndDecided) {
  ExpectMachine(*LearningService::Contract(), "PracticeAcceptance", 7,
                {{"SubmitPracticeAcceptance", {"DRAFT", "RETURNED"}, "SUBMITTED"},
                 {"AcceptPracticeAcceptance", {"SUBMITTED"}, "ACCEPTED"},
                 {"ReturnPracticeAcceptance", {"SUBMITTED"}, "RETURNED"},
                 {"WithdrawPracticeAcceptance", {"DRAFT", "SUBMITTED", "RETURNED"}, "WITHDRAWN"}});
}

class LearningSteps : public LearningFixture {
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
      EXPECT_EQ(Sql(Cat("UPDATE ", table, " SET state = '", state, "'",
                        more == columns.end() ? "" : ", " + more->second, " WHERE id = '", id,
                        "' RETURNING id")),
                id);
    };
    machine.read = [=, this](const std::string& name) {
      return Sql(Cat("SELECT to_jsonb(r) FROM ", table, " r WHERE id = '", IdOf(name), "'"));
    };
    machine.state = [=, this](const std::string& name) {
      return Sql(Cat("SELECT state FROM ", table, " WHERE id = '", IdOf(name), "'"));
    };
    machine.fill = std::move(fill);
    return ::rsnms::testing::TryEveryStep(machine, *admin_);
  }
};

void SetDay(int month, int day, google::type::Date* date) {
  date->set_year(2026);
  date->set_month(month);
  date->set_day(day);
}

TEST_F(LearningSteps, EveryStepOfARecordWorksAndNoOther) {
  const std::string done =
      "completed_hours = 18, completion_date = '2026-03-06', report = 'Освоено'";
  const auto counts = Try(
      "LearningRecord", "learning_record", [this] { return Need(Create(Plain("OTHER"))).name(); },
      {{"REPORTED", done}, {"ACCEPTED", done + ", acceptance_date = '2026-03-10'"}},
      [](Message& request) {
        if (auto* report = dynamic_cast<v1::ReportLearningRecordRequest*>(&request)) {
          SetDay(3, 6, report->mutable_completion_date());
        } else if (auto* accept = dynamic_cast<v1::AcceptLearningRecordRequest*>(&request)) {
          SetDay(3, 10, accept->mutable_acceptance_date());
        }
      });
  EXPECT_EQ(counts.allowed, 10);
  EXPECT_EQ(counts.allowed + counts.refused, 7 * 7);
}

}  // namespace
}  // namespace rsnms::programs
