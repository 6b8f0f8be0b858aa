#include "services/programs/orders/plan_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/orders/plan_execution.h"

namespace rsnms::programs::plan_rules {
namespace {

using resource::Change;
using ::testing::HasSubstr;
using Plan = v1::TrainingPlan;

constexpr char kId[] = "01900000-0000-7000-8000-000000000001";

class PlanRules : public ::testing::Test {
 protected:
  PlanRules() {
    plan_.set_name(NameOf("86", "trainingPlans", kId));
    plan_.set_state(Plan::STATE_DRAFT);
    plan_.set_start_year(2026);
    plan_.set_end_year(2027);
    AddLine("a", 2026);
  }
  v1::PlanLine* AddLine(const std::string& id, int year, bool gathered = false) {
    auto* line = plan_.add_lines();
    line->set_id(id);
    line->set_year(year);
    line->set_places(2);
    line->add_topic_codes("assessment");
    if (gathered) {
      line->set_training_order(NameOf("86", "trainingOrders", kId));
      line->mutable_ordered()->set_id(id);
    }
    return line;
  }
  std::string Create() { return rpc::ReasonOf(Check(Change::kCreate, nullptr, &plan_)); }
  std::string Changed(Plan after) { return rpc::ReasonOf(Check(Change::kUpdate, &plan_, &after)); }

