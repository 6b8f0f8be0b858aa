#include "services/programs/submission/submission_rules.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "google/rpc/error_details.pb.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"
#include "services/programs/submission/submission_content.h"

namespace rsnms::programs::submission_rules {
namespace {

using federal::v1::ProgrammeSubmission;
using google::type::Date;
using v1::RegisterRemark;
using v1::RegisterSubmission;

constexpr size_t kGreatestField = 200, kGreatestText = 2000, kGreatestReason = 4000,
                 kGreatestNumber = 64;
constexpr int kGreatestRemarks = 100;
// How far the operator's clock may be ahead of ours.
constexpr absl::Duration kGreatestLead = absl::Hours(24);
constexpr int kLeastYear = 2000, kGreatestYear = 2200;

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The text's first `most` code points.
std::string_view Cut(std::string_view text, size_t most) {
  size_t points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (begins && points++ == most) return text.substr(0, i);
  }
  return text;
}

// Without control characters, cut.
std::string Clean(std::string_view text, size_t most) {
  std::string clean(Cut(text, most));
  for (char& c : clean) c = IsControl(c) ? ' ' : c;
  absl::StripAsciiWhitespace(&clean);
  return clean;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && Clean(text, kGreatestNumber) == text;
}

absl::CivilDay DayOf(const Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

bool IsPastDay(const Date& date, absl::Time now) {
  const absl::CivilDay day = DayOf(date);
  return date.year() >= kLeastYear && date.year() <= kGreatestYear && day.month() == date.month() &&
         day.day() == date.day() && day <= LatestDay(now);
}

bool IsPastTime(const google::protobuf::Timestamp& time, absl::Time now) {
  return time.seconds() >= absl::ToUnixSeconds(
                               absl::FromCivil(absl::CivilYear(kLeastYear), absl::UTCTimeZone())) &&
         time.seconds() <= absl::ToUnixSeconds(now + kGreatestLead) && time.nanos() >= 0 &&
         time.nanos() < 1000000000;
}

// Why the state contradicts what stands beside it; empty when it does not.
std::string_view WrongState(const ProgrammeSubmission& answer, absl::Time now) {
  switch (answer.state()) {
    case federal::v1::SUBMISSION_STATE_RECEIVED:
    case federal::v1::SUBMISSION_STATE_IN_REVIEW:
      return answer.register_number().empty() && !answer.has_decision_date() ? ""
                                                                             : "decided and not";
    case federal::v1::SUBMISSION_STATE_ACCEPTED:
      if (!IsNumber(answer.register_number())) return "accepted without a number";
      return IsPastDay(answer.decision_date(), now) ? "" : "accepted on no day";
    case federal::v1::SUBMISSION_STATE_DECLINED:
      if (!answer.register_number().empty()) return "declined under a number";
      return IsPastDay(answer.decision_date(), now) ? "" : "declined on no day";
    default:
      return "in no state";
  }
}

// Why it is no answer to this submission; empty when it is.
std::string_view WrongAnswer(const RegisterSubmission& submission,
                             const ProgrammeSubmission& answer, absl::Time now) {
  if (answer.name() != submission_content::NameAtRegister(submission.name())) {
    return "about another submission";
  }
  if (answer.sha256() != submission.content_sha256()) return "about another content";
  if (answer.programme_version() != submission.programme_version()) return "about another version";
  if (!IsNumber(answer.receipt_number())) return "without a receipt";
  if (!submission.receipt_number().empty() &&
      answer.receipt_number() != submission.receipt_number()) {
    return "under another receipt";
  }
  if (!IsPastTime(answer.receive_time(), now)) return "received at no time";
  return WrongState(answer, now);
}

RegisterRemark Remark(std::string_view field, std::string_view text) {
  RegisterRemark remark;
  remark.set_field(Clean(field, kGreatestField));
  remark.set_text(Clean(text, kGreatestText));
  return remark;
}

}  // namespace

bool IsUnderWay(RegisterSubmission::State state) {
  return state == RegisterSubmission::STATE_QUEUED || state == RegisterSubmission::STATE_SENDING ||
         state == RegisterSubmission::STATE_SENT;
}

Verdict Judge(const absl::Status& failure) {
  switch (failure.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
    case absl::StatusCode::kAlreadyExists:
      return Verdict::kRefused;
    default:
      return Verdict::kRepeat;
  }
}

absl::Status CheckAnswer(const RegisterSubmission& submission, const ProgrammeSubmission& answer,
                         absl::Time now) {
  const std::string_view wrong = WrongAnswer(submission, answer, now);
  if (wrong.empty()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_REGISTER_BROKEN,
                    Cat("the register's answer is ", wrong));
}

bool HoldsAnother(const RegisterSubmission& submission, const ProgrammeSubmission& answer) {
  return answer.name() == submission_content::NameAtRegister(submission.name()) &&
         answer.sha256().size() == submission.content_sha256().size() &&
         answer.sha256() != submission.content_sha256();
}

std::vector<RegisterRemark> RemarksOf(const ProgrammeSubmission& answer) {
  std::vector<RegisterRemark> remarks;
  for (const auto& remark : answer.remarks()) {
    if (remarks.size() < kGreatestRemarks) remarks.push_back(Remark(remark.field(), remark.text()));
  }
  return remarks;
}

std::vector<RegisterRemark> RemarksOf(const absl::Status& refusal) {
  std::vector<RegisterRemark> remarks;
  const google::rpc::Status proto = rpc::ToProto(refusal);
  for (const auto& detail : proto.details()) {
    google::rpc::BadRequest bad;
    if (!detail.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      if (remarks.size() == kGreatestRemarks) break;
      remarks.push_back(Remark(violation.field(), violation.description()));
    }
  }
  return remarks;
}

std::string ReasonText(const absl::Status& refusal, const std::vector<RegisterRemark>& remarks) {
  std::string text =
      refusal.ok() ? "Отклонена федеральным реестром." : "Не принята федеральным реестром.";
  if (const std::string reason = rpc::ReasonOf(refusal); !reason.empty()) {
    text += Cat(" Код: ", Clean(reason, kGreatestNumber), ".");
  }
  for (const RegisterRemark& remark : remarks) {
    text += remark.field().empty() ? Cat("\n", remark.text())
                                   : Cat("\n", remark.field(), ": ", remark.text());
  }
  return std::string(Cut(text, kGreatestReason));
}

std::string ErrorText(const absl::Status& failure) {
  const std::string reason = Clean(rpc::ReasonOf(failure), kGreatestNumber);
  const std::string code = absl::StatusCodeToString(failure.code());
  return reason.empty() ? code : Cat(code, " ", reason);
}

absl::Duration RetryDelay(const absl::Status& failure) {
  const google::rpc::Status proto = rpc::ToProto(failure);
  for (const auto& detail : proto.details()) {
    google::rpc::RetryInfo info;
    if (!detail.UnpackTo(&info)) continue;
    return std::max(absl::ZeroDuration(), absl::Seconds(info.retry_delay().seconds()) +
                                              absl::Nanoseconds(info.retry_delay().nanos()));
  }
  return absl::ZeroDuration();
}

absl::Duration Backoff(absl::Duration first, absl::Duration greatest, int failures, double jitter) {
  absl::Duration delay = first;
  for (int i = 1; i < failures && delay < greatest; ++i) delay *= 2;
  return std::min(delay, greatest) * (0.5 + jitter / 2);
}

absl::Duration PollRest(absl::Duration waited, absl::Duration least, absl::Duration greatest) {
  return std::clamp(waited / 10, least, greatest);
}

Date SendingDay(const v1::ProgrammeVersion& version, absl::CivilDay today) {
  absl::CivilDay day = today;
  if (version.has_approval_date()) day = std::max(day, DayOf(version.approval_date()));
  if (version.has_register_answer_date()) {
    day = std::max(day, DayOf(version.register_answer_date()));
  }
  return ToDate(day);
}

Date AnswerDay(const v1::ProgrammeVersion& version, const Date& told) {
  return ToDate(std::max(DayOf(told), DayOf(version.submission_date())));
}

}  // namespace rsnms::programs::submission_rules
