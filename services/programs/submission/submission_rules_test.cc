#include "services/programs/submission/submission_rules.h"

#include <gtest/gtest.h>

#include <random>

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/rpc/status.h"
#include "services/programs/names.h"
#include "services/programs/submission/submission_content.h"

namespace rsnms::programs {
namespace {

using federal::v1::ProgrammeSubmission;
using submission_rules::Verdict;
using v1::RegisterSubmission;

constexpr char kId[] = "01900000-0000-7000-8000-000000000001";
const absl::Time kNow = absl::FromUnixSeconds(1790000000);  // 21.09.2026

RegisterSubmission Sent() {
  RegisterSubmission submission;
  submission.set_name(NameOf("86", "registerSubmissions", kId));
  submission.set_programme_version(NameOf("86", "programmeVersions", kId));
  submission.set_content_sha256(std::string(64, 'a'));
  return submission;
}

ProgrammeSubmission Answer(const std::string& more = "state: SUBMISSION_STATE_RECEIVED") {
  ProgrammeSubmission answer;
  answer.set_name(NameOf("86", "programmeSubmissions", kId));
  answer.set_programme_version(NameOf("86", "programmeVersions", kId));
  answer.set_sha256(std::string(64, 'a'));
  answer.set_receipt_number("ЗП-86-1");
  answer.mutable_receive_time()->set_seconds(absl::ToUnixSeconds(kNow));
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(more, &answer));
  return answer;
}

absl::Status Check(const ProgrammeSubmission& answer) {
  return submission_rules::CheckAnswer(Sent(), answer, kNow);
}

TEST(SubmissionAnswers, ThoseOfTheContractAreBelieved) {
  EXPECT_TRUE(Check(Answer()).ok());
  EXPECT_TRUE(Check(Answer("state: SUBMISSION_STATE_IN_REVIEW")).ok());
  EXPECT_TRUE(Check(Answer("state: SUBMISSION_STATE_ACCEPTED register_number: 'DPP-1' "
                           "decision_date {year: 2026 month: 9 day: 21}"))
                  .ok());
  EXPECT_TRUE(Check(Answer("state: SUBMISSION_STATE_DECLINED "
                           "decision_date {year: 2026 month: 9 day: 21}"))
                  .ok());
}

TEST(SubmissionAnswers, AnythingElseIsNotBelieved) {
  std::vector<ProgrammeSubmission> wrong;
  const auto but = [&](const std::function<void(ProgrammeSubmission&)>& change) {
    change(wrong.emplace_back(Answer()));
  };
  but([](auto& a) { a.set_name("regions/77/programmeSubmissions/" + std::string(kId)); });
  but([](auto& a) { a.clear_name(); });
  but([](auto& a) { a.set_sha256(std::string(64, 'b')); });
  but([](auto& a) { a.clear_programme_version(); });
  but([](auto& a) { a.clear_receipt_number(); });
  but([](auto& a) { a.set_receipt_number(std::string("1\0", 2)); });
  but([](auto& a) { a.set_receipt_number(" 1"); });
  but([](auto& a) { a.set_receipt_number(std::string(65, '1')); });
  but([](auto& a) { a.clear_receive_time(); });
  but([](auto& a) { a.mutable_receive_time()->set_seconds(1LL << 60); });
  but([](auto& a) { a.mutable_receive_time()->set_nanos(-1); });
  but([](auto& a) { a.clear_state(); });
  but([](auto& a) { a.set_state(static_cast<federal::v1::SubmissionState>(99)); });
  but([](auto& a) { a.set_register_number("DPP-1"); });  // not decided
  for (const char* text :
       {"state: SUBMISSION_STATE_ACCEPTED decision_date {year: 2026 month: 9 day: 21}",
        "state: SUBMISSION_STATE_ACCEPTED register_number: 'DPP-1'",
        "state: SUBMISSION_STATE_ACCEPTED register_number: ' ' "
        "decision_date {year: 2026 month: 9 day: 21}",
        "state: SUBMISSION_STATE_DECLINED",
        "state: SUBMISSION_STATE_DECLINED decision_date {year: 2026 month: 2 day: 31}",
        "state: SUBMISSION_STATE_DECLINED decision_date {year: 2026 month: 9 day: 23}",
        "state: SUBMISSION_STATE_DECLINED decision_date {year: 1 month: 9 day: 21}",
        "state: SUBMISSION_STATE_DECLINED decision_date {year: 2026 month: 9}",
        "state: SUBMISSION_STATE_DECLINED register_number: 'DPP-1' "
        "decision_date {year: 2026 month: 9 day: 21}"}) {
    wrong.push_back(Answer(text));
  }
  for (const auto& answer : wrong) {
    EXPECT_EQ(rpc::ReasonOf(Check(answer)), "REGISTER_BROKEN") << answer.DebugString();
  }
}

TEST(SubmissionAnswers, AReceiptDoesNotChange) {
  RegisterSubmission sent = Sent();
  sent.set_receipt_number("ЗП-86-2");
  EXPECT_FALSE(submission_rules::CheckAnswer(sent, Answer(), kNow).ok());
}

TEST(SubmissionFailures, OnlyARefusalOfTheContentIsFinal) {
  using enum absl::StatusCode;
  for (const auto code : {kInvalidArgument, kFailedPrecondition, kOutOfRange, kAlreadyExists}) {
    EXPECT_EQ(submission_rules::Judge(absl::Status(code, "")), Verdict::kRefused);
  }
  for (const auto code :
       {kUnavailable, kDeadlineExceeded, kResourceExhausted, kInternal, kUnknown, kCancelled,
        kAborted, kNotFound, kPermissionDenied, kUnauthenticated, kUnimplemented, kDataLoss}) {
    EXPECT_EQ(submission_rules::Judge(absl::Status(code, "")), Verdict::kRepeat);
  }
}

TEST(SubmissionFailures, BackOffDoublesWithJitterUpToItsGreatest) {
  const auto backoff = [](int failures, double jitter) {
    return submission_rules::Backoff(absl::Seconds(1), absl::Seconds(60), failures, jitter);
  };
  EXPECT_EQ(backoff(1, 0), absl::Milliseconds(500));
  EXPECT_EQ(backoff(3, 0), absl::Seconds(2));
  EXPECT_LT(backoff(3, 0.999), absl::Seconds(4));
  EXPECT_EQ(backoff(1000000, 0), absl::Seconds(30));
}

TEST(SubmissionFailures, TheDelayTheRegisterAsksForIsRead) {
  const absl::Status busy = rpc::Error(absl::StatusCode::kResourceExhausted,
                                       options::v1::COMMON_REASON_OVERLOADED, "busy")
                                .RetryAfter(absl::Milliseconds(1500));
  EXPECT_EQ(submission_rules::RetryDelay(busy), absl::Milliseconds(1500));
  EXPECT_EQ(submission_rules::RetryDelay(absl::UnavailableError("")), absl::ZeroDuration());
  EXPECT_EQ(submission_rules::ErrorText(busy), "RESOURCE_EXHAUSTED OVERLOADED");
  EXPECT_EQ(submission_rules::ErrorText(absl::InternalError("ФИО")), "INTERNAL");
}

TEST(SubmissionPolls, AreRarerTheLongerTheRegisterTakes) {
  const auto rest = [](absl::Duration waited) {
    return submission_rules::PollRest(waited, absl::Minutes(1), absl::Hours(1));
  };
  EXPECT_EQ(rest(absl::ZeroDuration()), absl::Minutes(1));
  EXPECT_EQ(rest(absl::Hours(1)), absl::Minutes(6));
  EXPECT_EQ(rest(absl::Hours(1000)), absl::Hours(1));
}

TEST(SubmissionRemarks, AreBroughtIntoAFormThatCanBeKept) {
  ProgrammeSubmission answer = Answer();
  auto* remark = answer.add_remarks();
  remark->set_field("syllabus");
  remark->set_text(std::string("часы\0не\nсходятся", 30));
  std::string longer;
  for (int i = 0; i < 3000; ++i) longer += "ж";
  answer.add_remarks()->set_text(longer);
  for (int i = 0; i < 200; ++i) answer.add_remarks()->set_text("ещё");
  const auto remarks = submission_rules::RemarksOf(answer);
  ASSERT_EQ(remarks.size(), 100u);
  EXPECT_EQ(remarks[0].text(), "часы не сходятся");
  EXPECT_EQ(remarks[1].text().size(), 2u * 2000);
  const std::string reason = submission_rules::ReasonText(absl::OkStatus(), remarks);
  EXPECT_EQ(reason.rfind("Отклонена федеральным реестром.\nsyllabus: часы не сходятся\n", 0), 0u);
  size_t points = 0;
  for (const char c : reason) points += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  EXPECT_LE(points, 4000u);
}

TEST(SubmissionRemarks, OfARefusedCallAreItsFields) {
  const absl::Status refusal =
      rpc::InvalidField("title", options::v1::COMMON_REASON_INVALID_REQUEST, "слишком длинное");
  const auto remarks = submission_rules::RemarksOf(refusal);
  ASSERT_EQ(remarks.size(), 1u);
  EXPECT_EQ(remarks[0].field(), "title");
  EXPECT_EQ(submission_rules::ReasonText(refusal, remarks),
            "Не принята федеральным реестром. Код: INVALID_REQUEST.\ntitle: слишком длинное");
}

TEST(SubmissionDays, DoNotLieBeforeWhatTheyFollow) {
  v1::ProgrammeVersion version;
  const absl::CivilDay today(2026, 3, 1);
  EXPECT_EQ(submission_rules::SendingDay(version, today).day(), 1);
  version.mutable_approval_date()->set_year(2026);
  version.mutable_approval_date()->set_month(3);
  version.mutable_approval_date()->set_day(2);  // of Kamchatka
  EXPECT_EQ(submission_rules::SendingDay(version, today).day(), 2);
  *version.mutable_register_answer_date() = version.approval_date();
  version.mutable_register_answer_date()->set_day(3);
  EXPECT_EQ(submission_rules::SendingDay(version, today).day(), 3);
  *version.mutable_submission_date() = version.register_answer_date();
  google::type::Date told = version.approval_date();
  EXPECT_EQ(submission_rules::AnswerDay(version, told).day(), 3);
  told.set_day(9);
  EXPECT_EQ(submission_rules::AnswerDay(version, told).day(), 9);
}

TEST(SubmissionContent, SaysAllTheVersionSaysAndNamesNobody) {
  v1::ProgrammeVersion version;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "regions/86/programmeVersions/01900000-0000-7000-8000-000000000001"
        number: 3
        title: "Название"
        kind: PROGRAMME_KIND_PROFESSIONAL_RETRAINING
        provider: "regions/86/organisations/01900000-0000-7000-8000-000000000002"
        provider_title: "Институт"
        provider_inn: "8601999991"
        authors: "regions/86/persons/01900000-0000-7000-8000-000000000003"
        former_authors: "regions/86/persons/01900000-0000-7000-8000-000000000003"
        duration_hours: 256
        internship_hours: 8
        internship_sites: "regions/86/sites/01900000-0000-7000-8000-000000000004"
        form: STUDY_FORM_EXTRAMURAL
        distance: true
        network_partners { title: "Партнёр" agreement: "№ 1" part: "Стажировка" }
        cascade: true
        listener_categories: LISTENER_CATEGORY_MENTOR
        listener_categories: LISTENER_CATEGORY_RESERVE
        competencies {
          competency: "regions/86/competencies/methodical-lesson"
          depth: COVERAGE_DEPTH_MASTERY
        }
        topic_codes: "assessment"
        price_rubles { value: "100.5" }
        final_control: CONTROL_FORM_FINAL_WORK
        syllabus {
          title: "Раздел"
          hours { lecture_hours: 10 }
          modules {
            title: "Модуль"
            hours { lecture_hours: 10 }
            topics {
              title: "Тема"
              hours { lecture_hours: 10 }
              control: CONTROL_FORM_TEST
            }
          }
        }
        acts { kind: KIND_EDUCATIONAL_STANDARD title: "ФГОС" }
      )pb",
      &version));
  const auto application = submission_content::ApplicationOf(version, "DPP-7");
  federal::v1::ProgrammeApplication expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        programme_version: "regions/86/programmeVersions/01900000-0000-7000-8000-000000000001"
        title: "Название"
        kind: PROGRAMME_KIND_PROFESSIONAL_RETRAINING
        provider { title: "Институт" inn: "8601999991" region_code: "86" }
        duration_hours: 256
        internship_hours: 8
        form: STUDY_FORM_EXTRAMURAL
        distance: true
        network: true
        competencies { competency_code: "methodical-lesson" depth: COVERAGE_DEPTH_MASTERY }
        topic_codes: "assessment"
        for_pedagogues: true
        for_managers: true
        version_number: 3
        listener_categories: APPLICANT_CATEGORY_MENTOR
        listener_categories: APPLICANT_CATEGORY_RESERVE
        network_partners { title: "Партнёр" agreement: "№ 1" part: "Стажировка" }
        cascade: true
        internship_site_count: 1
        price_rubles { value: "100.5" }
        final_control: APPLICATION_CONTROL_FINAL_WORK
        syllabus {
          title: "Раздел"
          lecture_hours: 10
          parts {
            title: "Модуль"
            lecture_hours: 10
            parts { title: "Тема" lecture_hours: 10 control: APPLICATION_CONTROL_TEST }
          }
        }
        acts { kind: "EDUCATIONAL_STANDARD" title: "ФГОС" }
        register_number: "DPP-7"
      )pb",
      &expected));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(application, expected))
      << application.DebugString();
  const std::string bytes = submission_content::BytesOf(application);
  EXPECT_EQ(bytes.find("persons"), std::string::npos);
  EXPECT_EQ(bytes, submission_content::BytesOf(expected));
}

}  // namespace
}  // namespace rsnms::programs
