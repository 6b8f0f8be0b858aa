// Sending a version to the federal register, as people see it: queued, taken back, overtaken.
#include "google/protobuf/util/message_differencer.h"
#include "rsnms/programs/v1/submissions_service.pb.h"
#include "services/programs/submission/submission_fixture.h"

namespace rsnms::programs {
namespace {

using google::protobuf::Message;

class Submissions : public Submitting {};

TEST(SubmissionWorkflow, OnlyWhatIsQueuedIsCancelled) {
  testing::ExpectMachine(*submission::Contract(), "RegisterSubmission", 1,
                         {{"CancelRegisterSubmission", {"QUEUED"}, "CANCELLED"}});
}

TEST_F(Submissions, SendingAVersionQueuesItWithItsContent) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  EXPECT_EQ(queued.state(), Submission::STATE_QUEUED);
  EXPECT_EQ(queued.programme_version(), name);
  EXPECT_EQ(queued.provider(), Body(1));
  EXPECT_EQ(queued.attempt_count(), 0);
  EXPECT_EQ(queued.former_state(), Version::STATE_APPROVED);
  EXPECT_EQ(wakes_, 1);
  const Version version = Get(name);
  EXPECT_EQ(version.state(), Version::STATE_SUBMITTED);
  EXPECT_TRUE(version.has_submission_date());
  const auto content = Content(queued.name());
  EXPECT_EQ(content.sha256(), queued.content_sha256());
  EXPECT_EQ(content.content().size(), static_cast<size_t>(queued.content_bytes()));
  federal::v1::ProgrammeApplication application;
  ASSERT_TRUE(application.ParseFromString(content.content()));
  EXPECT_EQ(application.title(), version.title());
  EXPECT_EQ(application.programme_version(), name);
  EXPECT_EQ(application.syllabus_size(), version.syllabus_size());
}

TEST_F(Submissions, OnlyAnApprovedOrDeclinedVersionIsSent) {
  const std::string draft = Done(Create(Complete())).name();
  EXPECT_EQ(Reason(TrySend(draft)), "INVALID_STATE");
  const std::string version = Approved();
  SendOut(version);
  EXPECT_EQ(Reason(TrySend(version)), "INVALID_STATE");  // under way already
  const std::string by_hand = Approved();
  Done(Step("SubmitProgrammeVersion", by_hand, "submission_date " + Today()));
  EXPECT_EQ(Reason(TrySend(by_hand)), "INVALID_STATE");
  EXPECT_EQ(Sql("SELECT count(*) FROM register_submission"), "1");
}

TEST_F(Submissions, TheSameRequestIsAnsweredTheSame) {
  const std::string version = Approved();
  const Submission first = Done(TrySend(version, Uuid(77)));
  Drive();
  const Submission again = Done(TrySend(version, Uuid(77)));
  EXPECT_EQ(again.name(), first.name());
  EXPECT_EQ(again.state(), Submission::STATE_QUEUED);  // as it was answered first
  EXPECT_EQ(Sql("SELECT count(*) FROM register_submission"), "1");
  EXPECT_EQ(desk().Truth().size(), 1u);
}

TEST_F(Submissions, AStaleEtagIsAborted) {
  const std::string name = Approved();
  v1::SendProgrammeVersionRequest request;
  request.set_name(name);
  request.set_etag("\"1\"");
  EXPECT_EQ(Reason(Call<Submission>(*admin_, "SendProgrammeVersion", request)), "ETAG_MISMATCH");
  request.set_etag(Get(name).etag());
  request.set_validate_only(true);
  EXPECT_TRUE(Call<Submission>(*admin_, "SendProgrammeVersion", request).ok());
  EXPECT_EQ(Get(name).state(), Version::STATE_APPROVED);
  EXPECT_EQ(Sql("SELECT count(*) FROM register_submission_content"), "0");
}

TEST_F(Submissions, ACancelledSubmissionPutsTheVersionBack) {
  const std::string name = Approved();
  const Version before = Get(name);
  const Submission cancelled = Done(Cancel(SendOut(name).name()));
  EXPECT_EQ(cancelled.state(), Submission::STATE_CANCELLED);
  EXPECT_TRUE(cancelled.has_end_time());
  Version after = Get(name);
  EXPECT_EQ(after.state(), Version::STATE_APPROVED);
  EXPECT_FALSE(after.has_submission_date());
  Drive();
  EXPECT_TRUE(desk().Truth().empty());
  EXPECT_EQ(Reason(Cancel(cancelled.name())), "INVALID_STATE");
  SendOut(name);  // and may be sent again
}

TEST_F(Submissions, ACancelledSecondSubmissionLeavesTheRefusalStanding) {
  DeclineAll();
  const std::string name = Approved();
  SendOut(name);
  Drive();
  Version before = Get(name);
  ASSERT_EQ(before.state(), Version::STATE_DECLINED);
  Done(Cancel(SendOut(name).name()));
  Version after = Get(name);
  for (Version* version : {&before, &after}) {
    version->clear_etag();
    version->clear_update_time();
  }
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(before, after))
      << before.DebugString() << after.DebugString();
}

