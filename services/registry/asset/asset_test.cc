// Attachments, plans of work and staff of municipal services, over gRPC on a real database.
#include <string>

#include "libs/testing/state_machine.h"
#include "services/registry/asset/asset_fixture.h"

namespace rsnms::registry {
namespace {

using absl::StatusCode;
using ::testing::SizeIs;

using Asset = AssetTest;

TEST_F(Asset, AttachmentKnowsWhereTheEducatorWorks) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string methodologist = Active();
  auto made = Attach(Draft(methodologist, Worker()));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->organisation(), school_);
  EXPECT_EQ(made->municipality(), kSurgut);
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, MakePerson()->name())).status()),
            "EDUCATOR_NOT_EMPLOYED");
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, made->educator())).status()),
            "SECOND_ATTACHMENT");
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, made->methodologist_person())).status()),
            "ATTACHED_TO_THEMSELVES");
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, Worker(), CivilDay(2023, 10, 31))).status()),
            "OUTSIDE_CONTRACT");
}

TEST_F(Asset, LimitHoldsOnEachDayAndPlacesComeFree) {
  ASSERT_TRUE(Regulate(2).ok());
  const std::string methodologist = Active();
  auto first = Attach(Draft(methodologist, Worker()));
  ASSERT_TRUE(first.ok() && Attach(Draft(methodologist, Worker())).ok());
  const std::string third = Worker();
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, third)).status()),
            "ATTACHMENT_LIMIT_REACHED");
  auto before = Draft(methodologist, third, CivilDay(2023, 11, 1));
  *before.mutable_end_date() = D(2023, 12, 31);
  EXPECT_TRUE(Attach(before).ok()) << "before the two";
  v1::UpdateAttachmentRequest end;
  end.mutable_attachment()->set_name(first->name());
  *end.mutable_attachment()->mutable_end_date() = D(2024, 3, 31);
  ASSERT_TRUE(Ask<v1::Attachment>("UpdateAttachment", end).ok());
  EXPECT_EQ(rpc::ReasonOf(Attach(Draft(methodologist, third, CivilDay(2024, 3, 31))).status()),
            "ATTACHMENT_LIMIT_REACHED");
  EXPECT_TRUE(Attach(Draft(methodologist, third, CivilDay(2024, 4, 1))).ok());
  end.mutable_attachment()->mutable_end_date()->set_month(4);
  end.mutable_attachment()->mutable_end_date()->set_day(1);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::Attachment>("UpdateAttachment", end).status()),
            "ATTACHMENT_LIMIT_REACHED");
}

TEST_F(Asset, ImportFillsThePlacesThereAre) {
  ASSERT_TRUE(Regulate(3).ok());
  const std::string methodologist = Active();
  std::vector<std::string> people;
  for (int i = 0; i < 5; ++i) people.push_back(Worker());
  v1::ImportAttachmentsRequest message;
  v1::ImportAttachmentsResponse response;
  int row = -1;
  auto status = admin_->ClientStream(
      "rsnms.registry.v1.Asset/ImportAttachments", &message,
      [&] {
        if (row++ < 0) {
          message.mutable_header()->set_parent(kRegion);
          message.mutable_header()->set_mode(options::v1::IMPORT_MODE_SKIP_BAD);
          return true;
        }
        if (row > 5) return false;
        *message.mutable_attachment() = Draft(methodologist, people[row - 1]);
        message.mutable_attachment()->set_name(
            absl::StrCat("regions/86/attachments/0190b6a0-0000-7000-8000-00000000000", row));
        return true;
      },
      &response, absl::Now() + absl::Seconds(30));
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(Sql("SELECT count(*) FROM attachment"), "3") << response.ShortDebugString();
}

