// Appointments over gRPC: the operator's agreement, one acting person at a time.
#include <atomic>
#include <thread>

#include "services/registry/documents/documents_fixture.h"

namespace rsnms::registry::documents {
namespace {

using v1::Appointment;

class AppointmentTest : public DocumentsTest {
 protected:
  void SetUp() override {
    DocumentsTest::SetUp();
    centre_ = MakeBody("ЦНППМ", "", v1::ORGANISATION_KIND_CENTRE)->name();
    const auto order = Draft();
    order_ = Approve(order.name())->name();
  }
  absl::StatusOr<Appointment> Propose(Appointment::Role role) {
    v1::CreateAppointmentRequest request;
    request.set_parent(kRegion);
    request.mutable_appointment()->set_role(role);
    request.mutable_appointment()->set_person(MakePerson()->name());
    request.mutable_appointment()->set_organisation(centre_);
    return Ask<Appointment>("CreateAppointment", request);
  }
  v1::ConfirmAppointmentRequest Confirmation(const std::string& name, google::type::Date start) {
    v1::ConfirmAppointmentRequest request;
    request.set_name(name);
    request.set_order_document(order_);
    *request.mutable_start_date() = start;
    return request;
  }
  absl::StatusOr<Appointment> Confirm(const std::string& name, google::type::Date start) {
    return Ask<Appointment>("ConfirmAppointment", Confirmation(name, start));
  }
  absl::StatusOr<Appointment> Release(const std::string& name, google::type::Date end) {
    v1::ReleaseAppointmentRequest request;
    request.set_name(name);
    request.set_ground("По собственному желанию");
    *request.mutable_end_date() = end;
    return Ask<Appointment>("ReleaseAppointment", request);
  }
  void SendToOperator(const std::string& name) {
    v1::SendAppointmentRequest send;
    send.set_name(name);
    send.set_letter_number("01-12/45");
    *send.mutable_sent_date() = D(2024, 2, 1);
    ASSERT_TRUE(Ask<Appointment>("SendAppointment", send).ok());
  }
  absl::StatusOr<Appointment> Agree(rpc::Client& client, const std::string& name,
                                    google::type::Date day) {
    v1::AgreeAppointmentRequest agree;
    agree.set_name(name);
    agree.set_operator_letter_number("АПО-17");
    *agree.mutable_decided_date() = day;
    return Ask<Appointment>(client, "AgreeAppointment", agree);
  }

