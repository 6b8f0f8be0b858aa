#include "services/programs/certificates/certificate_rules.h"

#include <gtest/gtest.h>

#include "libs/rpc/status.h"

namespace rsnms::programs::certificate_rules {
namespace {

google::type::Date Day(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

Basis Sample() {
  Basis basis;
  basis.completion.set_certificate_number("ПК-2026/17");
  *basis.completion.mutable_completion_date() = Day(2026, 3, 20);
  basis.completion.set_duration_hours(36);
  basis.completion.set_provider_key("8601000000");
  basis.enrolment.set_state(v1::Enrolment::STATE_COMPLETED);
  *basis.enrolment.mutable_start_date() = Day(2026, 2, 1);
  basis.completion.set_programme_title("Оценивание");
  basis.completion.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  basis.completion.set_study_form(v1::STUDY_FORM_PART_TIME);
  basis.programme.set_title("Формирующее оценивание");
  basis.programme.set_kind(v1::PROGRAMME_KIND_PROFESSIONAL_RETRAINING);
  basis.programme.set_form(v1::STUDY_FORM_EXTRAMURAL);
  basis.today = Day(2026, 6, 1);
  return basis;
}

v1::Certificate Dated(int month, int day) {
  v1::Certificate certificate;
  *certificate.mutable_issue_date() = Day(2026, month, day);
  return certificate;
}

TEST(CertificateRules, TheRecordedNumberMayBeSplitIntoSeriesAndNumber) {
  const struct {
    const char *series, *number;
    bool fits;
  } cases[] = {{"", "", true},          {"", "ПК-2026/17", true}, {"ПК", "2026/17", true},
               {"ПК", "2026 17", true}, {"ПК", "№ 202617", true}, {"", "17", false},
               {"ПК", "", false},       {"ПП", "2026/17", false}, {"", "ПК-2026/18", false}};
  for (const auto& c : cases) {
    auto certificate = Dated(3, 20);
    certificate.set_series(c.series);
    certificate.set_number(c.number);
    const auto status = Complete(Sample(), &certificate);
    EXPECT_EQ(status.ok(), c.fits) << c.series << "|" << c.number << ": " << status;
    if (!c.fits) {
      EXPECT_EQ(rpc::ReasonOf(status), "CERTIFICATE_NUMBER_DIFFERS");
    }
    if (std::string(c.number).empty() && c.fits) {
      EXPECT_EQ(certificate.number(), "ПК-2026/17");
    }
  }
}

TEST(CertificateRules, IssuedFromTheDayOfCompletionToToday) {
  for (const auto& [month, day, fits] :
       {std::tuple{3, 19, false}, {3, 20, true}, {6, 1, true}, {6, 2, false}}) {
    auto certificate = Dated(month, day);
    EXPECT_EQ(Complete(Sample(), &certificate).ok(), fits) << month << "." << day;
  }
  v1::Certificate undated;
  EXPECT_EQ(rpc::ReasonOf(Complete(Sample(), &undated)), "OUT_OF_RANGE");
  auto half = Dated(3, 0);
  EXPECT_EQ(rpc::ReasonOf(Complete(Sample(), &half)), "OUT_OF_RANGE");
}

TEST(CertificateRules, OnlyACompletedEnrolmentIsCertified) {
  for (const auto state : {v1::Enrolment::STATE_APPLIED, v1::Enrolment::STATE_ENROLLED,
                           v1::Enrolment::STATE_IN_PROGRESS, v1::Enrolment::STATE_WITHDRAWN,
                           v1::Enrolment::STATE_FAILED}) {
    Basis basis = Sample();
    basis.enrolment.set_state(state);
    auto certificate = Dated(3, 20);
    EXPECT_EQ(rpc::ReasonOf(Complete(basis, &certificate)), "COMPLETION_NOT_VALID") << state;
  }
  Basis backward = Sample();
  *backward.enrolment.mutable_start_date() = Day(2026, 3, 21);
  auto certificate = Dated(3, 22);
  EXPECT_EQ(rpc::ReasonOf(Complete(backward, &certificate)), "COMPLETION_NOT_VALID");
  backward.enrolment.clear_start_date();
  EXPECT_TRUE(Complete(backward, &certificate).ok()) << "no first day is known";
}

TEST(CertificateRules, ADocumentSaysWhatTheCompletionFroze) {
  auto first = Dated(3, 25);
  ASSERT_TRUE(Complete(Sample(), &first).ok());
  EXPECT_EQ(first.programme_title(), "Оценивание");
  EXPECT_EQ(first.kind(), v1::PROGRAMME_KIND_PROFESSIONAL_DEVELOPMENT);
  EXPECT_EQ(first.study_form(), v1::STUDY_FORM_PART_TIME);
  EXPECT_EQ(first.issuer_title(), "8601000000") << "nobody said the provider's title";
}

TEST(CertificateRules, TheNextDocumentRepeatsTheOldOneAReissueTheCompletion) {
  auto old = Dated(3, 25);
  old.set_programme_title("Как было напечатано");
  old.set_study_form(v1::STUDY_FORM_FULL_TIME);
  old.set_citizenship_code("112");
  Basis basis = Sample();
  basis.predecessor = &old;
  const auto next = [&](v1::CertificateGround ground) {
    auto certificate = Dated(4, 1);
    certificate.set_number("Д-1");
    certificate.set_ground(ground);
    EXPECT_TRUE(Complete(basis, &certificate).ok());
    EXPECT_EQ(certificate.citizenship_code(), "112");
    EXPECT_EQ(certificate.number(), "Д-1");
    return certificate;
  };
  for (const auto ground : {v1::CERTIFICATE_GROUND_DUPLICATE, v1::CERTIFICATE_GROUND_REPLACEMENT}) {
    EXPECT_EQ(next(ground).programme_title(), "Как было напечатано");
    EXPECT_EQ(next(ground).study_form(), v1::STUDY_FORM_FULL_TIME);
  }
  EXPECT_EQ(next(v1::CERTIFICATE_GROUND_REISSUE).programme_title(), "Оценивание");
  EXPECT_EQ(next(v1::CERTIFICATE_GROUND_REISSUE).study_form(), v1::STUDY_FORM_PART_TIME);
  auto early = Dated(3, 24);
  early.set_number("Д-2");
  EXPECT_EQ(rpc::ReasonOf(Complete(basis, &early)), "OUT_OF_RANGE") << "before the one it follows";
}

TEST(CertificateRules, AReplacementIsMendedByWhatIsRecordedAlone) {
  auto old = Dated(3, 25);
  old.set_programme_title("Как было напечатано");
  Basis basis = Sample();
  basis.predecessor = &old;
  const auto mended = [&](const std::string& title, v1::StudyForm form) {
    auto next = Dated(4, 1);
    next.set_number("Д-1");
    next.set_ground(v1::CERTIFICATE_GROUND_REPLACEMENT);
    next.set_programme_title(title);
    next.set_study_form(form);
    const auto status = Complete(basis, &next);
    return status.ok() ? next.programme_title() : rpc::ReasonOf(status);
  };
  EXPECT_EQ(mended("Оценивание", v1::STUDY_FORM_PART_TIME), "Оценивание");
  EXPECT_EQ(mended("Формирующее оценивание", v1::STUDY_FORM_EXTRAMURAL), "Формирующее оценивание");
  EXPECT_EQ(mended("Что угодно", v1::STUDY_FORM_UNSPECIFIED), "CERTIFICATE_PROGRAMME_DIFFERS");
  EXPECT_EQ(mended("Оценивание", v1::STUDY_FORM_FULL_TIME), "CERTIFICATE_PROGRAMME_DIFFERS");
}

TEST(CertificateRules, TheLatestDayIsThatOfTheEasternmostRegions) {
  const auto noon = absl::FromCivil(absl::CivilMinute(2026, 12, 31, 12, 0), absl::UTCTimeZone());
  EXPECT_EQ(LatestDay(noon).year(), 2027);
  EXPECT_EQ(LatestDay(noon - absl::Minutes(1)).day(), 31);
}

}  // namespace
}  // namespace rsnms::programs::certificate_rules
