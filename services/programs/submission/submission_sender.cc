#include "services/programs/submission/submission_sender.h"

#include <algorithm>
#include <utility>

#include "libs/observe/log.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "rsnms/programs/v1/programme_version_methods.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/catalogue/version_steps.h"
#include "services/programs/names.h"
#include "services/programs/submission/submission_content.h"
#include "services/programs/submission/submission_rules.h"
#include "services/programs/submission/submission_step.h"
#include "services/programs/submission/submission_store.h"

namespace rsnms::programs {
namespace {

using federal::v1::ProgrammeSubmission;
using submission_rules::Verdict;
using Version = v1::ProgrammeVersion;

constexpr char kSubmit[] = "rsnms.federal.v1.ProgrammeSubmissions/SubmitProgramme";
constexpr char kGet[] = "rsnms.federal.v1.ProgrammeSubmissions/GetProgrammeSubmission";

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

// A good call: what failed before it is over.
void ForgetFailures(v1::RegisterSubmission& submission) {
  submission.set_failure_count(0);
  submission.clear_last_error();
  submission.clear_next_attempt_time();
}

v1::RegisterSubmission::RegisterState RegisterStateOf(const ProgrammeSubmission& answer) {
  switch (answer.state()) {
    case federal::v1::SUBMISSION_STATE_RECEIVED:
      return v1::RegisterSubmission::REGISTER_STATE_RECEIVED;
    case federal::v1::SUBMISSION_STATE_IN_REVIEW:
      return v1::RegisterSubmission::REGISTER_STATE_IN_REVIEW;
    default:
      return v1::RegisterSubmission::REGISTER_STATE_UNSPECIFIED;
  }
}

// The version refuses the step, and would refuse it again as things stand; not the database.
bool StepRefused(const absl::Status& status) {
  return absl::IsFailedPrecondition(status) || absl::IsInvalidArgument(status) ||
         absl::IsAlreadyExists(status) || absl::IsOutOfRange(status);
}

void SetRemarks(const std::vector<v1::RegisterRemark>& remarks, v1::RegisterSubmission& after) {
  after.clear_remarks();
  for (const auto& remark : remarks) *after.add_remarks() = remark;
}

}  // namespace

SubmissionSender::SubmissionSender(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                                   SenderOptions options)
    : engine_(engine),
      federal_(std::move(federal)),
      options_(std::move(options)),
      submissions_(*engine),
      versions_(*engine) {}

absl::StatusOr<std::vector<v1::RegisterSubmission>> SubmissionSender::Due(std::string_view after) {
  std::vector<Submission> due;
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    auto page = submission_store::Due(*engine_, tx, after, options_.now());
    if (page.ok()) due = *std::move(page);
    return page.status();
  });
  if (!status.ok()) return status;
  return due;
}

absl::StatusOr<absl::Duration> SubmissionSender::Step(const Submission& seen) {
  if (seen.has_next_attempt_time()) {
    const absl::Duration rest = TimeOf(seen.next_attempt_time()) - options_.now();
    if (rest > absl::ZeroDuration()) return rest;
  }
  return seen.state() == Submission::STATE_SENT ? Poll(seen) : Send(seen);
}

absl::StatusOr<std::optional<v1::RegisterSubmission>> SubmissionSender::Advance(
    const Submission& seen, const Change& change, const Then& then) {
  std::optional<Submission> written;
  pg::TxOptions options;
  options.scopes = "*";
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) -> absl::Status {
    written.reset();
    auto version = versions_.Get(tx, seen.programme_version(), resource::Lock::kUpdate);
    if (!version.ok()) return version.status();
    auto locked = submissions_.Get(tx, seen.name(), resource::Lock::kUpdate);
    if (!locked.ok()) return locked.status();
    if (locked->etag() != seen.etag()) return absl::OkStatus();
    Submission after = *locked;
    const bool overtaken = version->state() != Version::STATE_SUBMITTED;
    if (overtaken) {  // by a step that did not know of submissions
      EndSubmission(Submission::STATE_CLOSED, options_.now(), after);
      after.set_version_state(version->state());
    } else {
      change(after);
    }
    if (auto s = submissions_.Update(tx, SubmissionAuthor(), *locked, after); !s.ok()) return s;
    // The submission first: what ends it is not closed by its version's step.
    if (!overtaken && then) {
      if (auto s = then(tx, *version); !s.ok()) return s;
    }
    if (!overtaken) written = std::move(after);
    return Interrupt("before-commit");
  });
  if (!status.ok()) return status;
  engine_->WakeSealer();
  if (auto s = Interrupt("after-commit"); !s.ok()) return s;
  return written;
}

