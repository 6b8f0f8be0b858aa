#include "tools/federal_sim/submission_sim.h"

#include <gtest/gtest.h>
#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/auth/verifier.h"
#include "libs/rpc/client.h"
#include "libs/rpc/status.h"
#include "tools/federal_sim/sim.h"

namespace rsnms::federal_sim {
namespace {

using federal::v1::ProgrammeApplication;
using federal::v1::ProgrammeSubmission;
using federal::v1::SubmitProgrammeRequest;

class ScopeIsToken : public auth::Verifier {
 public:
  absl::StatusOr<std::shared_ptr<const auth::Identity>> Verify(
      std::string_view authorization) const override {
    auth::Identity identity = auth::Identity::System("test");
    identity.scopes = {std::string(authorization.substr(std::string_view("Bearer ").size()))};
    return std::make_shared<const auth::Identity>(std::move(identity));
  }
};

std::string Id(int n) { return absl::StrFormat("01900000-0000-7000-8000-%012d", n); }
std::string Name(int n) { return absl::StrCat("regions/86/programmeSubmissions/", Id(n)); }

SubmitProgrammeRequest Request(int n, const std::string& title = "Программа") {
  ProgrammeApplication application;
  application.set_programme_version("regions/86/programmeVersions/" + Id(n));
  application.set_title(title);
  application.set_kind(federal::v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  application.mutable_provider()->set_title("Институт");
  application.set_duration_hours(36);
  SubmitProgrammeRequest request;
  request.set_parent("regions/86");
  request.set_request_id(Id(n));
  request.set_format_version("rsnms-programme/1");
  request.set_content(application.SerializeAsString());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(request.content().data()), request.content().size(),
         digest);
  request.set_sha256(
      absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), sizeof(digest))));
  return request;
}

class SubmissionDesk : public ::testing::Test {
 protected:
  void SetUp() override {
    SimOptions options;
    options.programmes = 5;
    auto sim = Sim::Start(options, &verifier_);
    ASSERT_TRUE(sim.ok()) << sim.status();
    sim_ = *std::move(sim);
  }
  absl::StatusOr<ProgrammeSubmission> Call(const std::string& method,
                                           const google::protobuf::Message& request,
                                           const std::string& scope = "regions/86") {
    rpc::ClientOptions options;
    options.target = absl::StrCat("127.0.0.1:", sim_->server().port());
    options.token = [scope] { return scope; };
    ProgrammeSubmission answer;
    auto status = rpc::Client::Create(options)->Unary(
        "rsnms.federal.v1.ProgrammeSubmissions/" + method, request, &answer,
        absl::Now() + absl::Seconds(10), false);
    if (!status.ok()) return status;
    return answer;
  }
  absl::StatusOr<ProgrammeSubmission> Submit(const SubmitProgrammeRequest& request) {
    return Call("SubmitProgramme", request);
  }
  absl::StatusOr<ProgrammeSubmission> Ask(int n, const std::string& scope = "regions/86") {
    federal::v1::GetProgrammeSubmissionRequest request;
    request.set_name(Name(n));
    return Call("GetProgrammeSubmission", request, scope);
  }

  ScopeIsToken verifier_;
  std::unique_ptr<Sim> sim_;
};

TEST_F(SubmissionDesk, TheSameIdAndContentGetTheSameReceipt) {
  const auto first = Submit(Request(1)), again = Submit(Request(1));
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(first->name(), Name(1));
  EXPECT_EQ(first->sha256(), Request(1).sha256());
  EXPECT_NE(Submit(Request(2))->receipt_number(), first->receipt_number());
  EXPECT_EQ(sim_->submissions().Truth().size(), 2u);
}

TEST_F(SubmissionDesk, AnotherContentUnderTheIdIsRefused) {
  ASSERT_TRUE(Submit(Request(1)).ok());
  const auto other = Submit(Request(1, "Другая"));
  EXPECT_TRUE(absl::IsAlreadyExists(other.status()));
  EXPECT_EQ(rpc::ReasonOf(other.status()), "SUBMISSION_DIFFERS");
}