TEST_F(Asset, LoadBoardShowsEachMethodologistByMunicipality) {
  ASSERT_TRUE(Regulate(2).ok());
  const std::string a = Active(), b = Active();
  ASSERT_TRUE(Attach(Draft(a, Worker())).ok());
  ASSERT_TRUE(Attach(Draft(a, Worker())).ok());
  v1::GetLoadBoardRequest request;
  request.set_parent(kRegion);
  *request.mutable_as_of_date() = D(2024, 1, 1);
  auto board = Ask<v1::LoadBoard>("GetLoadBoard", request);
  ASSERT_TRUE(board.ok()) << board.status();
  ASSERT_THAT(board->methodologists(), SizeIs(2));
  EXPECT_EQ(board->methodologists(0).methodologist(), a);
  EXPECT_EQ(board->methodologists(0).attached_count(), 2);
  EXPECT_EQ(board->methodologists(0).free_count(), 0);
  EXPECT_EQ(board->methodologists(1).free_count(), 2);
  ASSERT_THAT(board->municipalities(), SizeIs(1));
  EXPECT_EQ(board->municipalities(0).municipality(), kSurgut);
  EXPECT_EQ(board->total().methodologist_count(), 2);
  EXPECT_EQ(board->total().max_attached_count(), 2);
  EXPECT_EQ(board->total().full_count(), 1);
  *request.mutable_as_of_date() = D(2023, 12, 31);
  EXPECT_EQ(Ask<v1::LoadBoard>("GetLoadBoard", request)->total().attached_count(), 0);
  request.set_municipality(kUrai);
  EXPECT_THAT(Ask<v1::LoadBoard>("GetLoadBoard", request)->methodologists(), SizeIs(0));
}

TEST_F(Asset, MethodologistAndEducatorSeeTheAttachmentOthersDoNot) {
  ASSERT_TRUE(Regulate(2).ok());
  const std::string methodologist = Active();
  auto made = Attach(Draft(methodologist, Worker()));
  ASSERT_TRUE(made.ok());
  const auto seen = [&](const std::string& scope) {
    auto client = service_->Connect({"administrator"}, {scope});
    v1::ListAttachmentsRequest attachments;
    attachments.set_parent(kRegion);
    v1::ListAttachmentsResponse a;
    v1::ListMethodologistsRequest methodologists;
    methodologists.set_parent(kRegion);
    v1::ListMethodologistsResponse m;
    const auto soon = absl::Now() + absl::Seconds(20);
    EXPECT_TRUE(
        client->Unary("rsnms.registry.v1.Asset/ListAttachments", attachments, &a, soon).ok());
    EXPECT_TRUE(
        client->Unary("rsnms.registry.v1.Asset/ListMethodologists", methodologists, &m, soon).ok());
    return absl::StrCat(a.attachments_size(), " ", m.methodologists_size());
  };
  EXPECT_EQ(seen(kRegion), "1 1");
  EXPECT_EQ(seen(made->educator()), "1 1");
  EXPECT_EQ(seen(made->methodologist_person()), "1 1");
  EXPECT_EQ(seen(school_), "1 1");
  EXPECT_EQ(seen(kUrai), "0 0");
  EXPECT_EQ(seen(Worker()), "0 0");
}

class Plans : public AssetTest {
 protected:
  v1::WorkPlan Plan(const std::string& methodologist, int year = 2024) {
    v1::CreateWorkPlanRequest request;
    request.set_parent(kRegion);
    request.mutable_work_plan()->set_methodologist(methodologist);
    request.mutable_work_plan()->set_plan_year(year);
    auto made = Ask<v1::WorkPlan>("CreateWorkPlan", request);
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }
  absl::StatusOr<v1::WorkPlanItem> Item(const std::string& plan, int year = 2024) {
    v1::CreateWorkPlanItemRequest request;
    request.set_parent(kRegion);
    auto* item = request.mutable_work_plan_item();
    item->set_work_plan(plan);
    item->set_function(v1::METHODOLOGIST_FUNCTION_ROUTES);
    item->set_title("Построить маршруты");
    *item->mutable_due_date() = D(year, 3, 31);
    return Ask<v1::WorkPlanItem>("CreateWorkPlanItem", request);
  }
  absl::Status Approve(const std::string& plan) {
    v1::ApproveWorkPlanRequest request;
    request.set_name(plan);
    request.set_approval_document("приказ № 3");
    *request.mutable_approval_date() = D(2023, 12, 20);
    return Ask<v1::WorkPlan>("ApproveWorkPlan", request).status();
  }
};

