// The state machine of orders: as declared, and every step from every state.
#include "libs/testing/state_machine.h"
#include "services/programs/orders/orders_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;

TEST(OrderMachines, AnOrderIsHandedInDecidedAndExecuted) {
  ::rsnms::testing::ExpectMachine(*OrdersService::Contract(), "TrainingOrder", 11,
                                  {{"SubmitTrainingOrder", {"DRAFT", "RETURNED"}, "SUBMITTED"},
                                   {"ReturnTrainingOrder", {"SUBMITTED"}, "RETURNED"},
                                   {"ApproveTrainingOrder", {"SUBMITTED"}, "APPROVED"},
                                   {"StartTrainingOrder", {"APPROVED"}, "IN_WORK"},
                                   {"ExecuteTrainingOrder", {"IN_WORK"}, "EXECUTED"},
                                   {"WithdrawTrainingOrder",
                                    {"DRAFT", "SUBMITTED", "RETURNED", "APPROVED", "IN_WORK"},
                                    "WITHDRAWN"}});
}

TEST_F(OrdersFixture, EveryStepOfAnOrderWorksAndNoOther) {
  ::rsnms::testing::StateMachine machine;
  machine.service = OrdersService::Contract();
  machine.resource = "programs.rsnms/TrainingOrder";
  machine.make = [this] { return Need(Create(Line("a", 1))).name(); };
  machine.force = [this](const std::string& name, const std::string& state) {
    const std::string id(IdOf(name));
    EXPECT_EQ(Sql(Cat("UPDATE training_order SET state = '", state, "' WHERE id = '", id,
                      "' RETURNING id")),
              id);
  };
  machine.read = [this](const std::string& name) {
    return Sql(Cat("SELECT to_jsonb(r) FROM training_order r WHERE id = '", IdOf(name), "'"));
  };
  machine.state = [this](const std::string& name) {
    return Sql(Cat("SELECT state FROM training_order WHERE id = '", IdOf(name), "'"));
  };
  machine.fill = [](Message& request) {
    if (auto* execute = dynamic_cast<v1::ExecuteTrainingOrderRequest*>(&request)) {
      execute->set_state_reason("обучены не все");
    }
  };
  const auto counts = ::rsnms::testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 11);
  EXPECT_EQ(counts.allowed + counts.refused, 6 * 7);
}

}  // namespace
}  // namespace rsnms::programs
