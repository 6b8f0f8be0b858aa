// Plans beside each other: who is counted by several of them, and how many lines one holds.
#include "services/programs/orders/plan_rules.h"
#include "services/programs/orders/plans_fixture.h"

namespace rsnms::programs {
namespace {

using P = v1::TrainingPlan;

class PlanOverlaps : public PlansFixture {
 protected:
  static v1::PlanCounts Of(const v1::TrainingPlanExecution& told, const std::string& line) {
    for (const auto& one : told.lines()) {
      if (one.line() == line) return one.counts();
    }
    ADD_FAILURE() << "no line " << line;
    return {};
  }
  v1::TrainingPlanExecution Execution(rpc::Client& client, const std::string& plan) {
    return Need(
        Ask<v1::TrainingPlanExecution>(client, "GetTrainingPlanExecution", "name: '" + plan + "'"));
  }
  // `counted/also counted` of all lines together.
  std::string Total(const std::string& plan) {
    const auto total = Execution(*admin_, plan).total();
    return Cat(total.applied() + total.learning() + total.completed() + total.dropped(), "/",
               total.also_counted());
  }
  // An approved order of that many lines, one place each: more than people write by hand.
  void Large(int lines) {
    const std::string order = Need(Create(Line("l", 1))).name();
    EXPECT_EQ(Sql(Cat("UPDATE training_order SET state = 'APPROVED', lines = (SELECT jsonb_agg("
                      "jsonb_set(lines->0, '{id}', to_jsonb('l' || n))) FROM generate_series(1, ",
                      lines, ") AS n) WHERE id = '", IdOf(order), "' RETURNING 1")),
              "1");
  }
};

TEST_F(PlanOverlaps, WhoALongTermPlanAndAYearlyOneCountIsToldInBoth) {
  const std::string order = Approved(Line("a", 9) + Line("b", 9));
  const std::string yearly = Plan(), long_term = Need(CreatePlan(*admin_, "", 2028)).name();
  Gathered(yearly);
  P plan = Gathered(long_term);
  plan.mutable_lines(1)->set_exclusion_reason("в годовом плане");
  Need(Write(plan, "lines"));
  Need(Approve(yearly));
  Complete(Need(Enrol(order, "a", 1)).name(), 1);
  Need(Enrol(order, "a", 2));
  Need(Move("WithdrawEnrolment", Need(Enrol(order, "a", 3)).name()));
  Need(Enrol(order, "b", 4));
  EXPECT_EQ(Total(yearly), "4/0") << "a draft counts nobody";
  Need(Approve(long_term));
  EXPECT_EQ(Total(yearly), "4/3") << "line b is excluded there";
  EXPECT_EQ(Total(long_term), "3/3");
  const auto told = Execution(*admin_, yearly);
  int quarters = 0, grounds = 0;
  for (const auto& quarter : told.quarters()) quarters += quarter.counts().also_counted();
  for (const auto& ground : told.grounds()) grounds += ground.counts().also_counted();
  EXPECT_EQ(quarters, 3);
  EXPECT_EQ(grounds, 3);
  Need(Do<P>("CancelTrainingPlan", long_term, "state_reason: 'не нужен'"));
  EXPECT_EQ(Total(yearly), "4/0");
}

TEST_F(PlanOverlaps, WhoLearnsInAGroupOfTwoPlansIsAlsoCountedForTheOwnersTheyHave) {
  const std::string north = Cat("municipality: '", Town("north"), "' ");
  const std::string region = Plan(Own("a", 9)), towns = Plan(north + Own("t", 9)),
                    bodys = Plan(Cat("organisation: '", Body(8), "' ", Own("o", 9)));
  const std::string group = OpenGroup(9);
  const std::vector<std::pair<std::string, std::string>> links = {
      {region, "a"}, {towns, "t"}, {bodys, "o"}};
  for (const auto& [plan, line] : links) {
    Need(Approve(plan));
    Need(Do<P>("SetPlanLineGroups", plan, Cat("line: '", line, "' groups: '", group, "'")));
  }
  const auto enrol = [&](int person, int body, const std::string& town) {
    Need(Send<v1::Enrolment>(
        "EnrolInGroup",
        Cat("parent: 'regions/86' group: '", group, "' enrolment ",
            Application(programme_, person, body,
                        town.empty() ? "" : "municipality: '" + Town(town) + "'"))));
  };
  enrol(1, 7, "north");
  enrol(2, 7, "south");
  enrol(3, 8, "");
  EXPECT_EQ(Total(region), "3/2") << "the one from the south is the region's alone";
  EXPECT_EQ(Total(towns), "1/1");
  EXPECT_EQ(Total(bodys), "1/1");
  // Who does not see the other plans is not told of them.
  auto town = service_->Connect({"municipal_service"}, {Town("north")});
  const auto seen = Execution(*town, towns);
  EXPECT_EQ(Of(seen, "t").applied(), 1);
  EXPECT_EQ(Of(seen, "t").also_counted(), 0);
}

TEST_F(PlanOverlaps, APlanIsFullBeforeItsOrdersAreRead) {
  Large(plan_rules::kMostLines - 2);
  const std::string plan = Plan(Own("own", 1));
  EXPECT_EQ(Gathered(plan).lines_size(), plan_rules::kMostLines - 1);
  Approved(Line("a", 1));
  EXPECT_EQ(Gathered(plan).lines_size(), plan_rules::kMostLines);
  Approved(Line("b", 1));
  EXPECT_REASON(Do<P>("GatherTrainingPlan", plan), "PLAN_TOO_LARGE");
  EXPECT_EQ(Lines(Gathered(Plan(Cat("organisation: '", Body(8), "'")))), "");
  EXPECT_EQ(Gathered(Plan()).lines_size(), plan_rules::kMostLines) << "without a line of its own";
}

}  // namespace
}  // namespace rsnms::programs