TEST_F(Plans, ItemsAreWrittenInADraftAndMarkedInAnApprovedPlan) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string plan = Plan(Active()).name();
  EXPECT_EQ(rpc::ReasonOf(Approve(plan)), "WORK_PLAN_EMPTY");
  EXPECT_EQ(rpc::ReasonOf(Item(plan, 2025).status()), "OUT_OF_RANGE");
  auto item = Item(plan);
  ASSERT_TRUE(item.ok()) << item.status();
  v1::MarkDoneRequest done;
  done.set_name(item->name());
  *done.mutable_mark_date() = D(2024, 3, 1);
  done.set_mark_text("12 маршрутов");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::WorkPlanItem>("MarkDone", done).status()), "WORK_PLAN_FIXED");
  ASSERT_TRUE(Approve(plan).ok());
  EXPECT_EQ(rpc::ReasonOf(Item(plan).status()), "WORK_PLAN_FIXED");
  v1::DeleteWorkPlanItemRequest remove;
  remove.set_name(item->name());
  EXPECT_EQ(Ask<v1::WorkPlanItem>("DeleteWorkPlanItem", remove).status().code(),
            StatusCode::kFailedPrecondition);
  v1::ReportWorkPlanRequest report;
  report.set_name(plan);
  report.set_report_text("Выполнено.");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::WorkPlan>("ReportWorkPlan", report).status()),
            "WORK_PLAN_UNMARKED");
  ASSERT_TRUE(Ask<v1::WorkPlanItem>("MarkDone", done).ok());
  EXPECT_TRUE(Ask<v1::WorkPlan>("ReportWorkPlan", report).ok());
}

TEST_F(Plans, EveryDeclaredStepOfPlansAndItemsWorksAndNoOther) {
  ASSERT_TRUE(Regulate(250).ok());
  const std::string methodologist = Active();
  int year = 2000;
  std::string marked;
  const auto force = [&](const std::string& table) {
    return [this, table](const std::string& name, const std::string& state) {
      EXPECT_EQ(Sql("UPDATE " + table + " SET state = '" + state + "' WHERE id = '" + IdOf(name) +
                    "' RETURNING state"),
                state);
    };
  };
  const auto read = [&](const std::string& table) {
    return [this, table](const std::string& name) {
      return Sql("SELECT state || version FROM " + table + " WHERE id = '" + IdOf(name) + "'");
    };
  };
  testing::StateMachine plans{.service = AssetContract(), .resource = "registry.rsnms/WorkPlan"};
  plans.make = [&] {
    const std::string plan = Plan(methodologist, ++year).name();
    auto item = Item(plan, year);
    EXPECT_TRUE(item.ok()) << item.status();
    Sql("UPDATE work_plan_item SET state = 'DONE' RETURNING 1");
    return plan;
  };
  plans.force = force("work_plan");
  plans.read = read("work_plan");
  testing::StepCounts counts = testing::TryEveryStep(plans, *admin_);
  EXPECT_EQ(counts.allowed, 3);
  EXPECT_EQ(counts.refused, 6);
  testing::StateMachine items{.service = AssetContract(),
                              .resource = "registry.rsnms/WorkPlanItem"};
  items.make = [&] {
    const std::string plan = Plan(methodologist, ++year).name();
    auto item = Item(plan, year);
    EXPECT_TRUE(item.ok() && Approve(plan).ok());
    return item->name();
  };
  items.force = force("work_plan_item");
  items.read = read("work_plan_item");
  counts = testing::TryEveryStep(items, *admin_);
  EXPECT_EQ(counts.allowed, 6);
  EXPECT_EQ(counts.refused, 10);
}