absl::Status SubmissionSender::Interrupt(std::string_view point) const {
  return options_.interrupt ? options_.interrupt(point) : absl::OkStatus();
}

void SubmissionSender::WaitForTurn() {
  const absl::Time now = absl::Now();
  if (next_call_ > now) absl::SleepFor(next_call_ - now);
  next_call_ = std::max(now, next_call_) + absl::Seconds(1) / options_.calls_per_second;
}

absl::StatusOr<std::string> SubmissionSender::ReadContent(const Submission& submission) {
  std::string content;
  pg::TxOptions options;
  options.scopes = "*";
  options.read_only = true;
  auto status = engine_->pool().Run(options, [&](pg::Tx& tx) {
    auto stored = submission_store::ReadContent(tx, submission.name());
    if (stored.ok()) content = std::move(stored->content);
    return stored.status();
  });
  if (!status.ok()) return status;
  return content;
}

absl::Status SubmissionSender::Submit(const Submission& submission, Answer* answer) {
  auto content = ReadContent(submission);
  if (!content.ok()) return absl::UnavailableError("the content cannot be read now");
  federal::v1::SubmitProgrammeRequest request;
  request.set_parent(Cat("regions/", RegionOf(submission.name())));
  request.set_request_id(std::string(IdOf(submission.name())));
  request.set_format_version(submission_content::kFormatVersion);
  request.set_content(*std::move(content));
  request.set_sha256(submission.content_sha256());
  WaitForTurn();
  answer->Clear();
  return federal_->Unary(kSubmit, request, answer, absl::Now() + options_.call_timeout, false);
}

absl::Status SubmissionSender::Ask(const Submission& submission, Answer* answer) {
  federal::v1::GetProgrammeSubmissionRequest request;
  request.set_name(submission_content::NameAtRegister(submission.name()));
  WaitForTurn();
  answer->Clear();
  return federal_->Unary(kGet, request, answer, absl::Now() + options_.call_timeout, false);
}

absl::StatusOr<absl::Duration> SubmissionSender::Send(const Submission& seen) {
  // From here on it may have arrived, whatever becomes of this process.
  auto claimed = Advance(seen, [&](Submission& after) {
    after.set_state(Submission::STATE_SENDING);
    after.set_attempt_count(after.attempt_count() + 1);
    SetTime(options_.now(), after.mutable_last_attempt_time());
    SetTime(options_.now() + 2 * options_.call_timeout + options_.lease_margin,
            after.mutable_next_attempt_time());
  });
  if (!claimed.ok()) return claimed.status();
  if (!claimed->has_value()) return absl::ZeroDuration();
  Answer answer;
  const absl::Status called = Submit(**claimed, &answer);
  if (auto s = Interrupt("submitted"); !s.ok()) return s;
  if (!called.ok()) {
    return submission_rules::Judge(called) == Verdict::kRefused ? Refused(**claimed, called)
                                                                : Failed(**claimed, called);
  }
  const absl::Status judged = submission_rules::CheckAnswer(**claimed, answer, options_.now());
  return judged.ok() ? Arrived(**claimed, answer) : Failed(**claimed, judged);
}

