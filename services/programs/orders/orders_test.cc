// Orders of training against a real database: who sees them, what they promise, who learns by them.
#include "services/programs/orders/orders_fixture.h"

namespace rsnms::programs {
namespace {

using ::testing::HasSubstr;
using Orders = OrdersFixture;
using O = v1::TrainingOrder;

TEST_F(Orders, AProgrammeOfALineExists) {
  EXPECT_EQ(Need(Create(Line("a", 2))).state(), O::STATE_DRAFT);
  programme_ = NameOf("86", "programmes", Uuid(404));
  const auto lost = Create(Line("a", 2));
  EXPECT_REASON(lost, "REFERENCE_NOT_FOUND");
  EXPECT_THAT(Told(lost.status()), HasSubstr("training_order.lines[0].programme"));
}

TEST_F(Orders, SomebodyAsksForSomethingBeforeItIsHandedIn) {
  EXPECT_REASON(CreateAs(*admin_, "year: 2026"), "CUSTOMER_REQUIRED");
  const std::string empty = Need(Create("")).name();
  EXPECT_REASON(Do("SubmitTrainingOrder", empty), "ORDER_EMPTY");
}

TEST_F(Orders, WhatWasHandedInDoesNotChangeUntilReturned) {
  const std::string name = Need(Create(Line("a", 2))).name();
  const auto change = [&](int places) {
    return Ask(*admin_, "UpdateTrainingOrder",
               Cat("training_order {name: '", name, "' ", Line("a", places),
                   "} update_mask {paths: 'lines'}"));
  };
  Need(change(3));
  Need(Do("SubmitTrainingOrder", name));
  EXPECT_REASON(change(4), "ORDER_FROZEN");
  EXPECT_REASON(Do("DeleteTrainingOrder", name), "ORDER_FROZEN");
  EXPECT_NE(Sql(Cat("UPDATE training_order SET year = 2027 WHERE id = '", IdOf(name),
                    "' RETURNING year")),
            "2027")
      << "the database keeps it too";
  EXPECT_EQ(Need(Do("ReturnTrainingOrder", name, "state_reason: 'уточните'")).state_reason(),
            "уточните");
  Need(change(4));
  EXPECT_EQ(Need(Do("SubmitTrainingOrder", name)).state_reason(), "");
}

TEST_F(Orders, BodiesSeeTheirOwnAndMunicipalitiesTheirBodies) {
  const std::string name = Need(Create(Line("a", 2))).name();
  const auto sees = [&](const std::string& role, const std::string& scope) {
    auto client = service_->Connect({role}, {scope});
    return Ask(*client, "GetTrainingOrder", Cat("name: '", name, "'")).status().code();
  };
  EXPECT_EQ(sees("organisation", Body(7)), absl::StatusCode::kOk);
  EXPECT_EQ(sees("organisation", Body(8)), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees("municipal_service", Town("north")), absl::StatusCode::kOk);
  EXPECT_EQ(sees("municipal_service", Town("south")), absl::StatusCode::kNotFound);
  EXPECT_EQ(sees("authority", "regions/86"), absl::StatusCode::kOk);
  EXPECT_EQ(sees("authority", "regions/61"), absl::StatusCode::kNotFound);
}

TEST_F(Orders, ABodyAsksForItselfAndTheRegionDecides) {
  auto body = service_->Connect({"organisation"}, {Body(7)});
  const std::string own = Cat("organisation: '", Body(7), "' year: 2026 ", Line("a", 1));
  const std::string name = Need(CreateAs(*body, own)).name();
  const std::string foreign = Cat("organisation: '", Body(8), "' year: 2026 ", Line("a", 1));
  EXPECT_EQ(CreateAs(*body, foreign).status().code(), absl::StatusCode::kPermissionDenied);
  Need(Ask(*body, "SubmitTrainingOrder", Cat("name: '", name, "'")));
  const std::string approve =
      Cat("name: '", name, "' approval_document: 'Приказ' approval_date ", Day(1, 20));
  EXPECT_EQ(Ask(*body, "ApproveTrainingOrder", approve).status().code(),
            absl::StatusCode::kPermissionDenied);
  auto authority = service_->Connect({"authority"}, {"regions/86"});
  EXPECT_EQ(Need(Ask(*authority, "ApproveTrainingOrder", approve)).state(), O::STATE_APPROVED);
}

TEST_F(Orders, WhoIsEnrolledByAnOrderFitsItsLine) {
  const std::string draft = Need(Create(Line("a", 2))).name();
  EXPECT_REASON(Enrol(draft, "a", 1), "ORDER_NOT_OPEN");
  const std::string order = Approved(Line("a", 2) + Line("b", 1));
  EXPECT_REASON(Enrol(order, "c", 1), "ORDER_LINE_MISMATCH");
  EXPECT_REASON(Enrol(order, "", 1), "ORDER_LINE_MISMATCH");
  EXPECT_REASON(Enrol("", "a", 1), "ORDER_LINE_MISMATCH");
  const auto foreign = Enrol(order, "a", 1, 8);
  EXPECT_REASON(foreign, "ORDER_LINE_MISMATCH");
  EXPECT_THAT(Told(foreign.status()), HasSubstr("enrolment.organisation"));
  EXPECT_REASON(Enrol(NameOf("86", "trainingOrders", Uuid(1)), "a", 1), "REFERENCE_NOT_FOUND");
  const std::string programme = programme_;
  programme_ = CreateProgramme("Другая").name();
  EXPECT_REASON(Enrol(order, "a", 1), "ORDER_LINE_MISMATCH");
  programme_ = programme;
  const auto made = Need(Enrol(order, "a", 1));
  EXPECT_EQ(made.training_order(), order);
  EXPECT_EQ(made.order_line(), "a");
  Need(Enrol(order, "a", 2));
  EXPECT_REASON(Enrol(order, "a", 3), "ORDER_PLACES_TAKEN");
  Need(Enrol(order, "b", 3));
}

TEST_F(Orders, AMunicipalityOrdersForItsBodies) {
  const std::string name =
      Need(CreateAs(*admin_, Cat("municipality: '", Town("north"), "' year: 2026 ", Line("a", 5))))
          .name();
  Need(Do("SubmitTrainingOrder", name));
  Need(Do("ApproveTrainingOrder", name, "approval_document: 'Приказ' approval_date " + Day(1, 20)));
  EXPECT_REASON(Enrol(name, "a", 1, 7, Cat("municipality: '", Town("south"), "'")),
                "ORDER_LINE_MISMATCH");
  // The body does not see the order, and takes its places.
  EXPECT_EQ(Sql(Cat("UPDATE programme SET provider_id = '", Uuid(8), "' WHERE id = '",
                    IdOf(programme_), "' RETURNING provider_id")),
            Uuid(8));
  auto body = service_->Connect({"organisation"}, {Body(8)});
  EXPECT_EQ(Ask(*body, "GetTrainingOrder", Cat("name: '", name, "'")).status().code(),
            absl::StatusCode::kNotFound);
  Need(
      Send<v1::Enrolment>(*body, "CreateEnrolment",
                          Cat("parent: 'regions/86' enrolment ",
                              Application(programme_, 2, 8,
                                          Cat("municipality: '", Town("north"),
                                              "' training_order: '", name, "' order_line: 'a'")))));
  EXPECT_EQ(Execution(name), "a=5:1/0/0/0,4");
}

TEST_F(Orders, ExecutionIsCountedFromEnrolments) {
  const std::string order = Approved(Line("a", 4) + Line("b", 1));
  EXPECT_EQ(Execution(order), "a=4:0/0/0/0,4 b=1:0/0/0/0,1");
  const std::string first = Need(Enrol(order, "a", 1)).name();
  const std::string second = Need(Enrol(order, "a", 2)).name();
  const std::string third = Need(Enrol(order, "a", 3)).name();
  EXPECT_EQ(Execution(order), "a=4:3/0/0/0,1 b=1:0/0/0/0,1");
  Complete(first, 1);
  Need(Move("ConfirmEnrolment", second));
  Need(Move("WithdrawEnrolment", third));
  EXPECT_EQ(Execution(order), "a=4:0/1/1/1,2 b=1:0/0/0/0,1");
  Need(Move("VoidEnrolment", second));
  EXPECT_EQ(Execution(order), "a=4:0/0/1/1,3 b=1:0/0/0/0,1");
}

TEST_F(Orders, NothingIsApprovedOrExecutedInDaysToCome) {
  const std::string name = Need(Create(Line("a", 1))).name();
  Need(Do("SubmitTrainingOrder", name));
  const auto approve = [&](const std::string& day) {
    return Do("ApproveTrainingOrder", name, "approval_document: 'Приказ' approval_date " + day);
  };
  const auto refused = approve(Day(1, 1, 2099));
  EXPECT_REASON(refused, "OUT_OF_RANGE");
  EXPECT_THAT(Told(refused.status()), HasSubstr("\"approval_date\""));
  Need(approve(Day(1, 20)));
  Need(Do("StartTrainingOrder", name));
  const auto execute = [&](const std::string& day) {
    return Do("ExecuteTrainingOrder", name, Cat("state_reason: 'передумали' execution_date ", day));
  };
  const auto early = execute(Day(1, 1, 2099));
  EXPECT_REASON(early, "OUT_OF_RANGE");
  EXPECT_THAT(Told(early.status()), HasSubstr("\"execution_date\""));
  Need(execute(Day(6, 20)));
}

TEST_F(Orders, ATransferKeepsThePlace) {
  const std::string order = Approved(Line("a", 1));
  const std::string here = OpenGroup(2), there = OpenGroup(2);
  const auto made = Need(Send<v1::Enrolment>(
      "EnrolInGroup",
      Cat("parent: 'regions/86' group: '", here, "' enrolment ",
          Application(programme_, 1, 7, Cat("training_order: '", order, "' order_line: 'a'")))));
  const auto moved = Need(Move("TransferEnrolment", made.name(), Cat("group: '", there, "'")));
  EXPECT_EQ(Read(moved.transferred_to()).training_order(), order);
  EXPECT_EQ(Read(moved.transferred_to()).order_line(), "a");
  EXPECT_EQ(Execution(order), "a=1:1/0/0/0,0");
}

TEST_F(Orders, RacingEnrolmentsNeverExceedThePlaces) {
  const std::string order = Approved(Line("a", 3));
  const auto statuses = Race(64, [&](int i) { return Enrol(order, "a", 100 + i).status(); });
  int made = 0;
  for (const auto& status : statuses) {
    if (status.ok()) {
      ++made;
    } else {
      EXPECT_EQ(rpc::ReasonOf(status), "ORDER_PLACES_TAKEN") << status;
    }
  }
  EXPECT_EQ(made, 3);
  EXPECT_EQ(Execution(order), "a=3:3/0/0/0,0");
}

TEST_F(Orders, NobodyIsDroppedWithAnOrder) {
  const std::string order = Approved(Line("a", 2));
  const std::string enrolment = Need(Enrol(order, "a", 1)).name();
  const std::string why = "state_reason: 'не требуется'", day = "execution_date " + Day(6, 30);
  EXPECT_REASON(Do("WithdrawTrainingOrder", order, why), "ORDER_HAS_LEARNERS");
  Need(Do("StartTrainingOrder", order));
  EXPECT_REASON(Do("ExecuteTrainingOrder", order, day + " " + why), "ORDER_HAS_LEARNERS");
  Complete(enrolment, 1);
  const auto short_of = Do("ExecuteTrainingOrder", order, day);
  EXPECT_REASON(short_of, "ORDER_NOT_EXECUTED");
  EXPECT_THAT(Told(short_of.status()), HasSubstr("lines[0]"));
  EXPECT_REASON(Do("ExecuteTrainingOrder", order, "execution_date " + Day(1, 1) + " " + why),
                "OUT_OF_RANGE");
  EXPECT_EQ(Need(Do("ExecuteTrainingOrder", order, day + " " + why)).state(), O::STATE_EXECUTED);
  EXPECT_REASON(Enrol(order, "a", 2), "ORDER_NOT_OPEN");
}

TEST_F(Orders, AnOrderFulfilledNeedsNoReason) {
  const std::string order = Approved(Line("a", 1));
  Complete(Need(Enrol(order, "a", 1)).name(), 1);
  Need(Do("StartTrainingOrder", order));
  Need(Do("ExecuteTrainingOrder", order, "execution_date " + Day(6, 30)));
}

TEST_F(Orders, TheOrganisationLiesInTheMunicipalityTheOrderNames) {
  const std::string name = Need(Create(Line("a", 1))).name();
  played_->town = Town("south");
  const auto elsewhere = Do("SubmitTrainingOrder", name);
  EXPECT_REASON(elsewhere, "ORGANISATION_ELSEWHERE");
  EXPECT_THAT(Told(elsewhere.status()), HasSubstr("municipality"));
  played_->unknown = Body(7);
  EXPECT_REASON(Do("SubmitTrainingOrder", name), "REFERENCE_NOT_FOUND");
  played_->away = true;
  const auto away = Do("SubmitTrainingOrder", name);
  EXPECT_REASON(away, "UPSTREAM_UNAVAILABLE");
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Need(Do("GetTrainingOrder", name)).state(), O::STATE_DRAFT);
}

TEST_F(Orders, OrdersOfOneCustomerNeedNoRegistry) {
  played_->away = true;
  for (const std::string& customer :
       {Cat("organisation: '", Body(7), "'"), Cat("municipality: '", Town("north"), "'")}) {
    const std::string name =
        Need(CreateAs(*admin_, customer + " year: 2026 " + Line("a", 1))).name();
    EXPECT_EQ(Need(Do("SubmitTrainingOrder", name)).state(), O::STATE_SUBMITTED);
  }
  EXPECT_EQ(played_->asked, 1) << "where the body lies, and nobody waits for the answer";
}

TEST_F(Orders, TheMunicipalitySeesWhatItsBodiesHandIn) {
  auto body = service_->Connect({"organisation"}, {Body(7)});
  auto north = service_->Connect({"municipal_service"}, {Town("north")});
  const auto hand_in = [&] {
    const std::string name =
        Need(CreateAs(*body, Cat("organisation: '", Body(7), "' year: 2026 ", Line("a", 1))))
            .name();
    return Need(Ask(*body, "SubmitTrainingOrder", Cat("name: '", name, "'")));
  };
  const auto sees = [&](rpc::Client& client, const O& order) {
    return Ask(client, "GetTrainingOrder", Cat("name: '", order.name(), "'")).ok();
  };
  const O asked = hand_in();  // the registry says
  EXPECT_EQ(asked.municipality(), Town("north"));
  EXPECT_TRUE(sees(*north, asked));
  played_->away = true;
  const O unknown = hand_in();
  EXPECT_EQ(unknown.municipality(), "");
  EXPECT_FALSE(sees(*north, unknown));
  Need(Do("ApproveTrainingOrder", unknown.name(),
          "approval_document: 'Приказ' approval_date " + Day(1, 20)));
  const int asked_so_far = played_->asked;
  Tell(7, "north");
  const O told = hand_in();  // the feed has told
  EXPECT_EQ(told.municipality(), Town("north"));
  EXPECT_EQ(played_->asked, asked_so_far);
  // What was handed in before is placed when the feed tells, journalled, and once.
  PlaceOrders();
  const O placed = Need(Do("GetTrainingOrder", unknown.name()));
  EXPECT_EQ(placed.municipality(), Town("north"));
  EXPECT_EQ(placed.state(), O::STATE_APPROVED);
  EXPECT_TRUE(sees(*north, placed));
  EXPECT_FALSE(sees(*service_->Connect({"municipal_service"}, {Town("south")}), placed));
  const std::string writes = Cat("SELECT count(*) FROM journal WHERE resource_id = '",
                                 IdOf(placed.name()), "' AND actor = 'system:registry'");
  EXPECT_EQ(Sql(writes), "1");
  PlaceOrders();
  EXPECT_EQ(Sql(writes), "1");
  EXPECT_REASON(Ask(*admin_, "UpdateTrainingOrder",
                    Cat("training_order {name: '", placed.name(), "' municipality: '",
                        Town("south"), "'} update_mask {paths: 'municipality'}")),
                "IMMUTABLE_FIELD");
}

TEST_F(Orders, DraftsAndBodiesOfTheRegionStayUnplaced) {
  played_->away = true;
  const std::string own = Cat("organisation: '", Body(7), "' year: 2026 ", Line("a", 1));
  const std::string draft = Need(CreateAs(*admin_, own)).name();
  Tell(7, "north");
  PlaceOrders();
  EXPECT_EQ(Need(Do("GetTrainingOrder", draft)).municipality(), "");
  Tell(7, "");
  EXPECT_EQ(Need(Do("SubmitTrainingOrder", draft)).municipality(), "");
  PlaceOrders();
  EXPECT_EQ(Need(Do("GetTrainingOrder", draft)).municipality(), "");
}

TEST_F(Orders, WhatIsHandedInAlreadyIsAnsweredWithoutTheRegistry) {
  const std::string name = Need(Create(Line("a", 1))).name();
  const std::string id = "request_id: '01900000-0000-4000-8000-0000000000ab'";
  Need(Do("SubmitTrainingOrder", name, id));
  played_->away = true;
  EXPECT_EQ(Need(Do("SubmitTrainingOrder", name, id)).state(), O::STATE_SUBMITTED);
  EXPECT_REASON(Do("SubmitTrainingOrder", name), "INVALID_STATE");
}

TEST_F(Orders, AProgrammeOfALineTeachesItAndIsForItsListeners) {
  const std::string lesson = "competencies: 'regions/86/competencies/methodical-lesson' ";
  const std::string other = "competencies: 'regions/86/competencies/other' ";
  Need(Create(Line("a", 1, lesson + other)));
  const auto untaught = Create(Line("b", 1) + Line("a", 1, other));
  EXPECT_REASON(untaught, "LINE_PROGRAMME_MISMATCH");
  EXPECT_THAT(Told(untaught.status()), HasSubstr("training_order.lines[1].programme"));
  const auto of = [&](const std::string& category) {
    return Create(Cat("lines {id: 'a' programme: '", programme_, "' places: 1 listener_category: ",
                      "LISTENER_CATEGORY_", category, " ground: ORDER_GROUND_RESERVE}"));
  };
  Need(of("MENTOR"));
  EXPECT_REASON(of("MANAGER"), "LINE_CATEGORY_MISMATCH");
}

TEST_F(Orders, WhatAProgrammeBecameLaterIsNotTheLinesFault) {
  const auto made = Need(Create(Line("a", 1)));
  EXPECT_EQ(Sql(Cat("UPDATE programme SET for_pedagogues = false, for_managers = true WHERE id = '",
                    IdOf(programme_), "' RETURNING 1")),
            "1");
  Need(Ask(
      *admin_, "UpdateTrainingOrder",
      Cat("training_order {name: '", made.name(), "' year: 2027} update_mask {paths: 'year'}")));
  EXPECT_REASON(Ask(*admin_, "UpdateTrainingOrder",
                    Cat("training_order {name: '", made.name(), "' ", Line("a", 2),
                        "} update_mask {paths: 'lines'}")),
                "LINE_CATEGORY_MISMATCH");
}

TEST_F(Orders, LearnersTakeAProgrammeThatTeachesTheLine) {
  const auto line = [](const std::string& id, const std::string& subject) {
    return Cat("lines {id: '", id,
               "' places: 5 ground: ORDER_GROUND_DEFICIT listener_category: "
               "LISTENER_CATEGORY_PEDAGOGUE ",
               subject, "} ");
  };
  const std::string order =
      Approved(line("a", "competencies: 'regions/86/competencies/methodical-lesson'") +
               line("b",
                    "competencies: 'regions/86/competencies/other' topic_codes: "
                    "'education-quality-management'") +
               line("c", "topic_codes: 'education-quality-management'") +
               line("d", "topic_codes: 'assessment'"));
  Need(Enrol(order, "a", 1));
  const auto other = Enrol(order, "b", 2);
  EXPECT_REASON(other, "ORDER_LINE_MISMATCH");
  EXPECT_THAT(Told(other.status()), HasSubstr("enrolment.programme"));
  Need(Enrol(order, "c", 2));
  EXPECT_REASON(Enrol(order, "d", 3), "ORDER_LINE_MISMATCH");
}

TEST_F(Orders, LearnersAreOfTheLinesCategory) {
  EXPECT_EQ(Sql(Cat("UPDATE programme SET for_managers = true WHERE id = '", IdOf(programme_),
                    "' RETURNING 1")),
            "1");
  const auto line = [&](const std::string& id, const std::string& category) {
    return Cat("lines {id: '", id, "' places: 5 ground: ORDER_GROUND_RESERVE programme: '",
               programme_, "' listener_category: LISTENER_CATEGORY_", category, "} ");
  };
  const std::string order = Approved(line("a", "MANAGER") + line("b", "RESERVE"));
  const auto refused = Enrol(order, "a", 1);
  EXPECT_REASON(refused, "ORDER_LINE_MISMATCH");
  EXPECT_THAT(Told(refused.status()), HasSubstr("enrolment.category"));
  Need(Enrol(order, "b", 1));
}

}  // namespace
}  // namespace rsnms::programs