class Staff : public AssetTest {
 protected:
  absl::StatusOr<v1::MmsStaffMember> Include(const std::string& person,
                                             CivilDay day = CivilDay(2023, 1, 1)) {
    v1::CreateMmsStaffMemberRequest request;
    request.set_parent(kRegion);
    auto* member = request.mutable_mms_staff_member();
    member->set_person(person);
    member->set_organisation(school_);
    member->set_post_title("методист");
    member->set_municipal_tutor(true);
    *member->mutable_include_date() = ToDate(day);
    return Ask<v1::MmsStaffMember>("CreateMmsStaffMember", request);
  }
  v1::CreateMmsTrainingRequest Training(const std::string& member) {
    v1::CreateMmsTrainingRequest request;
    request.set_parent(kRegion);
    auto* training = request.mutable_mms_training();
    training->set_staff_member(member);
    training->set_programme_title("Тьюторское сопровождение");
    training->set_duration_hours(36);
    training->set_agreement_document("соглашение № 5 от 10.01.2023");
    *training->mutable_agreement_start_date() = D(2023, 1, 10);
    *training->mutable_agreement_end_date() = D(2024, 12, 31);
    *training->mutable_start_date() = D(2024, 2, 1);
    *training->mutable_end_date() = D(2024, 3, 1);
    return request;
  }
};

TEST_F(Staff, StandsInTheRegisterOfAServiceOnceAndWorksThere) {
  const std::string person = Worker();
  EXPECT_EQ(rpc::ReasonOf(Include(MakePerson()->name()).status()), "NOT_EMPLOYED_AT_SERVICE");
  auto member = Include(person);
  ASSERT_TRUE(member.ok()) << member.status();
  EXPECT_EQ(member->municipality(), kSurgut);
  EXPECT_EQ(rpc::ReasonOf(Include(person, CivilDay(2024, 1, 1)).status()), "SECOND_MMS_MEMBERSHIP");
}

TEST_F(Staff, IsTrainedInTheFrameOfAnAgreement) {
  auto member = Include(Worker());
  ASSERT_TRUE(member.ok());
  auto outside = Training(member->name());
  *outside.mutable_mms_training()->mutable_agreement_end_date() = D(2024, 2, 29);
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::MmsTraining>("CreateMmsTraining", outside).status()),
            "TRAINING_OUTSIDE_AGREEMENT");
  auto training = Ask<v1::MmsTraining>("CreateMmsTraining", Training(member->name()));
  ASSERT_TRUE(training.ok()) << training.status();
  EXPECT_EQ(training->person(), member->person());
  EXPECT_EQ(training->municipality(), kSurgut);
}

TEST_F(Staff, TrainingTakesTheTermOfItsAgreement) {
  auto member = Include(Worker());
  ASSERT_TRUE(member.ok());
  constexpr char kId[] = "0190b6a0-0000-7000-8000-0000000000aa";
  const auto agree = [&](const std::string& state, const std::string& municipality) {
    return Sql(absl::StrCat(
        "INSERT INTO agreement (region_code, id, version, create_time, update_time, kind, number, "
        "title, subject, parties, organisations_ids, municipalities_ids, start_date, end_date, "
        "state, signed_date, ground) VALUES ('86', '",
        kId, "', 1, now(), now(), 'THREE_PARTY', '5', '', '', '[{}, {}]', '{}', '{", municipality,
        "}', '2023-01-10', '2024-02-29', '", state,
        "', '2022-12-30', '') ON CONFLICT "
        "(region_code, id) DO UPDATE SET state = excluded.state, municipalities_ids = "
        "excluded.municipalities_ids RETURNING state"));
  };
  auto request = Training(member->name());
  request.mutable_mms_training()->clear_agreement_document();
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::MmsTraining>("CreateMmsTraining", request).status()),
            "REQUIRED_FIELD_MISSING");
  request.mutable_mms_training()->set_agreement(absl::StrCat("regions/86/agreements/", kId));
  for (const auto& [state, municipality] :
       {std::pair{"DRAFT", "71876000"}, std::pair{"IN_FORCE", "71878000"}}) {
    ASSERT_EQ(agree(state, municipality), state);
    EXPECT_EQ(rpc::ReasonOf(Ask<v1::MmsTraining>("CreateMmsTraining", request).status()),
              "TRAINING_OUTSIDE_AGREEMENT");
  }
  ASSERT_EQ(agree("IN_FORCE", "71876000"), "IN_FORCE");
  EXPECT_EQ(rpc::ReasonOf(Ask<v1::MmsTraining>("CreateMmsTraining", request).status()),
            "TRAINING_OUTSIDE_AGREEMENT")
      << "ends a day after the agreement";
  *request.mutable_mms_training()->mutable_end_date() = D(2024, 2, 29);
  auto training = Ask<v1::MmsTraining>("CreateMmsTraining", request);
  ASSERT_TRUE(training.ok()) << training.status();
  EXPECT_EQ(training->agreement_document(), "№ 5 от 30.12.2022");
  EXPECT_EQ(ToIso(training->agreement_start_date()), "2023-01-10");
}

