// Lines of orders and plans over the wire: whom they are for, what their grounds demand, where
// their bodies lie.
#include "rsnms/programs/v1/training_rules.pb.h"
#include "services/programs/orders/plans_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using OrderedLines = PlansFixture;
using O = v1::TrainingOrder;
using P = v1::TrainingPlan;

TEST_F(OrderedLines, LowResultsAreAnsweredWithinTheRegionsTerm) {
  const auto low = [&](const std::string& more) {
    return Cat("lines {id: 'a' places: 3 programme: '", programme_, "' ",
               "listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_LOW_RESULTS ",
               more, "} ");
  };
  const auto submit = [&](const std::string& more) {
    return Do("SubmitTrainingOrder", Need(Create(low(more))).name());
  };
  const auto undated = submit("");
  EXPECT_REASON(undated, "GROUND_DATE_REQUIRED");
  EXPECT_THAT(Told(undated.status()), HasSubstr("lines[0].ground_date"));
  EXPECT_REASON(submit("ground_date " + Day(5, 20, 2023)), "GROUND_TERM_MISSED");
  const std::string found = "ground_date " + Day(6, 10, 2025);
  EXPECT_REASON(submit(found + " quarter: 3"), "GROUND_TERM_MISSED");
  EXPECT_REASON(Create(low("ground_date " + Day(1, 1, 2099))), "OUT_OF_RANGE");
  EXPECT_REASON(Create(low(found + " ground_resource: 'regions/61/documents/x'")), "INVALID_NAME");
  // Nobody lengthens the term by hand.
  const O asked = Need(submit(found + " due_date " + Day(12, 31, 2030)));
  EXPECT_EQ(asked.lines(0).due_date().ShortDebugString(), "year: 2026 month: 6 day: 10");
  Need(Do("ApproveTrainingOrder", asked.name(),
          "approval_document: 'Приказ' approval_date " + Day(1, 20)));
  Complete(Need(Enrol(asked.name(), "a", 1)).name(), 1);
  const auto overdue = [&](const std::string& day) {
    const auto told = Need(Do<v1::TrainingOrderExecution>("GetTrainingOrderExecution", asked.name(),
                                                          "as_of_date " + day));
    EXPECT_EQ(told.lines(0).due_date().month(), 6);
    return told.lines(0).overdue();
  };
  EXPECT_EQ(overdue(Day(6, 10)), 0);
  EXPECT_EQ(overdue(Day(6, 11)), 2);
}

TEST_F(OrderedLines, ATermIsThatOfTheRulesOfTheGroundsDay) {
  Need(Ask<v1::TrainingRules>(*admin_, "CreateTrainingRules",
                              Cat("parent: 'regions/86' training_rules {document: 'Положение' "
                                  "low_results_months: 6 start_date ",
                                  Day(6, 1, 2025), "}")));
  const auto due = [&](const std::string& day) {
    const O made = Need(Create(Cat("lines {id: 'a' places: 3 programme: '", programme_, "' ",
                                   "listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ",
                                   "ORDER_GROUND_LOW_RESULTS ground_date ", day, "} ")));
    return made.lines(0).due_date().ShortDebugString();
  };
  EXPECT_EQ(due(Day(5, 31, 2025)), "year: 2026 month: 5 day: 31");
  EXPECT_EQ(due(Day(6, 1, 2025)), "year: 2025 month: 12 day: 1");
}

TEST_F(OrderedLines, ALineIsPlannedWithinItsGroundsTerm) {
  const auto low = [&](const std::string& more) {
    return Cat("lines {id: 'a' year: 2026 places: 2 listener_category: ",
               "LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_LOW_RESULTS ",
               "topic_codes: 'education-quality-management' ", more, "} ");
  };
  EXPECT_REASON(Approve(Plan(low(""))), "GROUND_DATE_REQUIRED");
  EXPECT_REASON(Approve(Plan(low("ground_date " + Day(5, 20, 2023)))), "GROUND_TERM_MISSED");
  const std::string plan = Plan(low("ground_date " + Day(6, 10, 2025)));
  EXPECT_EQ(Need(Approve(plan)).lines(0).due_date().month(), 6);
  const auto overdue = [&](const std::string& day) {
    return Need(
               Do<v1::TrainingPlanExecution>("GetTrainingPlanExecution", plan, "as_of_date " + day))
        .total()
        .overdue();
  };
  EXPECT_EQ(overdue(Day(6, 10)), 0);
  EXPECT_EQ(overdue(Day(6, 11)), 2) << "the year is not over, the term is";
}