TEST_F(Submissions, WhatMayHaveArrivedIsNotCancelled) {
  const Submission queued = SendOut(Approved());
  options_.interrupt = [](std::string_view point) {
    return point == "submitted" ? absl::CancelledError("killed") : absl::OkStatus();
  };
  EXPECT_TRUE(absl::IsCancelled(StepOnce(queued.name())));
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_SENDING);
  EXPECT_EQ(Reason(Cancel(queued.name())), "INVALID_STATE");
  options_.interrupt = nullptr;
  EXPECT_TRUE(StepOnce(queued.name()).ok());
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_SENT);
  EXPECT_EQ(Reason(Cancel(queued.name())), "INVALID_STATE");
  EXPECT_EQ(HeldOf(queued).size(), 1u);
  EXPECT_EQ(HeldOf(queued)[0].deliveries, 2);
}

TEST_F(Submissions, APersonsRecordWinsAndClosesTheSubmission) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  Done(Step("RecordRegisterEntry", name,
            Cat("federal_register_number: 'ДПП-77' register_answer_date ", Day(2026, 12, 31))));
  const Submission closed = Look(queued.name());
  EXPECT_EQ(closed.state(), Submission::STATE_CLOSED);
  EXPECT_EQ(closed.version_state(), Version::STATE_IN_REGISTER);
  EXPECT_EQ(closed.attempt_count(), 1);
  const int64_t calls = desk().calls();
  Drive();
  EXPECT_EQ(desk().calls(), calls);  // nobody asks any more
  EXPECT_EQ(Get(name).federal_register_number(), "ДПП-77");
}

TEST_F(Submissions, AVersionWithdrawnInTheQueueIsNeverSent) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  Done(Step("WithdrawProgrammeVersion", name,
            Cat("state_reason: 'Не нужна' withdrawal_date ", Today())));
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_CLOSED);
  EXPECT_EQ(Look(queued.name()).version_state(), Version::STATE_WITHDRAWN);
  Drive();
  EXPECT_TRUE(desk().Truth().empty());
}

TEST_F(Submissions, AnAnswerThatComesTogetherWithAPersonsRecordIsNotRecorded) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  SubmissionSender sender = Sender();
  const Submission seen = Look(queued.name());
  Done(Step("RecordRegisterRefusal", name,
            Cat("state_reason: 'Письмом' register_answer_date ", Day(2026, 12, 31))));
  desk().SetQuestions(0);
  EXPECT_TRUE(sender.Step(seen).ok());  // saw it before the person spoke
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_CLOSED);
  EXPECT_EQ(Get(name).state(), Version::STATE_DECLINED);
  EXPECT_EQ(Get(name).state_reason(), "Письмом");
}