TEST_F(Staff, CountsAreThoseOfTheDate) {
  auto member = Include(Worker());
  ASSERT_TRUE(member.ok() && Include(Worker()).ok());
  auto training = Ask<v1::MmsTraining>("CreateMmsTraining", Training(member->name()));
  ASSERT_TRUE(training.ok());
  const auto step = [&](const char* method, auto request) {
    request.set_name(training->name());
    return Ask<v1::MmsTraining>(method, request).status();
  };
  ASSERT_TRUE(step("EnrolMmsTraining", v1::EnrolMmsTrainingRequest()).ok());
  ASSERT_TRUE(step("StartMmsTraining", v1::StartMmsTrainingRequest()).ok());
  ASSERT_TRUE(step("AttestMmsTraining", v1::AttestMmsTrainingRequest()).ok());
  v1::CompleteMmsTrainingRequest complete;
  complete.set_certificate_number("123");
  *complete.mutable_completion_date() = D(2024, 3, 5);
  ASSERT_TRUE(step("CompleteMmsTraining", complete).ok());
  const auto counts = [&](CivilDay day) {
    v1::CountMmsStaffRequest request;
    request.set_parent(kRegion);
    *request.mutable_as_of_date() = ToDate(day);
    auto found = Ask<v1::CountMmsStaffResponse>("CountMmsStaff", request);
    EXPECT_TRUE(found.ok()) << found.status();
    return absl::StrCat(found->total().staff_count(), " ", found->total().tutor_count(), " ",
                        found->total().trained_count(), " ", found->municipalities_size());
  };
  EXPECT_EQ(counts(CivilDay(2022, 12, 31)), "0 0 0 0");
  EXPECT_EQ(counts(CivilDay(2024, 3, 4)), "2 2 0 1");
  EXPECT_EQ(counts(CivilDay(2024, 3, 5)), "2 2 1 1");
}

TEST_F(Staff, EveryDeclaredStepOfATrainingWorksAndNoOther) {
  auto member = Include(Worker());
  ASSERT_TRUE(member.ok());
  testing::StateMachine machine{.service = AssetContract(),
                                .resource = "registry.rsnms/MmsTraining"};
  machine.make = [&] {
    auto made = Ask<v1::MmsTraining>("CreateMmsTraining", Training(member->name()));
    EXPECT_TRUE(made.ok()) << made.status();
    return made->name();
  };
  machine.force = [&](const std::string& name, const std::string& state) {
    EXPECT_EQ(Sql("UPDATE mms_training SET state = '" + state + "' WHERE id = '" + IdOf(name) +
                  "' RETURNING state"),
              state);
  };
  machine.read = [&](const std::string& name) {
    return Sql("SELECT state || version FROM mms_training WHERE id = '" + IdOf(name) + "'");
  };
  const testing::StepCounts counts = testing::TryEveryStep(machine, *admin_);
  EXPECT_EQ(counts.allowed, 8);
  EXPECT_EQ(counts.refused, 22);
}

}  // namespace
}  // namespace rsnms::registry