TEST_F(OrderedLines, GatheringTakesGroundsOverAndFindsNothingTheSecondTime) {
  const std::string order = Approved(
      Cat("lines {id: 'a' places: 1 programme: '", programme_,
          "' listener_category: LISTENER_CATEGORY_PEDAGOGUE ground: ORDER_GROUND_LOW_RESULTS ",
          "ground_resource: 'regions/86/documents/x' ground_date ", Day(6, 10, 2025), "} "));
  const std::string plan = Plan();
  const P gathered = Gathered(plan);
  ASSERT_EQ(gathered.lines_size(), 1);
  EXPECT_EQ(gathered.lines(0).ground_date().year(), 2025);
  EXPECT_EQ(gathered.lines(0).ground_resource(), "regions/86/documents/x");
  EXPECT_EQ(gathered.lines(0).due_date().year(), 2026);
  EXPECT_EQ(Gathered(plan).gathering().number(), gathered.gathering().number());
}

TEST_F(OrderedLines, AGroupCarriesOutALineOfItsListenersAndCountsThemAlone) {
  const auto line = [&](const std::string& id, const std::string& listeners) {
    return Cat("lines {id: '", id, "' year: 2026 places: 5 listener_category: LISTENER_CATEGORY_",
               listeners, " ground: ORDER_GROUND_RESERVE ",
               "competencies: 'regions/86/competencies/methodical-lesson'} ");
  };
  const std::string plan =
      Plan(line("managers", "MANAGER") + line("teachers", "PEDAGOGUE") + line("mentors", "MENTOR"));
  Need(Approve(plan));
  const auto set = [&](const std::string& id, const std::string& group) {
    return Do<P>("SetPlanLineGroups", plan, Cat("line: '", id, "' groups: '", group, "'"));
  };
  const std::string group = OpenGroup(9), other = OpenGroup(9);  // of a programme for pedagogues
  EXPECT_REASON(set("managers", group), "PLAN_GROUP_MISMATCH");
  Need(set("teachers", group));
  Need(set("mentors", other));
  for (const std::string& name : {group, other}) {
    Need(Apply(name, name == group ? 1 : 2));
    Need(Send<v1::Enrolment>("EnrolInGroup",
                             Cat("parent: 'regions/86' group: '", name, "' enrolment {person: '",
                                 Person(name == group ? 3 : 4), "' organisation: '", Body(7),
                                 "' category: LEARNER_CATEGORY_MANAGER programme: '", programme_,
                                 "' basis: ENROLMENT_BASIS_PLAN}")));
  }
  EXPECT_EQ(Counts(plan, 1), "5:1/0/0/0,4") << "the manager in it is nobody the line is for";
  EXPECT_EQ(Counts(plan, 2), "5:2/0/0/0,3") << "mentors may be either";
}

TEST_F(OrderedLines, ATownsPlanGathersWhatItsBodiesAskedForThemselves) {
  const std::string order =
      Need(CreateAs(*admin_, Cat("organisation: '", Body(7), "' year: 2026 ", Line("a", 1))))
          .name();
  Need(Do("SubmitTrainingOrder", order));
  Need(
      Do("ApproveTrainingOrder", order, "approval_document: 'Приказ' approval_date " + Day(1, 20)));
  const auto gathered = [&](const std::string& town) {
    return Lines(Gathered(Plan(Cat("municipality: '", Town(town), "'"))));
  };
  EXPECT_EQ(gathered("north"), "a");
  EXPECT_EQ(gathered("south"), "");
}

}  // namespace
}  // namespace rsnms::programs