  Plan plan_;
};

TEST_F(PlanRules, APlanIsForOneToTenYears) {
  plan_.clear_lines();
  for (const auto& [end_year, reason] : std::vector<std::pair<int, std::string>>{
           {2025, "OUT_OF_RANGE"}, {2026, ""}, {2035, ""}, {2036, "OUT_OF_RANGE"}}) {
    plan_.set_end_year(end_year);
    EXPECT_EQ(Create(), reason) << end_year;
  }
}

TEST_F(PlanRules, LinesHaveIdsSubjectsAndYearsOfThePlan) {
  EXPECT_EQ(Create(), "");
  plan_.mutable_lines(0)->set_year(2028);
  EXPECT_EQ(Create(), "OUT_OF_RANGE");
  plan_.mutable_lines(0)->set_exclusion_reason("позже");
  EXPECT_EQ(Create(), "") << "what is excluded may be of any year";
  plan_.mutable_lines(0)->clear_topic_codes();
  EXPECT_EQ(Create(), "LINE_SUBJECT_REQUIRED");
  plan_.mutable_lines(0)->set_programme(NameOf("61", "programmes", kId));
  EXPECT_EQ(Create(), "INVALID_NAME");
  plan_.clear_lines();
  AddLine("a", 2026);
  AddLine("a", 2027);
  EXPECT_EQ(Create(), "REPEATED_LINE");
}

TEST_F(PlanRules, PeopleDoNotMakeSources) {
  AddLine("b", 2026, true);
  EXPECT_EQ(Create(), "PLAN_LINE_GATHERED");
  plan_.set_former(NameOf("86", "trainingPlans", kId));
  EXPECT_EQ(Create(), "") << "an amendment begins with the lines of its former";
}

TEST_F(PlanRules, OfGatheredLinesPeopleChangeWhatIsPlannedAlone) {
  AddLine("b", 2026, true);
  const auto changed = [&](const std::function<void(v1::PlanLine&)>& change) {
    Plan after = plan_;
    change(*after.mutable_lines(1));
    return Changed(after);
  };
  EXPECT_EQ(changed([](auto& line) { line.set_places(1); }), "");
  EXPECT_EQ(changed([](auto& line) { line.set_exclusion_reason("нет средств"); }), "");
  EXPECT_EQ(changed([](auto& line) { line.set_year(2027); }), "PLAN_LINE_GATHERED");
  EXPECT_EQ(changed([](auto& line) { line.set_order_withdrawn(true); }), "PLAN_LINE_GATHERED");
  EXPECT_EQ(changed([](auto& line) { line.clear_training_order(); }), "PLAN_LINE_GATHERED");
  EXPECT_EQ(changed([](auto& line) { line.mutable_ordered()->set_places(9); }),
            "PLAN_LINE_GATHERED");
  EXPECT_EQ(changed([](auto& line) { line.set_id("c"); }), "PLAN_LINE_GATHERED");
}

TEST_F(PlanRules, AGatheredLineGoesWithItsYearAlone) {
  AddLine("b", 2026, true);
  Plan without = plan_;
  without.mutable_lines()->RemoveLast();
  EXPECT_EQ(Changed(without), "PLAN_LINE_GATHERED");
  without.clear_lines();
  without.set_start_year(2027);
  EXPECT_EQ(Changed(without), "");
  Plan own = plan_;
  own.mutable_lines()->DeleteSubrange(0, 1);
  EXPECT_EQ(Changed(own), "") << "the plan's own lines go as people like";
}

TEST_F(PlanRules, WhatIsNoDraftIsFrozenAndNothingEmptyIsHandedIn) {
  Plan after = plan_;
  after.set_title("другое");
  EXPECT_EQ(Changed(after), "");
  for (int state = Plan::STATE_ON_APPROVAL; state <= Plan::STATE_SUPERSEDED; ++state) {
    plan_.set_state(static_cast<Plan::State>(state));
    after.set_state(plan_.state());
    EXPECT_EQ(Changed(after), "PLAN_FROZEN") << state;
    EXPECT_EQ(rpc::ReasonOf(Check(Change::kDelete, &plan_, &plan_)), "PLAN_FROZEN");
  }
  plan_.set_state(Plan::STATE_DRAFT);
  plan_.mutable_lines(0)->set_exclusion_reason("нет");
  for (const auto state : {Plan::STATE_ON_APPROVAL, Plan::STATE_APPROVED}) {
    Plan step = plan_;
    step.set_state(state);
    EXPECT_EQ(Changed(step), "PLAN_EMPTY");
  }
}

TEST_F(PlanRules, ExecutionIsSummedByLineQuarterAndGround) {
  plan_.mutable_lines(0)->set_quarter(1);
  plan_.mutable_lines(0)->set_ground(v1::ORDER_GROUND_RESERVE);
  auto* gathered = AddLine("b", 2026, true);
  gathered->set_ground(v1::ORDER_GROUND_DEFICIT);
  auto* later = AddLine("c", 2027);
  later->set_quarter(1);
  later->set_ground(v1::ORDER_GROUND_DEFICIT);
  AddLine("d", 2026)->set_exclusion_reason("нет");
  PlanTallies tallies;
  tallies.by_order_line[Cat(NameOf("86", "trainingOrders", kId), "/b")].set_completed(3);
  auto* link = plan_.add_line_groups();
  link->set_line("a");
  link->add_groups("g");
  plan_.mutable_lines(0)->set_listener_category(v1::LISTENER_CATEGORY_PEDAGOGUE);
  tallies.by_group["g"][v1::LEARNER_CATEGORY_PEDAGOGUE].set_learning(1);
  tallies.by_group["g"][v1::LEARNER_CATEGORY_MANAGER].set_learning(5);
  tallies.by_group["other"][v1::LEARNER_CATEGORY_PEDAGOGUE].set_learning(7);
  const auto told = TellExecution(plan_, tallies, absl::CivilDay(2026, 4, 1));
  ASSERT_EQ(told.lines_size(), 3);
  EXPECT_EQ(told.lines(0).counts().learning(), 1) << "managers are not the line's listeners";
  EXPECT_EQ(told.lines(0).counts().free(), 1);
  EXPECT_EQ(told.lines(0).counts().overdue(), 2) << "nobody has completed the first quarter";
  EXPECT_EQ(told.lines(1).counts().completed(), 3);
  EXPECT_EQ(told.lines(1).counts().free(), 0) << "never below zero";
  ASSERT_EQ(told.quarters_size(), 3);
  EXPECT_EQ(told.quarters(0).quarter(), 1);
  EXPECT_EQ(told.quarters(1).quarter(), 0) << "any quarter stands last in its year";
  EXPECT_EQ(told.quarters(2).year(), 2027);
  ASSERT_EQ(told.grounds_size(), 2);
  EXPECT_EQ(told.grounds(0).ground(), v1::ORDER_GROUND_DEFICIT);
  EXPECT_EQ(told.grounds(0).counts().places(), 4);
  EXPECT_EQ(told.total().places(), 6);
  EXPECT_EQ(told.total().overdue(), 2);
  const auto refused = MayClose(plan_, told);
  EXPECT_EQ(rpc::ReasonOf(refused), "PLAN_NOT_EXECUTED");
  EXPECT_THAT(rpc::ToProto(refused).DebugString(), HasSubstr("lines.c"));
  plan_.set_state_reason("нет средств");
  EXPECT_TRUE(MayClose(plan_, told).ok());
}

}  // namespace
}  // namespace rsnms::programs::plan_rules
