// Submissions on their way: to the desk, through its review, to the version and the mirror.
#include <random>
#include <thread>

#include "services/programs/submission/submission_fixture.h"
#include "services/programs/submission/submission_worker.h"

namespace rsnms::programs {
namespace {

using federal_sim::DeskMisbehaviour;

class SubmissionSending : public Submitting {};

TEST_F(SubmissionSending, AnAcceptedVersionIsInTheRegisterAndTheMirrorKnowsIt) {
  const std::string name = Approved();
  const std::string programme = Get(name).programme();
  const Submission queued = SendOut(name);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  const Submission sent = Look(queued.name());
  EXPECT_EQ(sent.state(), Submission::STATE_SENT);
  EXPECT_EQ(sent.attempt_count(), 1);
  EXPECT_FALSE(sent.receipt_number().empty());
  EXPECT_TRUE(sent.has_receive_time());
  EXPECT_EQ(sent.register_state(), Submission::REGISTER_STATE_RECEIVED);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  EXPECT_EQ(Look(queued.name()).register_state(), Submission::REGISTER_STATE_IN_REVIEW);
  EXPECT_EQ(Get(name).state(), Version::STATE_SUBMITTED);
  Drive();
  const Submission accepted = Look(queued.name());
  EXPECT_EQ(accepted.state(), Submission::STATE_ACCEPTED);
  const auto held = HeldOf(queued);
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0].deliveries, 1);
  EXPECT_EQ(held[0].content, Content(queued.name()).content());
  EXPECT_EQ(Content(queued.name()).answer(), held[0].submission.SerializeAsString());
  EXPECT_EQ(accepted.register_number(), held[0].submission.register_number());
  const Version version = Get(name);
  EXPECT_EQ(version.state(), Version::STATE_IN_REGISTER);
  EXPECT_EQ(version.federal_register_number(), accepted.register_number());
  EXPECT_EQ(version.register_answer_date().day(), accepted.decision_date().day());
  EXPECT_EQ(Shown(programme).federal_register_number(), accepted.register_number());
  // The mirror finds the entry by its number and makes no second programme of it.
  v1::StartRegisterSyncRequest start;
  start.set_parent("regions/86");
  start.set_mode(v1::RegisterSync::MODE_FULL);
  Must<v1::RegisterSync>("StartRegisterSync", start);
  MirrorOptions fast;
  fast.calls_per_second = 100000;
  RegisterMirror mirror(&service_->host().engine(), Federal(), fast);
  for (auto living = mirror.Living(); living.ok() && !living->empty(); living = mirror.Living()) {
    ASSERT_TRUE(mirror.Step(living->front()).ok());
  }
  EXPECT_EQ(Shown(programme).register_state(), v1::REGISTER_STATE_LISTED);
  EXPECT_EQ(Sql(Cat("SELECT string_agg(match, ',') FROM register_entry WHERE register_number = '",
                    accepted.register_number(), "'")),
            "NUMBER");
  EXPECT_EQ(Sql(Cat("SELECT count(*) FROM programme WHERE title = '", version.title(), "'")), "1");
}

TEST_F(SubmissionSending, ADeclinedVersionSaysWhyAndMayBeSentAgain) {
  DeclineAll();
  const std::string name = Approved();
  const Submission first = SendOut(name);
  Drive();
  const Submission declined = Look(first.name());
  EXPECT_EQ(declined.state(), Submission::STATE_DECLINED);
  ASSERT_EQ(declined.remarks_size(), 1);
  EXPECT_EQ(declined.remarks(0).field(), "syllabus");
  Version version = Get(name);
  EXPECT_EQ(version.state(), Version::STATE_DECLINED);
  EXPECT_EQ(version.state_reason(),
            "Отклонена федеральным реестром.\nsyllabus: Раскройте содержание модуля");
  desk().DecideBy(nullptr);
  const Submission second = SendOut(name);
  EXPECT_NE(second.name(), first.name());
  EXPECT_EQ(second.former_state(), Version::STATE_DECLINED);
  EXPECT_EQ(second.former_state_reason(), version.state_reason());
  Drive();
  EXPECT_EQ(Get(name).state(), Version::STATE_IN_REGISTER);
  EXPECT_EQ(desk().Truth().size(), 2u);
}