TEST_F(Submissions, TheProviderSendsItsOwnAndSeesNoOthers) {
  const std::string name = Approved();
  v1::SendProgrammeVersionRequest request;
  request.set_name(name);
  auto other = service_->Connect({"institute"}, {Body(2)});
  auto elsewhere = service_->Connect({"institute"}, {"regions/61"});
  auto provider = service_->Connect({"institute"}, {Body(1)});
  for (auto* stranger : {other.get(), elsewhere.get()}) {
    EXPECT_TRUE(
        absl::IsNotFound(Call<Submission>(*stranger, "SendProgrammeVersion", request).status()));
  }
  const Submission sent = Done(Call<Submission>(*provider, "SendProgrammeVersion", request));
  for (auto* stranger : {other.get(), elsewhere.get()}) {
    v1::GetRegisterSubmissionRequest get;
    get.set_name(sent.name());
    EXPECT_TRUE(
        absl::IsNotFound(Call<Submission>(*stranger, "GetRegisterSubmission", get).status()));
    v1::GetRegisterSubmissionContentRequest content;
    content.set_name(sent.name());
    EXPECT_TRUE(absl::IsNotFound(
        Call<v1::RegisterSubmissionContent>(*stranger, "GetRegisterSubmissionContent", content)
            .status()));
    v1::CancelRegisterSubmissionRequest cancel;
    cancel.set_name(sent.name());
    EXPECT_TRUE(
        absl::IsNotFound(Call<Submission>(*stranger, "CancelRegisterSubmission", cancel).status()));
  }
  v1::CancelRegisterSubmissionRequest cancel;
  cancel.set_name(sent.name());
  EXPECT_TRUE(Call<Submission>(*provider, "CancelRegisterSubmission", cancel).ok());
  auto reader = service_->Connect({"authority"}, {"regions/86"});
  EXPECT_TRUE(absl::IsPermissionDenied(
      Call<Submission>(*reader, "SendProgrammeVersion", request).status()));
}

TEST_F(Submissions, EveryStateButQueuedRefusesToBeCancelled) {
  for (const char* state :
       {"SENDING", "SENT", "ACCEPTED", "DECLINED", "FAILED", "CANCELLED", "CLOSED"}) {
    const Submission queued = SendOut(Approved());
    const bool over = std::string_view(state) != "SENDING" && std::string_view(state) != "SENT";
    Sql(Cat("UPDATE register_submission SET state = '", state, "', end_time = ",
            over ? "now()" : "NULL", " WHERE id = '", IdOf(queued.name()), "' RETURNING id"));
    EXPECT_EQ(Reason(Cancel(queued.name())), "INVALID_STATE") << state;
    Sql(Cat("UPDATE register_submission SET state = 'CLOSED', end_time = now() WHERE id = '",
            IdOf(queued.name()), "' RETURNING id"));
  }
}

TEST_F(Submissions, WhatIsSentDoesNotChangeInTheDatabaseEither) {
  const Submission queued = SendOut(Approved());
  const std::string id(IdOf(queued.name()));
  EXPECT_NE(Sql("UPDATE register_submission_content SET content = 'other' RETURNING id"), id);
  EXPECT_NE(Sql("UPDATE register_submission SET state = 'CANCELLED', attempt_count = 1, "
                "end_time = now() RETURNING id"),
            id);
  EXPECT_EQ(Content(queued.name()).sha256(), queued.content_sha256());
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_QUEUED);
}

TEST_F(Submissions, AreTold) {
  const Submission queued = SendOut(Approved());
  Drive();
  // Queued, claimed, received, in review, accepted.
  EXPECT_EQ(Sql("SELECT count(*) FROM journal WHERE resource_type = "
                "'programs.rsnms/RegisterSubmission'"),
            "5");
  v1::ListRegisterSubmissionsRequest list;
  list.set_parent("regions/86");
  list.set_filter(
      Cat("state = ACCEPTED AND programme_version = \"", queued.programme_version(), "\""));
  const auto page =
      Done(Call<v1::ListRegisterSubmissionsResponse>(*admin_, "ListRegisterSubmissions", list));
  EXPECT_EQ(page.register_submissions_size(), 1);
}

TEST_F(Submissions, WhatTheRegisterWouldNotTakeIsNotQueued) {
  const std::string name = Done(Create(Complete())).name();
  const std::string id(IdOf(name));
  EXPECT_EQ(
      Sql(Cat("UPDATE programme_version SET state = 'APPROVED', approval_date = '2026-02-01', "
              "annotation = repeat('x', 3200000) WHERE id = '",
              id, "' RETURNING id")),
      id);
  EXPECT_EQ(Reason(TrySend(name)), "SUBMISSION_TOO_LARGE");
  EXPECT_EQ(Sql("SELECT count(*) FROM register_submission"), "0");
}

class NotConnected : public Submitting {
 protected:
  NotConnected() { connected_ = false; }
};

TEST_F(NotConnected, NothingIsQueuedWithoutAChannel) {
  const std::string name = Approved();
  EXPECT_EQ(Reason(TrySend(name)), "REGISTER_NOT_CONNECTED");
  EXPECT_EQ(Get(name).state(), Version::STATE_APPROVED);
  Done(Step("SubmitProgrammeVersion", name, "submission_date " + Today()));  // by hand
}

}  // namespace
}  // namespace rsnms::programs
