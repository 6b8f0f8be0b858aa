// Submissions in the test's process, driven step by step against a desk that misbehaves. Time goes
// by when the test says so: nothing waits for a back-off.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_FIXTURE_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_FIXTURE_H_

#include <atomic>
#include <string>
#include <vector>

#include "services/programs/catalogue/catalogue_fixture.h"
#include "services/programs/submission/submission_content.h"
#include "services/programs/submission/submission_sender.h"

namespace rsnms::programs {

class Submitting : public CatalogueTest {
 protected:
  using Submission = v1::RegisterSubmission;
  using Version = v1::ProgrammeVersion;

  Submitting() {
    options_.calls_per_second = 1000000;
    options_.call_timeout = absl::Seconds(10);
    options_.now = [this] { return absl::Now() + absl::Seconds(skew_.load()); };
  }

  federal_sim::SubmissionSim& desk() { return sim_->submissions(); }

  template <class R>
  absl::StatusOr<R> Call(rpc::Client& client, const std::string& method,
                         const google::protobuf::Message& request) {
    R response;
    auto status = client.Unary("rsnms.programs.v1.Submissions/" + method, request, &response,
                               absl::Now() + absl::Seconds(60), false);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<Submission> TrySend(const std::string& version,
                                     const std::string& request_id = "") {
    v1::SendProgrammeVersionRequest request;
    request.set_name(version);
    request.set_request_id(request_id);
    return Call<Submission>(*admin_, "SendProgrammeVersion", request);
  }
  Submission SendOut(const std::string& version) { return Done(TrySend(version)); }
  absl::StatusOr<Submission> Cancel(const std::string& name) {
    v1::CancelRegisterSubmissionRequest request;
    request.set_name(name);
    return Call<Submission>(*admin_, "CancelRegisterSubmission", request);
  }
  Submission Look(const std::string& name) {
    v1::GetRegisterSubmissionRequest request;
    request.set_name(name);
    return Done(Call<Submission>(*admin_, "GetRegisterSubmission", request));
  }
  v1::RegisterSubmissionContent Content(const std::string& name) {
    v1::GetRegisterSubmissionContentRequest request;
    request.set_name(name);
    return Done(
        Call<v1::RegisterSubmissionContent>(*admin_, "GetRegisterSubmissionContent", request));
  }

  SubmissionSender Sender() { return {&service_->host().engine(), Federal(), options_}; }

  // One step of the submission as it stands, whether it rests or not.
  absl::Status StepOnce(const std::string& name) {
    SubmissionSender sender = Sender();
    skew_ += 24 * 60 * 60;
    return sender.Step(Look(name)).status();
  }
  // Steps until nothing is under way; what a killed process leaves is taken up by a new one.
  void Drive(int most_rounds = 500) {
    auto sender =
        std::make_unique<SubmissionSender>(&service_->host().engine(), Federal(), options_);
    for (int i = 0; i < most_rounds; ++i) {
      if (Sql("SELECT count(*) FROM register_submission "
              "WHERE state IN ('QUEUED', 'SENDING', 'SENT')") == "0") {
        return;
      }
      auto due = sender->Due();
      ASSERT_TRUE(due.ok()) << due.status();
      if (due->empty()) skew_ += 60;
      for (const Submission& submission : *due) {
        auto rest = sender->Step(submission);
        if (rest.ok()) continue;
        ASSERT_TRUE(absl::IsCancelled(rest.status())) << rest.status();
        sender =
            std::make_unique<SubmissionSender>(&service_->host().engine(), Federal(), options_);
      }
    }
    FAIL() << "submissions stay under way: "
           << Sql("SELECT string_agg(state || ' ' || last_error, ', ') FROM register_submission "
                  "WHERE end_time IS NULL");
  }

  // What the desk holds under the submission's name.
  std::vector<federal_sim::SubmissionSim::Held> HeldOf(const Submission& submission) {
    std::vector<federal_sim::SubmissionSim::Held> found;
    for (auto& held : desk().Truth()) {
      if (held.submission.name() == submission_content::NameAtRegister(submission.name())) {
        found.push_back(std::move(held));
      }
    }
    return found;
  }
  // Everything comes back with a remark on the syllabus.
  void DeclineAll() {
    desk().DecideBy([](const auto&) {
      federal_sim::SubmissionSim::Decision decision;
      decision.declined = true;
      auto& remark = decision.remarks.emplace_back();
      remark.set_field("syllabus");
      remark.set_text("Раскройте содержание модуля");
      return decision;
    });
  }

  SenderOptions options_;
  std::atomic<int64_t> skew_ = 0;  // seconds the sender's clock is ahead
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_FIXTURE_H_
