// Plans of training against a real database: gathered from orders, approved, amended, counted.
#include "libs/testing/state_machine.h"
#include "services/programs/orders/plans_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using P = v1::TrainingPlan;
using Plans = PlansFixture;

TEST(PlanMachines, APlanIsHandedInApprovedAndClosed) {
  ::rsnms::testing::ExpectMachine(
      *OrdersService::Contract(), "TrainingPlan", 8,
      {{"SubmitTrainingPlan", {"DRAFT"}, "ON_APPROVAL"},
       {"ReturnTrainingPlan", {"ON_APPROVAL"}, "DRAFT"},
       {"ApproveTrainingPlan", {"DRAFT", "ON_APPROVAL"}, "APPROVED"},
       {"CloseTrainingPlan", {"APPROVED"}, "CLOSED"},
       {"CancelTrainingPlan", {"DRAFT", "ON_APPROVAL", "APPROVED"}, "CANCELLED"}});
}

TEST_F(Plans, EveryStepOfAPlanWorksAndNoOther) {
  int n = 0;
  ::rsnms::testing::StateMachine machine;
  machine.service = OrdersService::Contract();
  machine.resource = "programs.rsnms/TrainingPlan";
  machine.make = [&] { return Plan(Cat(Own("a", 1), "organisation: '", Body(100 + ++n), "'")); };
  machine.force = [this](const std::string& name, const std::string& state) {
    const std::string id(IdOf(name));
    EXPECT_EQ(Sql(Cat("UPDATE training_plan SET state = '", state, "' WHERE id = '", id,
                      "' RETURNING id")),
              id);
  };
  machine.read = [this](const std::string& name) {
    return Sql(Cat("SELECT to_jsonb(r) FROM training_plan r WHERE id = '", IdOf(name), "'"));
  };
  machine.fill = [](google::protobuf::Message& request) {
    if (auto* close = dynamic_cast<v1::CloseTrainingPlanRequest*>(&request)) {
      close->set_state_reason("обучены не все");
    }
  };
  const auto counts = ::rsnms::testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 8);
  EXPECT_EQ(counts.allowed + counts.refused, 5 * 6);
}

TEST_F(Plans, APlanGathersOrdersInForceOfItsOwnerAndYears) {
  Approved(Line("a", 4) + Line("b", 1));
  Need(Create(Line("c", 1)));  // a draft asks for nothing yet
  EXPECT_EQ(Lines(Gathered(Plan())), "ab");
  const auto of = [&](const std::string& owner) { return Lines(Gathered(Plan(owner))); };
  EXPECT_EQ(of(Cat("organisation: '", Body(7), "'")), "ab");
  EXPECT_EQ(of(Cat("organisation: '", Body(8), "'")), "");
  EXPECT_EQ(of(Cat("municipality: '", Town("north"), "'")), "ab");
  EXPECT_EQ(of(Cat("municipality: '", Town("south"), "'")), "");
}

TEST_F(Plans, GatheringAgainKeepsWhatPeopleWrote) {
  Approved(Line("a", 4) + Line("b", 1));
  P plan = Gathered(Plan(Own("own", 3)));
  EXPECT_EQ(Lines(plan), "ownab");
  EXPECT_EQ(plan.gathering().added_lines_size(), 2);
  plan.mutable_lines(1)->set_places(2);
  plan.mutable_lines(2)->set_exclusion_reason("нет средств");
  plan = Need(Write(plan, "lines"));
  Approved(Line("c", 1));
  plan = Gathered(plan.name());
  EXPECT_EQ(Lines(plan), "owna~bc");
  EXPECT_EQ(plan.lines(1).places(), 2);
  EXPECT_EQ(plan.gathering().added_lines_size(), 1);
  plan = Gathered(plan.name());
  EXPECT_EQ(plan.gathering().added_lines_size(), 0);
  P without = plan;
  without.mutable_lines()->RemoveLast();
  EXPECT_REASON(Write(without, "lines"), "PLAN_LINE_GATHERED");
  without = plan;
  without.mutable_lines(1)->mutable_ordered()->set_places(9);
  EXPECT_REASON(Write(without, "lines"), "PLAN_LINE_GATHERED");
}