TEST_F(SubmissionDesk, WhatCannotBeReadIsNotReceived) {
  auto request = Request(1);
  request.set_sha256(std::string(64, '0'));
  EXPECT_EQ(rpc::ReasonOf(Submit(request).status()), "HASH_MISMATCH");
  request = Request(1);
  request.set_format_version("rsnms-programme/9");
  EXPECT_EQ(rpc::ReasonOf(Submit(request).status()), "FORMAT_NOT_SUPPORTED");
  EXPECT_EQ(rpc::ReasonOf(Submit(Request(1, "")).status()), "APPLICATION_INVALID");
  request = Request(1);
  request.clear_content();
  EXPECT_TRUE(absl::IsInvalidArgument(Submit(request).status()));
  EXPECT_TRUE(absl::IsNotFound(Ask(1).status()));
}

TEST_F(SubmissionDesk, AnAcceptedProgrammeStandsInTheRegister) {
  ASSERT_TRUE(Submit(Request(1)).ok());
  EXPECT_EQ(Ask(1)->state(), federal::v1::SUBMISSION_STATE_IN_REVIEW);
  const auto accepted = Ask(1);
  ASSERT_EQ(accepted->state(), federal::v1::SUBMISSION_STATE_ACCEPTED);
  int found = 0;
  for (const auto& entry : sim_->programme_register().Truth()) {
    found += entry.register_number() == accepted->register_number() && entry.title() == "Программа";
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(Ask(1)->SerializeAsString(), accepted->SerializeAsString());
  EXPECT_EQ(Submit(Request(1))->SerializeAsString(), accepted->SerializeAsString());
}

TEST_F(SubmissionDesk, AnotherRegionsMatterIsNotFound) {
  ASSERT_TRUE(Submit(Request(1)).ok());
  EXPECT_TRUE(absl::IsNotFound(Ask(1, "regions/61").status()));
  EXPECT_TRUE(absl::IsNotFound(Call("SubmitProgramme", Request(2), "regions/61").status()));
}

TEST_F(SubmissionDesk, ALostAnswerWasTaken) {
  DeskMisbehaviour losing;
  losing.lose_every = 1;
  sim_->submissions().Set(losing);
  EXPECT_TRUE(absl::IsUnavailable(Submit(Request(1)).status()));
  EXPECT_EQ(sim_->submissions().Truth().size(), 1u);
  DeskMisbehaviour away;
  away.unavailable_every = 1;
  sim_->submissions().Set(away);
  EXPECT_TRUE(absl::IsUnavailable(Submit(Request(2)).status()));
  EXPECT_EQ(sim_->submissions().Truth().size(), 1u);
}

TEST_F(SubmissionDesk, ItTakesNoMoreThanItHolds) {
  for (int n = 1; n <= 90; ++n) {
    auto request = Request(n, std::string((3 << 20) - 200, 'x'));
    const auto answer = Submit(request);
    if (answer.ok()) continue;
    EXPECT_EQ(rpc::ReasonOf(answer.status()), "OVERLOADED");
    EXPECT_EQ(n, 86);  // 85 of 3 MiB are less than 256 MiB
    return;
  }
  ADD_FAILURE() << "it takes whatever comes";
}

TEST(DeskMisbehaviourWords, UnknownWordsAreRefused) {
  EXPECT_TRUE(ParseDeskMisbehaviour("").ok());
  EXPECT_EQ(ParseDeskMisbehaviour("lose:3,late:2")->lose_every, 3);
  EXPECT_FALSE(ParseDeskMisbehaviour("lose:x").ok());
  EXPECT_FALSE(ParseDeskMisbehaviour("explode").ok());
}

}  // namespace
}  // namespace rsnms::federal_sim
