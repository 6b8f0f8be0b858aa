// What becomes of learners when their programme leaves the register.
#include "services/programs/register/register_fixture.h"

namespace rsnms::programs {
namespace {

using v1::RegisterNotice;

class Notices : public RegisterSyncing {
 protected:
  std::string Enrol(const std::string& number, int person, int route = 0) {
    v1::CreateEnrolmentRequest request;
    request.set_parent("regions/86");
    v1::Enrolment& enrolment = *request.mutable_enrolment();
    enrolment.set_person(NameOf("86", "persons", Uuid(person)));
    enrolment.set_organisation(NameOf("86", "organisations", Uuid(1)));
    enrolment.set_category(v1::LEARNER_CATEGORY_PEDAGOGUE);
    enrolment.set_programme(Programmes().at(number).name());
    enrolment.set_basis(v1::ENROLMENT_BASIS_OWN_INITIATIVE);
    if (route > 0) {
      enrolment.set_route(NameOf("86", "routes", Uuid(route)));
      enrolment.set_route_item_id("7");
    }
    return Must<v1::Enrolment>("CreateEnrolment", request).name();
  }

  std::vector<RegisterNotice> List(const std::string& filter = "") {
    v1::ListRegisterNoticesRequest request;
    request.set_parent("regions/86");
    request.set_filter(filter);
    request.set_page_size(1000);
    const auto page =
        Must<v1::ListRegisterNoticesResponse>("Register/ListRegisterNotices", request);
    return {page.register_notices().begin(), page.register_notices().end()};
  }
};

TEST_F(Notices, EveryLivingLearnerOfAWithdrawnProgrammeGetsOneAndStays) {
  RunSync();
  const std::string learner = Enrol("DPP-000005", 1, 9), other = Enrol("DPP-000005", 2);
  Enrol("DPP-000006", 3);
  v1::WithdrawEnrolmentRequest leave;
  leave.set_name(other);
  leave.set_reason("передумал");
  Must<v1::Enrolment>("WithdrawEnrolment", leave);
  sim_->programme_register().Withdraw("DPP-000005");
  const Sync sync = RunSync();
  EXPECT_EQ(sync.notice_count(), 1);
  ASSERT_EQ(List().size(), 1u);
  const RegisterNotice notice = List()[0];
  EXPECT_EQ(notice.enrolment(), learner);
  EXPECT_EQ(notice.route(), NameOf("86", "routes", Uuid(9)));
  EXPECT_EQ(notice.route_item_id(), "7");
  EXPECT_TRUE(notice.has_withdrawn_date());
  EXPECT_EQ(notice.register_sync(), sync.name());
  v1::GetEnrolmentRequest get;
  get.set_name(learner);
  EXPECT_EQ(Must<v1::Enrolment>("GetEnrolment", get).state(), v1::Enrolment::STATE_APPLIED);
  // Another run repeats nothing.
  EXPECT_EQ(RunSync().notice_count(), 0);
}

TEST_F(Notices, AReturnLiftsWhatNobodyDecidedAndANewWithdrawalAsksAgain) {
  RunSync();
  Enrol("DPP-000005", 1);
  Enrol("DPP-000005", 2);
  sim_->programme_register().Withdraw("DPP-000005");
  RunSync();
  ASSERT_EQ(List("state = OPEN").size(), 2u);
  v1::DecideNoticeRequest decide;
  decide.set_name(List("state = OPEN")[0].name());
  EXPECT_EQ(Try<RegisterNotice>("Register/DecideNotice", decide).code(),
            absl::StatusCode::kInvalidArgument);  // a decision is required
  decide.set_decision(RegisterNotice::DECISION_FINISH);
  EXPECT_EQ(Must<RegisterNotice>("Register/DecideNotice", decide).state(),
            RegisterNotice::STATE_DECIDED);
  EXPECT_EQ(rpc::ReasonOf(Try<RegisterNotice>("Register/DecideNotice", decide)), "INVALID_STATE");
  sim_->programme_register().Restore("DPP-000005");
  RunSync();
  EXPECT_EQ(List("state = LIFTED").size(), 1u);
  EXPECT_EQ(List("state = DECIDED").size(), 1u);
  sim_->programme_register().Withdraw("DPP-000005");
  EXPECT_EQ(RunSync().notice_count(), 2);
  EXPECT_EQ(List("state = OPEN").size(), 2u);
}

// Whoever slipped in while the programme was being withdrawn is found by the next run.
TEST_F(Notices, ALearnerEnrolledMeanwhileIsFoundByTheNextRun) {
  RunSync();
  const std::string learner = Enrol("DPP-000006", 1);
  sim_->programme_register().Withdraw("DPP-000005");
  EXPECT_EQ(RunSync().notice_count(), 0);
  pg::TxOptions options;
  options.scopes = "*";
  const auto moved = service_->database().app().Run(options, [](pg::Tx& tx) {
    return tx
        .Execute(
            "UPDATE enrolment SET programme_id = (SELECT id FROM programme "
            "WHERE federal_register_number = 'DPP-000005')")
        .status();
  });
  ASSERT_TRUE(moved.ok()) << moved;
  EXPECT_EQ(RunSync().notice_count(), 1);
  EXPECT_EQ(List()[0].enrolment(), learner);
}

TEST_F(Notices, ALearnerSeesTheirOwnOnly) {
  RunSync();
  Enrol("DPP-000005", 1);
  Enrol("DPP-000005", 2);
  sim_->programme_register().Withdraw("DPP-000005");
  RunSync();
  auto learner = service_->Connect({"administrator"}, {NameOf("86", "persons", Uuid(1))});
  v1::ListRegisterNoticesRequest request;
  request.set_parent("regions/86");
  v1::ListRegisterNoticesResponse page;
  ASSERT_TRUE(Call(*learner, "Register/ListRegisterNotices", request, &page).ok());
  ASSERT_EQ(page.register_notices_size(), 1);
  EXPECT_EQ(page.register_notices(0).person(), NameOf("86", "persons", Uuid(1)));
}

}  // namespace
}  // namespace rsnms::programs