TEST_F(Plans, ARepeatedGatheringIsAnsweredOnce) {
  Approved(Line("a", 4));
  const std::string plan = Plan(), id = "request_id: '01900000-0000-4000-8000-0000000000aa'";
  const P first = Need(Do<P>("GatherTrainingPlan", plan, id));
  Approved(Line("b", 4));
  EXPECT_EQ(Lines(Need(Do<P>("GatherTrainingPlan", plan, id))), "a");
  EXPECT_REASON(Do<P>("GatherTrainingPlan", plan, "etag: '\"1\"'"), "ETAG_MISMATCH");
  EXPECT_EQ(Lines(Need(Do<P>("GatherTrainingPlan", plan, "validate_only: true"))), "ab");
  EXPECT_EQ(Lines(Need(Do<P>("GetTrainingPlan", plan))), "a");
}

TEST_F(Plans, AProgrammeOfAnOwnLineExists) {
  const auto lost = CreatePlan(
      *admin_, Own("a", 1, Cat("programme: '", NameOf("86", "programmes", Uuid(404)), "'")));
  EXPECT_REASON(lost, "REFERENCE_NOT_FOUND");
  EXPECT_THAT(Told(lost.status()), HasSubstr("training_plan.lines[0].programme"));
}

TEST_F(Plans, WhatPeoplePlanIsTaughtAndWhatWasOrderedIsTheOrdersWord) {
  const std::string subject = Cat("programme: '", programme_, "' competencies: ");
  EXPECT_REASON(CreatePlan(*admin_, Own("a", 1, subject + "'regions/86/competencies/other'")),
                "LINE_PROGRAMME_MISMATCH");
  Approved(Line("a", 4));
  EXPECT_EQ(Sql(Cat("UPDATE programme SET for_pedagogues = false, for_managers = true WHERE id = '",
                    IdOf(programme_), "' RETURNING 1")),
            "1");
  P plan = Gathered(Plan());
  EXPECT_EQ(Lines(plan), "a");
  plan.mutable_lines(0)->set_exclusion_reason("нет средств");
  plan = Need(Write(plan, "lines"));
  plan.mutable_lines(0)->set_places(2);
  EXPECT_REASON(Write(plan, "lines"), "LINE_CATEGORY_MISMATCH");
}

TEST_F(Plans, WhatIsNoDraftDoesNotChange) {
  const std::string plan = Plan();
  EXPECT_REASON(Approve(plan), "PLAN_EMPTY");
  EXPECT_REASON(Do<P>("SubmitTrainingPlan", plan), "PLAN_EMPTY");
  const std::string order = Approved(Line("a", 4));
  Gathered(plan);
  P submitted = Need(Do<P>("SubmitTrainingPlan", plan));
  submitted.clear_etag();
  submitted.set_title("Другой");
  EXPECT_REASON(Write(submitted, "title"), "PLAN_FROZEN");
  EXPECT_EQ(Need(Do<P>("ReturnTrainingPlan", plan, "state_reason: 'уточните'")).state_reason(),
            "уточните");
  Need(Write(submitted, "title"));
  EXPECT_EQ(Need(Approve(plan)).state_reason(), "");
  submitted.set_title("Третий");
  EXPECT_REASON(Write(submitted, "title"), "PLAN_FROZEN");
  EXPECT_REASON(Do<P>("GatherTrainingPlan", plan), "PLAN_FROZEN");
  EXPECT_REASON(Do<P>("DeleteTrainingPlan", plan), "PLAN_FROZEN");
  EXPECT_NE(Sql(Cat("UPDATE training_plan SET title = 'x' WHERE id = '", IdOf(plan),
                    "' RETURNING title")),
            "x")
      << "the database keeps it too";
  // The order goes; the plan keeps what it said.
  Need(Do("WithdrawTrainingOrder", order, "state_reason: 'не требуется'"));
  EXPECT_EQ(Lines(Need(Do<P>("GetTrainingPlan", plan))), "a");
}

TEST_F(Plans, NoPlanRestsOnAWithdrawnOrder) {
  const std::string order = Approved(Line("a", 4) + Line("b", 1));
  P plan = Gathered(Plan(Own("own", 1)));
  Need(Do("WithdrawTrainingOrder", order, "state_reason: 'не требуется'"));
  const auto refused = Approve(plan.name());
  EXPECT_REASON(refused, "PLAN_ORDER_WITHDRAWN");
  EXPECT_THAT(Told(refused.status()), HasSubstr("lines[1].training_order"));
  plan = Gathered(plan.name());
  EXPECT_EQ(plan.gathering().withdrawn_lines_size(), 2);
  for (int i : {1, 2}) plan.mutable_lines(i)->set_exclusion_reason("заявка отозвана");
  Need(Write(plan, "lines"));
  Need(Approve(plan.name()));
}

