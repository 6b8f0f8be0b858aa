#include "services/programs/learning/record_rules.h"

#include <algorithm>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/learning/written.h"
#include "services/programs/names.h"

namespace rsnms::programs::record_rules {
namespace {

using learning::Invalid;
using learning::Misplaced;
using learning::Refuse;
using learning::ToCivil;
using resource::Change;
using Record = v1::LearningRecord;

constexpr int kHoursOfDay = 24;

absl::Status CheckHours(int hours, absl::CivilDay first, absl::CivilDay last,
                        std::string_view path) {
  if (hours <= kHoursOfDay * (last - first + 1)) return absl::OkStatus();
  return rpc::InvalidField(path, options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "is more than 24 for each of the days",
                           "больше 24 часов на каждый день обучения");
}

// What a kind must have.
absl::Status CheckKind(const Record& record) {
  const auto kind = record.kind();
  if ((kind == v1::LEARNING_KIND_CASCADE) == record.cascade_session().empty()) {
    return Invalid(v1::PROGRAMS_REASON_CASCADE_BY_SESSION, "kind",
                   "records of the cascade come from sessions alone");
  }
  if (kind == v1::LEARNING_KIND_INTERNSHIP) {
    if (record.host_organisation().empty()) {
      return Invalid(v1::PROGRAMS_REASON_INTERNSHIP_INCOMPLETE, "host_organisation",
                     "is required for an internship");
    }
    if (record.supervisor().empty()) {
      return Invalid(v1::PROGRAMS_REASON_INTERNSHIP_INCOMPLETE, "supervisor",
                     "is required for an internship");
    }
  }
  if (kind == v1::LEARNING_KIND_COURSE_OUTSIDE && record.provider_title().empty()) {
    return Invalid(v1::PROGRAMS_REASON_PROVIDER_REQUIRED, "provider_title",
                   "is required for a course outside");
  }
  return absl::OkStatus();
}

// What only some kinds have.
absl::Status CheckMisplaced(const Record& record) {
  const bool internship = record.kind() == v1::LEARNING_KIND_INTERNSHIP;
  if (!internship && !record.host_organisation().empty()) {
    return Misplaced("host_organisation", "is for internships", "только для стажировки");
  }
  if (!internship && !record.site().empty()) {
    return Misplaced("site", "is for internships", "только для стажировки");
  }
  if (record.kind() != v1::LEARNING_KIND_SELF_STUDY && !record.self_education_theme().empty()) {
    return Misplaced("self_education_theme", "is for self-study", "только для самообразования");
  }
  if (record.route().empty() && !record.route_item_id().empty()) {
    return Misplaced("route_item_id", "is given with route alone",
                     "пункт указывается вместе с маршрутом");
  }
  return absl::OkStatus();
}

absl::Status CheckWritten(const Record& record) {
  if (auto s = CheckKind(record); !s.ok()) return s;
  if (auto s = CheckMisplaced(record); !s.ok()) return s;
  if (record.supervisor() == record.person()) {
    return Invalid(v1::PROGRAMS_REASON_SUPERVISOR_IS_LEARNER, "supervisor",
                   "must be another person than the learner");
  }
  if (auto s = learning::CheckCompetencies(record.competencies()); !s.ok()) return s;
  const absl::CivilDay first = ToCivil(record.start_date()), last = ToCivil(record.end_date());
  if (last < first) {
    return rpc::InvalidField("end_date", options::v1::COMMON_REASON_OUT_OF_RANGE,
                             "must not be before start_date", "окончание не раньше начала");
  }
  return CheckHours(record.hours(), first, last, "hours");
}

absl::Status CheckCertificate(const Record& record, absl::CivilDay latest) {
  const bool academy = record.kind() == v1::LEARNING_KIND_ACADEMY;
  if (academy && (record.certificate_number().empty() || !record.has_certificate_date())) {
    return Refuse(v1::PROGRAMS_REASON_LEARNING_CERTIFICATE_REQUIRED,
                  "training at the academy is shown by number and day of its certificate");
  }
  if (!record.has_certificate_date()) return absl::OkStatus();
  return learning::CheckBetween(record.certificate_date(), ToCivil(record.start_date()), latest,
                                "certificate_date");
}

absl::Status CheckReport(Record& record, absl::CivilDay latest) {
  record.clear_state_reason();
  const absl::CivilDay first = ToCivil(record.start_date());
  if (auto s = learning::CheckBetween(record.completion_date(), first, latest, "completion_date");
      !s.ok()) {
    return s;
  }
  if (auto s = CheckHours(record.completed_hours(), first, ToCivil(record.completion_date()),
                          "completed_hours");
      !s.ok()) {
    return s;
  }
  const bool told = !record.report().empty() || !record.report_url().empty();
  if (!told && (record.kind() == v1::LEARNING_KIND_INTERNSHIP ||
                record.kind() == v1::LEARNING_KIND_SELF_STUDY)) {
    return Refuse(v1::PROGRAMS_REASON_REPORT_REQUIRED, "neither a report nor a link to one");
  }
  return CheckCertificate(record, latest);
}

// Whether some scope of the caller's is the person's own.
bool IsOne(const auth::Identity& caller, std::string_view person) {
  return std::find(caller.scopes.begin(), caller.scopes.end(), person) != caller.scopes.end();
}

}  // namespace

absl::Status Check(Change change, const Record* before, Record* after, absl::CivilDay latest) {
  if (change == Change::kUndelete) return absl::OkStatus();
  if (change == Change::kDelete) {
    const bool loose =
        before->state() == Record::STATE_PLANNED || before->state() == Record::STATE_CANCELLED;
    return loose ? absl::OkStatus() : learning::Frozen();
  }
  const bool edits = before == nullptr || learning::WrittenDiffers(*before, *after);
  if (before != nullptr && edits && before->state() != Record::STATE_PLANNED) {
    return learning::Frozen();
  }
  if (edits) {
    if (auto s = CheckWritten(*after); !s.ok()) return s;
  }
  if (before == nullptr || before->state() == after->state()) return absl::OkStatus();
  if (after->state() == Record::STATE_REPORTED) return CheckReport(*after, latest);
  if (after->state() != Record::STATE_ACCEPTED) return absl::OkStatus();
  return learning::CheckBetween(after->acceptance_date(), ToCivil(after->completion_date()), latest,
                                "acceptance_date");
}

absl::Status MayAccept(const auth::Identity& caller, std::string_view learner) {
  if (!IsOne(caller, learner)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied, v1::PROGRAMS_REASON_SELF_ACCEPTANCE,
                    "nobody accepts what they learned themselves");
}

absl::Status MayTakeBack(const auth::Identity& caller, std::string_view learner) {
  if (!IsOne(caller, learner)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kPermissionDenied, v1::PROGRAMS_REASON_SELF_ACCEPTANCE,
                    "nobody takes back what they learned themselves")
      .Russian("Свои результаты аннулирует другой человек: обратитесь в организацию.");
}

absl::Status CheckSite(const Record& record, const registry::v1::Site* site) {
  const auto unfit = [](std::string_view why) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_SITE_UNFIT, why)
        .Field("site", why)
        .ToStatus();
  };
  if (site == nullptr || site->has_delete_time()) return unfit("there is no such site");
  if (site->organisation() != record.host_organisation()) return unfit("is another body's");
  if (site->state() != registry::v1::Site::STATE_STATUS_GRANTED) return unfit("has no status");
  const absl::CivilDay day = ToCivil(record.start_date());
  if (site->has_status_from_date() && day < ToCivil(site->status_from_date())) {
    return unfit("has its status from a later day on");
  }
  const auto& until =
      site->has_extended_until_date() ? site->extended_until_date() : site->status_until_date();
  const bool ends = site->has_extended_until_date() || site->has_status_until_date();
  if (ends && ToCivil(until) < day) return unfit("has its status until an earlier day");
  return absl::OkStatus();
}

}  // namespace rsnms::programs::record_rules