absl::StatusOr<absl::Duration> SubmissionSender::Arrived(const Submission& seen,
                                                         const Answer& answer) {
  auto written = Advance(seen, [&](Submission& after) {
    ForgetFailures(after);
    after.set_state(Submission::STATE_SENT);
    after.set_receipt_number(answer.receipt_number());
    SetTime(TimeOf(answer.receive_time()), after.mutable_receive_time());
    after.set_register_state(RegisterStateOf(answer));
  });
  if (!written.ok()) return written.status();
  const bool decided = RegisterStateOf(answer) == Submission::REGISTER_STATE_UNSPECIFIED;
  return decided ? absl::ZeroDuration() : options_.least_poll;
}

absl::StatusOr<absl::Duration> SubmissionSender::Refused(const Submission& seen,
                                                         const absl::Status& refusal) {
  Answer answer;
  const absl::Status asked = Ask(seen, &answer);
  if (auto s = Interrupt("asked"); !s.ok()) return s;
  if (absl::IsNotFound(asked)) return End(seen, refusal);
  if (!asked.ok()) return Failed(seen, asked);
  if (submission_rules::HoldsAnother(seen, answer)) {
    return absl::IsAlreadyExists(refusal) ? End(seen, refusal) : Failed(seen, refusal);
  }
  // It was received before, by an attempt whose answer was lost.
  const absl::Status judged = submission_rules::CheckAnswer(seen, answer, options_.now());
  return judged.ok() ? Arrived(seen, answer) : Failed(seen, judged);
}

absl::StatusOr<absl::Duration> SubmissionSender::End(const Submission& seen,
                                                     const absl::Status& refusal) {
  const auto remarks = submission_rules::RemarksOf(refusal);
  return Ended(seen, Advance(
                         seen,
                         [&](Submission& after) {
                           EndSubmission(Submission::STATE_FAILED, options_.now(), after);
                           after.set_last_error(submission_rules::ErrorText(refusal));
                           SetRemarks(remarks, after);
                         },
                         [&](pg::Tx& tx, const Version& version) {
                           return TakeRefusal(tx, version,
                                              submission_rules::ReasonText(refusal, remarks),
                                              ToDate(RegisterDay(options_.now())));
                         }));
}

absl::StatusOr<absl::Duration> SubmissionSender::Poll(const Submission& seen) {
  Answer answer;
  absl::Status called = Ask(seen, &answer);
  if (auto s = Interrupt("asked"); !s.ok()) return s;
  if (absl::IsNotFound(called)) return Lost(seen, called);
  if (called.ok()) called = submission_rules::CheckAnswer(seen, answer, options_.now());
  if (!called.ok()) return Failed(seen, called);
  switch (answer.state()) {
    case federal::v1::SUBMISSION_STATE_ACCEPTED:
      return Accepted(seen, answer);
    case federal::v1::SUBMISSION_STATE_DECLINED:
      return Declined(seen, answer);
    default:
      return Undecided(seen, answer);
  }
}

absl::StatusOr<absl::Duration> SubmissionSender::Lost(const Submission& seen,
                                                      const absl::Status& answer) {
  auto written = Advance(seen, [&](Submission& after) {
    after.set_state(Submission::STATE_SENDING);
    after.clear_receipt_number();
    after.clear_receive_time();
    after.clear_register_state();
    after.set_last_error(submission_rules::ErrorText(answer));
  });
  if (!written.ok()) return written.status();
  return absl::ZeroDuration();
}

absl::StatusOr<absl::Duration> SubmissionSender::Undecided(const Submission& seen,
                                                           const Answer& answer) {
  const auto state = RegisterStateOf(answer);
  // No news are not written: a journal of polls would say nothing.
  if (seen.failure_count() > 0 || seen.register_state() != state) {
    auto written = Advance(seen, [&](Submission& after) {
      ForgetFailures(after);
      after.set_register_state(state);
    });
    if (!written.ok()) return written.status();
  }
  return submission_rules::PollRest(options_.now() - TimeOf(seen.last_attempt_time()),
                                    options_.least_poll, options_.greatest_poll);
}