TEST_F(Plans, OnePlanOfAnOwnerAndYearsIsInForce) {
  const std::string owner = Cat("municipality: '", Town("north"), "' ");
  std::vector<std::string> plans;
  for (int i = 0; i < 8; ++i) plans.push_back(Plan(owner + Own("a", 1)));
  const auto statuses = Race(8, [&](int i) { return Approve(plans[i]).status(); });
  int made = 0;
  for (const auto& status : statuses) {
    made += status.ok() ? 1 : 0;
    if (!status.ok()) {
      EXPECT_EQ(rpc::ReasonOf(status), "PLAN_IN_FORCE") << status;
    }
  }
  EXPECT_EQ(made, 1);
  Need(Approve(Plan(Own("a", 1))));  // the region's
  Need(Approve(Plan(Cat(owner, Own("a", 1), "organisation: '", Body(7), "'"))));
  Need(Approve(Need(CreatePlan(*admin_, owner + Own("a", 1), 2028)).name()));
}

TEST_F(Plans, NoApprovalIsDatedToCome) {
  EXPECT_REASON(Do<P>("ApproveTrainingPlan", Plan(Own("a", 1)),
                      "approval_document: 'Приказ' approval_date {year: 2199 month: 1 day: 1}"),
                "OUT_OF_RANGE");
}

TEST_F(Plans, AnAmendmentTakesThePlaceOfItsFormer) {
  const std::string plan = Plan(Own("a", 1) + Own("b", 2) + Own("c", 2));
  EXPECT_REASON(Do<P>("AmendTrainingPlan", plan), "INVALID_STATE");
  Need(Approve(plan));
  const std::string group = OpenGroup(5), other = OpenGroup(5), third = OpenGroup(5);
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'c' groups: '", third, "'")));
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'a' groups: '", group, "'")));
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'b' groups: '", other, "'")));
  P draft = Need(Do<P>("AmendTrainingPlan", plan));
  EXPECT_EQ(draft.former(), plan);
  EXPECT_EQ(draft.revision(), 2);
  EXPECT_EQ(Lines(draft), "abc");
  EXPECT_REASON(Do<P>("AmendTrainingPlan", plan), "PLAN_IN_AMENDMENT");
  draft.mutable_lines(0)->set_places(3);
  draft.mutable_lines(1)->set_exclusion_reason("нет средств");
  draft.mutable_lines(2)->set_topic_codes(0, "assessment");  // its group teaches something else
  Need(Write(draft, "lines"));
  EXPECT_REASON(Approve(draft.name(), 24), "OUT_OF_RANGE");  // before the former
  const P amended = Need(Approve(draft.name(), 26));
  EXPECT_EQ(amended.lines(0).places(), 3);
  ASSERT_EQ(amended.line_groups_size(), 1);
  EXPECT_EQ(amended.line_groups(0).groups(0), group);
  const P former = Need(Do<P>("GetTrainingPlan", plan));
  EXPECT_EQ(former.state(), P::STATE_SUPERSEDED);
  EXPECT_EQ(former.superseded_by(), draft.name());
  EXPECT_EQ(former.lines(0).places(), 1);
  EXPECT_REASON(Do<P>("AmendTrainingPlan", plan), "INVALID_STATE");
}

TEST_F(Plans, WhatEndedIsNotAmended) {
  const std::string plan = Plan(Own("a", 1));
  Need(Approve(plan));
  const std::string draft = Need(Do<P>("AmendTrainingPlan", plan)).name();
  Need(Do<P>("CancelTrainingPlan", plan, "state_reason: 'не нужен'"));
  EXPECT_REASON(Approve(draft), "PLAN_FORMER_ENDED");
}