TEST_F(SubmissionSending, WhatTheRegisterDoesNotReceiveFails) {
  desk().DecideBy([](const auto&) {
    federal_sim::SubmissionSim::Decision decision;
    decision.refused_field = "assessment_materials";
    return decision;
  });
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  Drive();
  const Submission failed = Look(queued.name());
  EXPECT_EQ(failed.state(), Submission::STATE_FAILED);
  EXPECT_EQ(failed.last_error(), "INVALID_ARGUMENT APPLICATION_INVALID");
  ASSERT_EQ(failed.remarks_size(), 1);
  EXPECT_EQ(failed.remarks(0).field(), "assessment_materials");
  EXPECT_TRUE(desk().Truth().empty());
  EXPECT_EQ(Get(name).state(), Version::STATE_DECLINED);
  desk().DecideBy(nullptr);
  SendOut(name);
  Drive();
  EXPECT_EQ(Get(name).state(), Version::STATE_IN_REGISTER);
}

TEST_F(SubmissionSending, AnotherContentUnderTheIdIsARefusal) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  federal::v1::SubmitProgrammeRequest stranger;
  stranger.set_parent("regions/86");
  stranger.set_request_id(std::string(IdOf(queued.name())));
  stranger.set_format_version("rsnms-programme/1");
  federal::v1::ProgrammeApplication application;
  ASSERT_TRUE(application.ParseFromString(Content(queued.name()).content()));
  application.set_title("Другая");
  stranger.set_content(application.SerializeAsString());
  stranger.set_sha256(Sha256Hex(stranger.content()));
  federal::v1::ProgrammeSubmission receipt;
  ASSERT_TRUE(Federal()
                  ->Unary("rsnms.federal.v1.ProgrammeSubmissions/SubmitProgramme", stranger,
                          &receipt, absl::Now() + absl::Seconds(10), false)
                  .ok());
  Drive();
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_FAILED);
  EXPECT_EQ(Look(queued.name()).last_error(), "ALREADY_EXISTS SUBMISSION_DIFFERS");
  EXPECT_EQ(Get(name).state(), Version::STATE_DECLINED);
}

TEST_F(SubmissionSending, TheDelayTheRegisterAsksForIsKept) {
  const Submission queued = SendOut(Approved());
  DeskMisbehaviour busy;
  busy.exhausted_every = 1;
  busy.retry_delay = absl::Minutes(40);
  desk().Set(busy);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  const Submission waiting = Look(queued.name());
  EXPECT_EQ(waiting.state(), Submission::STATE_SENDING);
  EXPECT_EQ(waiting.failure_count(), 1);
  EXPECT_EQ(waiting.last_error(), "RESOURCE_EXHAUSTED OVERLOADED");
  const int64_t rest = waiting.next_attempt_time().seconds() - absl::ToUnixSeconds(options_.now());
  EXPECT_GT(rest, 39 * 60);
  EXPECT_LE(rest, 40 * 60);
  EXPECT_TRUE(Sender().Due()->empty());
  const int64_t calls = desk().calls();
  EXPECT_GT(*Sender().Step(waiting), absl::Minutes(39));
  EXPECT_EQ(desk().calls(), calls);
}

TEST_F(SubmissionSending, AnApplicationTheRegisterLostIsSentAgainUnderItsId) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  // It comes back from a copy made before.
  desk().Lose(submission_content::NameAtRegister(queued.name()));
  ASSERT_TRUE(StepOnce(queued.name()).ok());
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_SENDING);
  EXPECT_EQ(Look(queued.name()).receipt_number(), "");
  Drive();
  EXPECT_EQ(Look(queued.name()).state(), Submission::STATE_ACCEPTED);
  EXPECT_EQ(HeldOf(queued).size(), 1u);
}

TEST_F(SubmissionSending, ADecisionTheVersionCannotTakeWaitsForAPerson) {
  const std::string name = Approved();
  const Submission queued = SendOut(name);
  const v1::Programme taken = CreateProgramme("Чужая", "DPP-S000001");
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(StepOnce(queued.name()).ok());
  Submission waiting = Look(queued.name());
  EXPECT_EQ(waiting.state(), Submission::STATE_SENT);
  EXPECT_EQ(waiting.last_error(), "FAILED_PRECONDITION REGISTER_NUMBER_TAKEN");
  EXPECT_GT(waiting.failure_count(), 1);
  EXPECT_EQ(Get(name).state(), Version::STATE_SUBMITTED);
  v1::UpdateProgrammeRequest free;
  *free.mutable_programme() = taken;
  free.mutable_programme()->clear_federal_register_number();
  free.mutable_update_mask()->add_paths("federal_register_number");
  Must<v1::Programme>("UpdateProgramme", free);
  Drive();
  EXPECT_EQ(Get(name).federal_register_number(), "DPP-S000001");
  EXPECT_EQ(Look(queued.name()).last_error(), "");
}

