#include "services/programs/certificates/certificate_rules.h"

#include <string>
#include <tuple>

#include "absl/time/civil_time.h"
#include "libs/resource/personal_text.h"
#include "libs/resource/text_values.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/certificate_number.h"
#include "services/programs/names.h"

namespace rsnms::programs::certificate_rules {
namespace {

using google::type::Date;
using options::v1::COMMON_REASON_INVALID_FORMAT;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using v1::Certificate;

bool Before(const Date& a, const Date& b) {
  return std::make_tuple(a.year(), a.month(), a.day()) <
         std::make_tuple(b.year(), b.month(), b.day());
}

// The day lies in [first, today].
absl::Status CheckDay(std::string_view field, const Date& day, const Date& first, const Date& today,
                      std::string_view not_before, std::string_view not_before_ru) {
  if (!resource::IsDate(day) || Before(today, day)) {
    return rpc::InvalidField(field, COMMON_REASON_OUT_OF_RANGE,
                             "must be a full date, not in the future",
                             "укажите полную дату, не позже сегодняшней");
  }
  if (Before(day, first)) {
    return rpc::InvalidField(
        field, COMMON_REASON_OUT_OF_RANGE,
        Cat("must not be before ", not_before, ", ", resource::DateText(first)),
        Cat("дата не может быть раньше ", not_before_ru));
  }
  return absl::OkStatus();
}

// A certificate is for those who mastered a programme, after they began it (273-ФЗ, article 60,
// part 12: others get a справка).
absl::Status CheckCompletion(const Basis& basis) {
  const auto invalid = [&](std::string_view message) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_COMPLETION_NOT_VALID, message)
        .With("completion", basis.completion.name())
        .ToStatus();
  };
  if (basis.enrolment.state() != v1::Enrolment::STATE_COMPLETED) {
    return invalid("the enrolment behind the completion is not completed");
  }
  if (basis.enrolment.has_start_date() &&
      Before(basis.completion.completion_date(), basis.enrolment.start_date())) {
    return invalid("the completion is dated before the first day of learning");
  }
  return absl::OkStatus();
}

// The completion was recorded under a number: its first document bears that one.
absl::Status TakeNumber(const v1::Completion& completion, Certificate* certificate) {
  const std::string& recorded = completion.certificate_number();
  if (certificate->number().empty() && certificate->series().empty()) {
    certificate->set_number(recorded);
    return absl::OkStatus();
  }
  const std::string key = NumberKey(recorded);
  if (!certificate->number().empty() &&
      (NumberKey(certificate->number()) == key ||
       NumberKey(Cat(certificate->series(), certificate->number())) == key)) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kInvalidArgument,
                    v1::PROGRAMS_REASON_CERTIFICATE_NUMBER_DIFFERS,
                    "the number is not the one the completion was recorded with")
      .Field("number", "must be the completion's certificate_number, alone or after the series",
             "укажите номер, с которым записано завершение обучения");
}

absl::Status TakeHours(const v1::Completion& completion, Certificate* certificate) {
  if (certificate->duration_hours() != 0 &&
      certificate->duration_hours() != completion.duration_hours()) {
    return rpc::Error(absl::StatusCode::kInvalidArgument,
                      v1::PROGRAMS_REASON_CERTIFICATE_HOURS_DIFFER,
                      "the hours are not those of the completion")
        .Field("duration_hours", Cat("must be ", completion.duration_hours()),
               Cat("освоено часов: ", completion.duration_hours()));
  }
  certificate->set_duration_hours(completion.duration_hours());
  return absl::OkStatus();
}

// What the document says of the programme, frozen in the completion.
void TakeProgramme(const v1::Completion& completion, Certificate* certificate) {
  certificate->set_kind(completion.kind());
  certificate->set_programme_title(completion.programme_title());
  certificate->set_study_form(completion.study_form());
  certificate->set_issuer_title(completion.provider_title().empty() ? completion.provider_key()
                                                                    : completion.provider_title());
}

absl::Status ProgrammeDiffers(std::string_view field) {
  return rpc::Error(absl::StatusCode::kInvalidArgument,
                    v1::PROGRAMS_REASON_CERTIFICATE_PROGRAMME_DIFFERS,
                    Cat("the ", field, " is neither the completion's nor the programme's"))
      .Field(field, "must be the completion's or the programme's present one",
             "укажите то, что записано в программе или в завершении обучения");
}