TEST_F(Plans, RacingAmendmentsGiveOne) {
  const std::string plan = Plan(Own("a", 1));
  Need(Approve(plan));
  const auto statuses = Race(8, [&](int) { return Do<P>("AmendTrainingPlan", plan).status(); });
  int made = 0;
  for (const auto& status : statuses) {
    made += status.ok() ? 1 : 0;
    if (!status.ok()) {
      EXPECT_EQ(rpc::ReasonOf(status), "PLAN_IN_AMENDMENT") << status;
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_F(Plans, GroupsCarryOutTheLinesTheyTeach) {
  const std::string plan =
      Plan(Own("a", 2, Cat("programme: '", programme_, "'")) + Own("b", 2) +
           Own("c", 2, "competencies: 'regions/86/competencies/methodical-lesson'") +
           Own("d", 2, "topic_codes: 'assessment'"));
  const std::string group = OpenGroup(5);
  const auto set = [&](const std::string& line, const std::string& name) {
    return Do<P>("SetPlanLineGroups", plan, Cat("line: '", line, "' groups: '", name, "'"));
  };
  EXPECT_REASON(set("a", group), "INVALID_STATE");
  Need(Approve(plan));
  EXPECT_REASON(set("x", group), "PLAN_GROUP_MISMATCH");
  EXPECT_REASON(set("d", group), "PLAN_GROUP_MISMATCH");
  EXPECT_REASON(set("a", NameOf("86", "groups", Uuid(404))), "REFERENCE_NOT_FOUND");
  EXPECT_REASON(set("a", NameOf("61", "groups", Uuid(1))), "INVALID_NAME");
  Need(set("b", group));
  EXPECT_REASON(set("c", group), "PLAN_GROUP_MISMATCH");  // it is line b's
  Need(Do<P>("SetPlanLineGroups", plan, "line: 'b'"));
  Need(set("c", group));
  Need(set("a", OpenGroup(1)));
}

TEST_F(Plans, ExecutionCountsOrdersAndGroupsOnce) {
  const std::string order = Approved(Line("a", 4));
  const std::string plan = Plan(Own("own", 2));
  Gathered(plan);
  Need(Approve(plan));
  const std::string group = OpenGroup(9);
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'own' groups: '", group, "'")));
  Complete(Need(Enrol(order, "a", 1)).name(), 1);
  Need(Apply(group, 2));
  Need(Send<v1::Enrolment>(
      "EnrolInGroup",
      Cat("parent: 'regions/86' group: '", group, "' enrolment ",
          Application(programme_, 3, 7, Cat("training_order: '", order, "' order_line: 'a'")))));
  EXPECT_EQ(Counts(plan, 0), "2:1/0/0/0,1");
  EXPECT_EQ(Counts(plan, 1), "4:1/0/1/0,2");
  const auto later = Need(Do<v1::TrainingPlanExecution>("GetTrainingPlanExecution", plan,
                                                        "as_of_date " + Day(1, 1, 2027)));
  EXPECT_EQ(later.total().overdue(), 5);
  EXPECT_EQ(later.total().places(), 6);
  EXPECT_EQ(later.grounds_size(), 2);
}

TEST_F(Plans, AnOwnersPlanCountsItsOwnPeople) {
  const std::string plan = Plan(Cat(Own("a", 3), "organisation: '", Body(7), "'"));
  Need(Approve(plan));
  const std::string group = OpenGroup(9);
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'a' groups: '", group, "'")));
  Need(Apply(group, 1, "", 7));
  Need(Apply(group, 2, "", 8));
  EXPECT_EQ(Counts(plan, 0), "3:1/0/0/0,2");
}

TEST_F(Plans, APlanUnfulfilledIsClosedWithAReason) {
  const std::string order = Approved(Line("a", 1));
  const std::string plan = Plan();
  Gathered(plan);
  Need(Approve(plan));
  const auto refused = Do<P>("CloseTrainingPlan", plan);
  EXPECT_REASON(refused, "PLAN_NOT_EXECUTED");
  EXPECT_THAT(Told(refused.status()), HasSubstr("0 of 1"));
  Complete(Need(Enrol(order, "a", 1)).name(), 1);
  Need(Do<P>("CloseTrainingPlan", plan));
  const std::string other = Plan(Own("b", 1));
  Need(Approve(other));
  Need(Do<P>("CloseTrainingPlan", other, "state_reason: 'нет средств'"));
}

TEST_F(Plans, TheOrganisationOfAPlanLiesInItsMunicipality) {
  auto south = service_->Connect({"municipal_service"}, {Town("south")});
  const std::string plan = Need(CreatePlan(*south, Cat(Own("a", 1), "organisation: '", Body(7),
                                                       "' municipality: '", Town("south"), "'")))
                               .name();
  const std::string name = Cat("name: '", plan, "' ");
  const auto elsewhere = Ask<P>(*south, "SubmitTrainingPlan", name);
  EXPECT_REASON(elsewhere, "ORGANISATION_ELSEWHERE");
  EXPECT_THAT(Told(elsewhere.status()), HasSubstr("municipality"));
  EXPECT_REASON(Approve(plan), "ORGANISATION_ELSEWHERE");
  played_->unknown = Body(7);
  EXPECT_REASON(Approve(plan), "REFERENCE_NOT_FOUND");
  played_->away = true;
  EXPECT_REASON(Approve(plan), "UPSTREAM_UNAVAILABLE");
  EXPECT_REASON(Do<P>("SubmitTrainingPlan", plan), "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(Need(Do<P>("GetTrainingPlan", plan)).state(), P::STATE_DRAFT);
  // Nobody took the body's place.
  Need(Approve(Plan(Cat(Own("a", 1), "organisation: '", Body(7), "'"))));
}

TEST_F(Plans, PlansOfOneOwnerNeedNoRegistryNorWhatWasHandedInAlready) {
  const std::string both =
      Plan(Cat(Own("a", 1), "organisation: '", Body(7), "' municipality: '", Town("north"), "'"));
  const std::string id = "request_id: '01900000-0000-4000-8000-0000000000ac'";
  Need(Do<P>("SubmitTrainingPlan", both, id));
  EXPECT_EQ(played_->asked, 1);
  played_->away = true;
  EXPECT_EQ(Need(Do<P>("SubmitTrainingPlan", both, id)).state(), P::STATE_ON_APPROVAL);
  EXPECT_REASON(Do<P>("SubmitTrainingPlan", both), "INVALID_STATE");
  const std::string town = Plan(Cat(Own("a", 1), "municipality: '", Town("north"), "'"));
  Need(Do<P>("SubmitTrainingPlan", town));
  Need(Approve(town));
  EXPECT_EQ(played_->asked, 1);
}

TEST_F(Plans, ClosingTellsNoMoreThanTheCallerSees) {
  const std::string plan =
      Plan(Cat(Own("a", 3), "organisation: '", Body(7), "' municipality: '", Town("south"), "'"));
  played_->town = Town("south");
  Need(Approve(plan));
  const std::string group = OpenGroup(9);
  Need(Do<P>("SetPlanLineGroups", plan, Cat("line: 'a' groups: '", group, "'")));
  const std::string learner = Need(Apply(group, 1)).name();  // of the body, and not of the town
  Need(Move("ConfirmEnrolment", learner));
  Need(Step<v1::Group>("RunGroup", group));
  Need(Move("StartEnrolment", learner));
  Need(Send<v1::Completion>(
      "CompleteEnrolment",
      Cat("name: '", learner, "' certificate_number: 'У-1' completion_date ", Day(6, 1))));
  EXPECT_EQ(Counts(plan, 0), "3:0/0/1/0,2");
  const std::string name = Cat("name: '", plan, "'");
  auto south = service_->Connect({"municipal_service"}, {Town("south")});
  const auto seen = Need(Ask<v1::TrainingPlanExecution>(*south, "GetTrainingPlanExecution", name));
  EXPECT_EQ(seen.total().completed(), 0);
  const auto refused = Ask<P>(*south, "CloseTrainingPlan", name);
  EXPECT_REASON(refused, "PLAN_NOT_EXECUTED");
  EXPECT_THAT(Told(refused.status()), HasSubstr("0 of 3"));
  EXPECT_THAT(Told(Do<P>("CloseTrainingPlan", plan).status()), HasSubstr("1 of 3"));
}

TEST_F(Plans, PlansAreSeenByTheirOwnersAndTheRegion) {
  const std::string own = Plan(Cat("organisation: '", Body(7), "'")), region = Plan();
  const auto sees = [&](const std::string& role, const std::string& scope,
                        const std::string& plan) {
    auto client = service_->Connect({role}, {scope});
    return Ask<P>(*client, "GetTrainingPlan", Cat("name: '", plan, "'")).ok();
  };
  EXPECT_TRUE(sees("organisation", Body(7), own));
  EXPECT_FALSE(sees("organisation", Body(8), own));
  EXPECT_FALSE(sees("organisation", Body(7), region));
  EXPECT_TRUE(sees("authority", "regions/86", own));
  EXPECT_TRUE(sees("authority", "regions/86", region));
  EXPECT_FALSE(sees("authority", "regions/61", region));
  auto body = service_->Connect({"organisation"}, {Body(7)});
  EXPECT_EQ(CreatePlan(*body).status().code(), absl::StatusCode::kPermissionDenied);
  Need(CreatePlan(*body, Cat("organisation: '", Body(7), "'")));
}

}  // namespace
}  // namespace rsnms::programs
