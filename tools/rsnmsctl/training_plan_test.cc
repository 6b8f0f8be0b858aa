#include "tools/rsnmsctl/training_plan.h"

#include <gtest/gtest.h>

namespace rsnms::ctl {
namespace {

using programs::v1::PlanLine;

TEST(TrainingPlanRows, ALineAPlannedRowAndTheSumsLast) {
  programs::v1::TrainingPlan plan;
  const auto add = [&](const std::string& id) -> PlanLine& {
    PlanLine& line = *plan.add_lines();
    line.set_id(id);
    line.set_year(2026);
    line.set_ground(programs::v1::ORDER_GROUND_DEFICIT);
    return line;
  };
  PlanLine& known = add("a");
  known.set_programme("regions/86/programmes/p");
  known.set_quarter(2);
  known.set_training_order("regions/86/trainingOrders/o");
  PlanLine& topics = add("b");
  topics.add_competencies("regions/86/competencies/lesson");
  topics.add_topic_codes("assessment");
  add("c").set_exclusion_reason("нет средств");
  programs::v1::TrainingPlanExecution execution;
  auto& counted = *execution.add_lines();
  counted.set_line("a");
  counted.mutable_counts()->set_places(5);
  counted.mutable_counts()->set_completed(2);
  execution.mutable_total()->set_places(7);
  const auto rows = PlanRows(plan, execution, {{"regions/86/programmes/p", "Практикум"}});
  ASSERT_EQ(rows.size(), 4u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), rows.front().size());
  EXPECT_EQ(rows[1][2], "2");
  EXPECT_EQ(rows[1][3], "Практикум");
  EXPECT_EQ(rows[1][5], "заявка o");
  EXPECT_EQ(rows[1][6], "5");
  EXPECT_EQ(rows[1][9], "2");
  EXPECT_EQ(rows[2][2], "любой");
  EXPECT_EQ(rows[2][3], "lesson, assessment");
  EXPECT_EQ(rows[2][5], "план");
  EXPECT_EQ(rows[3][0], "Всего");
  EXPECT_EQ(rows[3][6], "7");
}

}  // namespace
}  // namespace rsnms::ctl