TEST_F(SubmissionSending, NoNewsAreNotWritten) {
  desk().SetQuestions(30);
  const Submission queued = SendOut(Approved());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(StepOnce(queued.name()).ok());
  const std::string etag = Look(queued.name()).etag();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(StepOnce(queued.name()).ok());
  EXPECT_EQ(Look(queued.name()).etag(), etag);
}

TEST_F(SubmissionSending, TheWorkerCarriesItToItsEnd) {
  options_.now = absl::Now;
  options_.backoff = options_.least_poll = options_.greatest_poll = absl::Milliseconds(5);
  SubmissionWorker worker(&service_->host().engine(), Federal(), options_);
  worker.Start();
  const std::string name = Approved();
  SendOut(name);
  worker.Wake();
  for (int i = 0; i < 3000 && Get(name).state() == Version::STATE_SUBMITTED; ++i) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_EQ(Get(name).state(), Version::STATE_IN_REGISTER);
}

// A claim is written before the call, so that a submission is either taken back or sent.
TEST_F(SubmissionSending, CancelRacingASendIsOneOrTheOther) {
  int cancelled = 0, sent = 0;
  std::mt19937 random(7);
  for (int i = 0; i < 24; ++i) {
    const std::string name = Approved();
    const Submission queued = SendOut(name);
    absl::StatusOr<Submission> answer;
    const auto wait = absl::Microseconds(random() % 12000);
    SubmissionSender sender = Sender();
    std::thread person([&] { answer = Cancel(queued.name()); });
    absl::SleepFor(wait);
    EXPECT_TRUE(sender.Step(queued).ok());
    person.join();
    const auto state = Look(queued.name()).state();
    if (answer.ok()) {
      ++cancelled;
      EXPECT_EQ(state, Submission::STATE_CANCELLED);
      EXPECT_TRUE(HeldOf(queued).empty());
      EXPECT_EQ(Get(name).state(), Version::STATE_APPROVED);
    } else {
      ++sent;
      EXPECT_EQ(Reason(answer), "INVALID_STATE") << answer.status();
      EXPECT_EQ(state, Submission::STATE_SENT);
      EXPECT_EQ(HeldOf(queued).size(), 1u);
    }
  }
  std::printf("cancelled %d, sent %d\n", cancelled, sent);
}

// Two replicas, whose claims nobody respects: every claim is stale at once.
TEST_F(SubmissionSending, TwoWorkersDeliverEverySubmissionOnce) {
  DeskMisbehaviour unsteady;
  unsteady.unsteady_percent = 30;
  unsteady.hang = absl::Milliseconds(30);
  desk().Set(unsteady);
  std::vector<Submission> submissions;
  for (int i = 0; i < 8; ++i) submissions.push_back(SendOut(Approved()));
  options_.backoff = absl::Microseconds(1);
  options_.greatest_backoff = absl::Microseconds(2);
  options_.greatest_retry_delay = absl::ZeroDuration();
  options_.call_timeout = absl::Milliseconds(500);
  std::atomic<int64_t> ticks = 0;
  // Each look at the clock is an hour later: no claim outlives the next one.
  options_.now = [&] { return absl::Now() + absl::Seconds(2) * static_cast<double>(++ticks); };
  const auto work = [&] {
    SubmissionSender sender = Sender();
    for (int round = 0; round < 200; ++round) {
      auto due = sender.Due();
      if (!due.ok()) continue;
      for (const Submission& submission : *due) (void)sender.Step(submission).status();
    }
  };
  std::thread one(work), two(work);
  one.join();
  two.join();
  desk().Set({});
  Drive();
  EXPECT_EQ(desk().Truth().size(), submissions.size());
  for (const Submission& submission : submissions) {
    const auto held = HeldOf(submission);
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].content, Content(submission.name()).content());
    EXPECT_EQ(Look(submission.name()).state(), Submission::STATE_ACCEPTED);
    EXPECT_EQ(Get(submission.programme_version()).federal_register_number(),
              held[0].submission.register_number());
  }
}

}  // namespace
}  // namespace rsnms::programs