absl::StatusOr<absl::Duration> SubmissionSender::Accepted(const Submission& seen,
                                                          const Answer& answer) {
  return Ended(seen, Advance(
                         seen,
                         [&](Submission& after) {
                           EndSubmission(Submission::STATE_ACCEPTED, options_.now(), after);
                           after.set_register_number(answer.register_number());
                           *after.mutable_decision_date() = answer.decision_date();
                         },
                         [&](pg::Tx& tx, const Version& version) -> absl::Status {
                           if (auto s = submission_store::PutAnswer(tx, seen.name(),
                                                                    answer.SerializeAsString());
                               !s.ok()) {
                             return s;
                           }
                           return TakeEntry(tx, version, answer);
                         }));
}

absl::StatusOr<absl::Duration> SubmissionSender::Declined(const Submission& seen,
                                                          const Answer& answer) {
  const auto remarks = submission_rules::RemarksOf(answer);
  return Ended(
      seen,
      Advance(
          seen,
          [&](Submission& after) {
            EndSubmission(Submission::STATE_DECLINED, options_.now(), after);
            *after.mutable_decision_date() = answer.decision_date();
            SetRemarks(remarks, after);
          },
          [&](pg::Tx& tx, const Version& version) -> absl::Status {
            if (auto s = submission_store::PutAnswer(tx, seen.name(), answer.SerializeAsString());
                !s.ok()) {
              return s;
            }
            return TakeRefusal(tx, version, submission_rules::ReasonText(absl::OkStatus(), remarks),
                               answer.decision_date());
          }));
}

absl::Status SubmissionSender::TakeEntry(pg::Tx& tx, const Version& version, const Answer& answer) {
  v1::RecordRegisterEntryRequest step;
  step.set_federal_register_number(answer.register_number());
  *step.mutable_register_answer_date() =
      submission_rules::AnswerDay(version, answer.decision_date());
  Version after = version;
  if (auto s = version_steps::Make(*engine_, "RecordRegisterEntry", step, &after); !s.ok()) {
    return s;
  }
  const auto author = SubmissionAuthor();
  if (auto s = version_steps::NumberProgramme(*engine_, tx, author, after); !s.ok()) return s;
  return versions_.Update(tx, author, version, after);
}

absl::Status SubmissionSender::TakeRefusal(pg::Tx& tx, const Version& version, std::string reason,
                                           const google::type::Date& day) {
  v1::RecordRegisterRefusalRequest step;
  step.set_state_reason(std::move(reason));
  *step.mutable_register_answer_date() = submission_rules::AnswerDay(version, day);
  Version after = version;
  if (auto s = version_steps::Make(*engine_, "RecordRegisterRefusal", step, &after); !s.ok()) {
    return s;
  }
  return versions_.Update(tx, SubmissionAuthor(), version, after);
}

absl::StatusOr<absl::Duration> SubmissionSender::Ended(
    const Submission& seen, const absl::StatusOr<std::optional<Submission>>& written) {
  if (written.ok()) return absl::ZeroDuration();
  if (!StepRefused(written.status())) return written.status();
  observe::LogWarning(
      "the register's answer cannot be recorded",
      {{"register_submission", seen.name()}, {"reason", rpc::ReasonOf(written.status())}});
  return Failed(seen, written.status());
}

absl::StatusOr<absl::Duration> SubmissionSender::Failed(const Submission& seen,
                                                        const absl::Status& failure) {
  const int failures = seen.failure_count() + 1;
  const absl::Duration rest =
      std::max(submission_rules::Backoff(options_.backoff, options_.greatest_backoff, failures,
                                         absl::Uniform(bits_, 0.0, 1.0)),
               std::min(submission_rules::RetryDelay(failure), options_.greatest_retry_delay));
  auto written = Advance(seen, [&](Submission& after) {
    after.set_failure_count(failures);
    after.set_last_error(submission_rules::ErrorText(failure));
    SetTime(options_.now() + rest, after.mutable_next_attempt_time());
  });
  if (!written.ok()) return written.status();
  return rest;
}

}  // namespace rsnms::programs