// A replacement says what the old document said, but for what it mends.
absl::Status TakeCorrections(const Basis& basis, Certificate* certificate) {
  const Certificate& old = *basis.predecessor;
  if (certificate->programme_title().empty()) {
    certificate->set_programme_title(old.programme_title());
  } else if (certificate->programme_title() != basis.completion.programme_title() &&
             certificate->programme_title() != basis.programme.title()) {
    return ProgrammeDiffers("programme_title");
  }
  if (certificate->study_form() == v1::STUDY_FORM_UNSPECIFIED) {
    certificate->set_study_form(old.study_form());
  } else if (certificate->study_form() != basis.completion.study_form() &&
             certificate->study_form() != basis.programme.form()) {
    return ProgrammeDiffers("study_form");
  }
  return absl::OkStatus();
}

// What the document before it said, where the new one says nothing else. A document issued anew
// says what the completion says.
absl::Status TakePredecessor(const Basis& basis, Certificate* certificate) {
  const Certificate& old = *basis.predecessor;
  certificate->set_professional_area(old.professional_area());
  certificate->set_ugsn_code(old.ugsn_code());
  certificate->set_qualification_title(old.qualification_title());
  certificate->set_funding_source(old.funding_source());
  certificate->set_prior_education(old.prior_education());
  certificate->set_citizenship_code(old.citizenship_code());
  if (certificate->ground() == v1::CERTIFICATE_GROUND_REISSUE) return absl::OkStatus();
  certificate->set_kind(old.kind());
  certificate->set_issuer_title(old.issuer_title());
  return TakeCorrections(basis, certificate);
}

}  // namespace

Date LatestDay(absl::Time now) {
  const absl::CivilDay day(absl::ToCivilSecond(now, absl::FixedTimeZone(12 * 60 * 60)));
  Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

absl::Status Complete(const Basis& basis, Certificate* certificate) {
  const v1::Completion& completion = basis.completion;
  if (auto s = CheckCompletion(basis); !s.ok()) return s;
  if (basis.predecessor == nullptr) {
    certificate->set_ground(v1::CERTIFICATE_GROUND_FIRST);
    if (auto s = TakeNumber(completion, certificate); !s.ok()) return s;
  }
  if (NumberKey(certificate->number()).empty()) {
    return rpc::InvalidField("number", COMMON_REASON_INVALID_FORMAT,
                             "must have a letter or a digit", "в номере нет ни букв, ни цифр");
  }
  if (auto s = TakeHours(completion, certificate); !s.ok()) return s;
  const Date& first =
      basis.predecessor == nullptr ? completion.completion_date() : basis.predecessor->issue_date();
  if (auto s = CheckDay(
          "issue_date", certificate->issue_date(), first, basis.today,
          basis.predecessor == nullptr ? "the day of completion"
                                       : "the issue of the document before it",
          basis.predecessor == nullptr ? "дня завершения обучения" : "выдачи прежнего документа");
      !s.ok()) {
    return s;
  }
  certificate->set_person(completion.person());
  certificate->set_organisation(completion.organisation());
  certificate->set_municipality(completion.municipality());
  certificate->set_programme(completion.programme());
  certificate->set_provider(completion.provider());
  certificate->set_issuer_key(completion.provider_key());
  if (basis.enrolment.has_start_date()) {
    *certificate->mutable_start_date() = basis.enrolment.start_date();
  }
  *certificate->mutable_end_date() = completion.completion_date();
  if (basis.predecessor == nullptr || certificate->ground() == v1::CERTIFICATE_GROUND_REISSUE) {
    TakeProgramme(completion, certificate);
  }
  return basis.predecessor == nullptr ? absl::OkStatus() : TakePredecessor(basis, certificate);
}

absl::Status CheckStep(const Certificate& before, const Certificate& after, const Date& today) {
  if (before.state() == after.state()) return absl::OkStatus();
  const auto found = resource::FindPersonal(after.state_reason());
  if (found != resource::Personal::kNone) {
    const auto words = resource::DescribePersonal(found);
    return rpc::InvalidField("state_reason", COMMON_REASON_INVALID_FORMAT, words.english,
                             words.russian);
  }
  return CheckDay("state_date", after.state_date(), after.issue_date(), today, "the day of issue",
                  "выдачи документа");
}

absl::Status CheckSuccession(const Certificate& old, const Certificate& next) {
  if (!Before(next.issue_date(), old.state_date())) return absl::OkStatus();
  return rpc::InvalidField("issue_date", COMMON_REASON_OUT_OF_RANGE,
                           "must not be before state_date",
                           "новый документ не выдаётся раньше утраты или обмена прежнего");
}

absl::Status CheckPackage(const v1::FrdoPackage& package, const Date& today) {
  if (!package.has_send_date() || !Before(today, package.send_date())) return absl::OkStatus();
  return rpc::InvalidField("send_date", COMMON_REASON_OUT_OF_RANGE, "must not be in the future",
                           "дата отправки не позже сегодняшней");
}

}  // namespace rsnms::programs::certificate_rules