  std::string centre_, order_;
};

// Altai 3.2.1#4, Yugra 3.2.1#4 and Annex2#r3: the operator's letter comes first.
TEST_F(AppointmentTest, HeadOfTheCentreIsAppointedAfterTheOperatorAgreed) {
  const auto head = Propose(Appointment::ROLE_HEAD_OF_CENTRE);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(rpc::ReasonOf(Confirm(head->name(), D(2024, 3, 1)).status()),
            "OPERATOR_AGREEMENT_REQUIRED");
  SendToOperator(head->name());
  const auto federal = service_->Connect({"federal_operator"}, {"regions/86"});
  EXPECT_EQ(rpc::ReasonOf(Agree(*federal, head->name(), D(2024, 1, 31)).status()),
            "DATES_OUT_OF_ORDER");
  ASSERT_TRUE(Agree(*federal, head->name(), D(2024, 2, 20)).ok());
  EXPECT_EQ(rpc::ReasonOf(Confirm(head->name(), D(2024, 2, 19)).status()), "DATES_OUT_OF_ORDER");
  const auto confirmed = Confirm(head->name(), D(2024, 3, 1));
  ASSERT_TRUE(confirmed.ok()) << confirmed.status();
  EXPECT_EQ(confirmed->organisation_name(), "ЦНППМ");
  EXPECT_EQ(confirmed->order_number(), "№ 10-П-1000 «Об утверждении положения»");
}

TEST_F(AppointmentTest, OperatorDecidesAndDoesNotAppoint) {
  const auto head = Propose(Appointment::ROLE_HEAD_OF_CENTRE);
  const auto federal = service_->Connect({"federal_operator"}, {"regions/86"});
  EXPECT_EQ(
      Ask<Appointment>(*federal, "ConfirmAppointment", Confirmation(head->name(), D(2024, 3, 1)))
          .status()
          .code(),
      absl::StatusCode::kPermissionDenied);
}

// Who asks does not answer: deploy/roles.textproto.
TEST_F(AppointmentTest, WhoAsksTheOperatorDoesNotAnswerForIt) {
  const auto head = Propose(Appointment::ROLE_HEAD_OF_CENTRE);
  SendToOperator(head->name());
  for (const char* role : {"centre", "authority", "institute"}) {
    const auto asking = service_->Connect({role}, {kRegion});
    EXPECT_TRUE(absl::IsPermissionDenied(Agree(*asking, head->name(), D(2024, 2, 20)).status()))
        << role;
  }
}

// The centre does not appoint its own head; others of its people it names itself.
TEST_F(AppointmentTest, ActIsOfABodyThatDecidesAndInForce) {
  const auto make = [&](const std::string& body, v1::Document::Kind kind) {
    v1::CreateDocumentRequest request;
    request.set_parent(kRegion);
    request.mutable_document()->set_kind(kind);
    request.mutable_document()->set_title("О назначении");
    request.mutable_document()->set_organisation(body);
    request.mutable_document()->set_text("Назначить.");
    const auto draft = Ask<v1::Document>("CreateDocument", request);
    EXPECT_TRUE(draft.ok() && Approve(draft->name()).ok());
    return draft->name();
  };
  const auto confirm = [&](const std::string& act) {
    const auto person = Propose(Appointment::ROLE_PASSPORT);
    auto request = Confirmation(person->name(), D(2024, 3, 1));
    request.set_order_document(act);
    request.set_validate_only(true);
    return rpc::ReasonOf(Ask<Appointment>("ConfirmAppointment", request).status());
  };
  const std::string school = MakeBody("Школа")->name();
  EXPECT_EQ(confirm(make(school, v1::Document::KIND_ORDER)), "ACT_UNFIT");
  EXPECT_EQ(confirm(make(surgut_, v1::Document::KIND_ORDER)), "ACT_UNFIT") << "a municipality's";
  EXPECT_EQ(confirm(make(authority_, v1::Document::KIND_REPORT)), "ACT_UNFIT") << "no decision";
  EXPECT_EQ(confirm(make(centre_, v1::Document::KIND_ORDER)), "");
  const std::string repealed = make(authority_, v1::Document::KIND_ORDER);
  ASSERT_TRUE(Enact(repealed, D(2024, 1, 10)).ok());
  EXPECT_EQ(confirm(repealed), "");
  v1::RepealDocumentRequest repeal;
  repeal.set_name(repealed);
  repeal.set_ground("Утратил силу");
  *repeal.mutable_ended_date() = D(2024, 2, 29);
  ASSERT_TRUE(Ask<v1::Document>("RepealDocument", repeal).ok());
  EXPECT_EQ(confirm(repealed), "ACT_NOT_IN_FORCE");
}

TEST_F(AppointmentTest, SchoolIssuesNoActsOfTheRegion) {
  v1::CreateDocumentRequest request;
  request.set_parent(kRegion);
  request.mutable_document()->set_kind(v1::Document::KIND_ORDER);
  request.mutable_document()->set_title("Приказ министерства");
  request.mutable_document()->set_organisation(MakeBody("Школа")->name());
  const auto at = [&](v1::Document::Level level) {
    request.mutable_document()->set_level(level);
    return rpc::ReasonOf(Ask<v1::Document>("CreateDocument", request).status());
  };
  EXPECT_EQ(at(v1::Document::LEVEL_REGION), "LEVEL_BEYOND_ISSUER");
  EXPECT_EQ(at(v1::Document::LEVEL_MUNICIPALITY), "LEVEL_BEYOND_ISSUER");
  EXPECT_EQ(at(v1::Document::LEVEL_ORGANISATION), "");
  request.mutable_document()->set_organisation(surgut_);
  EXPECT_EQ(at(v1::Document::LEVEL_REGION), "LEVEL_BEYOND_ISSUER");
  EXPECT_EQ(at(v1::Document::LEVEL_MUNICIPALITY), "");
}

// Altai 3.2.2#2, Yugra Annex2#r5.
TEST_F(AppointmentTest, OtherRolesNeedNoOperator) {
  const auto person = Propose(Appointment::ROLE_PASSPORT);
  EXPECT_TRUE(Confirm(person->name(), D(2024, 3, 1)).ok());
}

TEST_F(AppointmentTest, DraftNamesNobody) {
  const auto person = Propose(Appointment::ROLE_PASSPORT);
  auto request = Confirmation(person->name(), D(2024, 3, 1));
  request.set_order_document(Draft().name());
  EXPECT_EQ(rpc::ReasonOf(Ask<Appointment>("ConfirmAppointment", request).status()),
            "ACT_NOT_APPROVED");
}

TEST_F(AppointmentTest, NextPersonBeginsTheDayAfterTheLastOneEnded) {
  const auto first = Propose(Appointment::ROLE_PASSPORT);
  ASSERT_TRUE(Confirm(first->name(), D(2024, 1, 1)).ok());
  const auto second = Propose(Appointment::ROLE_PASSPORT);
  EXPECT_EQ(rpc::ReasonOf(Confirm(second->name(), D(2030, 1, 1)).status()), "ROLE_TAKEN");
  ASSERT_TRUE(Release(first->name(), D(2024, 6, 30)).ok());
  EXPECT_EQ(rpc::ReasonOf(Confirm(second->name(), D(2024, 6, 30)).status()), "ROLE_TAKEN");
  EXPECT_TRUE(Confirm(second->name(), D(2024, 7, 1)).ok());
  const auto other = Propose(Appointment::ROLE_DIGITAL_ECOSYSTEM);
  EXPECT_TRUE(Confirm(other->name(), D(2024, 7, 1)).ok()) << "another role";
}

TEST_F(AppointmentTest, ReleasedBeforeTheStartIsRefused) {
  const auto person = Propose(Appointment::ROLE_PASSPORT);
  ASSERT_TRUE(Confirm(person->name(), D(2024, 3, 1)).ok());
  EXPECT_EQ(rpc::ReasonOf(Release(person->name(), D(2024, 2, 28)).status()), "DATES_OUT_OF_ORDER");
}

TEST_F(AppointmentTest, SuccessorHoldsTheSameRole) {
  const auto first = Propose(Appointment::ROLE_PASSPORT);
  ASSERT_TRUE(Confirm(first->name(), D(2024, 1, 1)).ok());
  v1::ReplaceAppointmentRequest replace;
  replace.set_name(first->name());
  *replace.mutable_end_date() = D(2024, 6, 30);
  replace.set_successor(Propose(Appointment::ROLE_MONITORING)->name());
  EXPECT_EQ(rpc::ReasonOf(Ask<Appointment>("ReplaceAppointment", replace).status()),
            "SUCCESSOR_UNFIT");
  replace.set_successor(Propose(Appointment::ROLE_PASSPORT)->name());
  EXPECT_TRUE(Ask<Appointment>("ReplaceAppointment", replace).ok());
}

// Whatever the order of 64 writers, one of them holds the role.
TEST_F(AppointmentTest, OneOfSixtyFourRacingWritersIsAppointed) {
  constexpr int kWriters = 64;
  std::vector<std::string> names;
  for (int i = 0; i < kWriters; ++i) names.push_back(Propose(Appointment::ROLE_PASSPORT)->name());
  std::atomic<int> won = 0, refused = 0, other = 0, ready = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      ++ready;
      while (ready < kWriters) std::this_thread::yield();
      for (;;) {
        const auto status = Confirm(names[i], D(2024, 1, 1 + i % 28)).status();
        const std::string reason = rpc::ReasonOf(status);
        if (reason == "OVERLOADED" || reason == "CONCURRENT_UPDATE") continue;
        status.ok()                                                 ? ++won
        : reason == "ROLE_TAKEN" || reason == "CONSTRAINT_VIOLATED" ? ++refused
                                                                    : ++other;
        return;
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, kWriters - 1);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(Sql("SELECT count(*) FROM appointment WHERE state = 'APPOINTED'"), "1");
}

}  // namespace
}  // namespace rsnms::registry::documents
