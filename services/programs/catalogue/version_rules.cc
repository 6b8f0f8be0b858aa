#include "services/programs/catalogue/version_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "google/api/field_behavior.pb.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/names.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/listeners.h"
#include "services/programs/catalogue/programme_rules.h"
#include "services/programs/catalogue/syllabus_rules.h"
#include "services/programs/names.h"

namespace rsnms::programs::version_rules {
namespace {

using google::type::Date;
using options::v1::COMMON_REASON_INVALID_REQUEST;
using options::v1::COMMON_REASON_OUT_OF_RANGE;
using resource::Change;
using Version = v1::ProgrammeVersion;

absl::Status Invalid(v1::ProgramsReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}

// What people write: not what steps and the service set. `programme` is set by the approval.
Version Written(Version version) {
  const auto* type = Version::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (resource::HasBehavior(*type->field(i), google::api::OUTPUT_ONLY)) {
      version.GetReflection()->ClearField(&version, type->field(i));
    }
  }
  version.clear_etag();
  version.clear_programme();
  return version;
}

absl::Status CheckAuthors(const Version& version) {
  absl::flat_hash_set<std::string_view> seen;
  for (int i = 0; i < version.authors_size(); ++i) {
    if (seen.insert(version.authors(i)).second) continue;
    return Invalid(v1::PROGRAMS_REASON_REPEATED_AUTHOR, Cat("authors[", i, "]"), "is named twice");
  }
  return absl::OkStatus();
}

absl::Status CheckCategories(const Version& version) {
  absl::flat_hash_set<int> seen;
  for (int i = 0; i < version.listener_categories_size(); ++i) {
    const int category = version.listener_categories(i);
    if (category != v1::LISTENER_CATEGORY_UNSPECIFIED && seen.insert(category).second) continue;
    return rpc::InvalidField(Cat("listener_categories[", i, "]"), COMMON_REASON_INVALID_REQUEST,
                             "is not declared, or is named twice",
                             "категория слушателей не указана или указана дважды");
  }
  return absl::OkStatus();
}

// Who was an author of what was handed in stays known, whatever the list says later.
void RememberAuthors(const Version& before, Version& after) {
  if (before.round() == 0) return;
  const auto among = [](const auto& people, const std::string& person) {
    return std::find(people.begin(), people.end(), person) != people.end();
  };
  for (const std::string& author : before.authors()) {
    if (!among(after.authors(), author) && !among(after.former_authors(), author)) {
      after.add_former_authors(author);
    }
  }
}

absl::Status CheckPartners(const Version& version) {
  const std::string prefix = NameOf(RegionOf(version.name()), "organisations", "");
  for (int i = 0; i < version.network_partners_size(); ++i) {
    const auto& partner = version.network_partners(i);
    const std::string path = Cat("network_partners[", i, "]");
    if (partner.organisation().empty() && partner.title().empty()) {
      return Invalid(v1::PROGRAMS_REASON_PARTNER_REQUIRED, path, "names no partner");
    }
    const std::string_view body = partner.organisation();
    if (!body.empty() && (body.substr(0, prefix.size()) != prefix ||
                          !resource::IsUuid(body.substr(prefix.size())))) {
      return rpc::InvalidField(Cat(path, ".organisation"), COMMON_REASON_INVALID_REQUEST,
                               Cat("must be ", prefix, "{uuid}"),
                               "организация должна принадлежать тому же региону");
    }
  }
  return absl::OkStatus();
}

// The decimal is canonical: the engine has judged it.
absl::Status CheckPrice(const Version& version) {
  const std::string& price = version.price_rubles().value();
  const size_t point = price.find('.');
  const bool kopecks = point == std::string::npos || price.size() - point - 1 <= 2;
  if (!price.empty() && (price[0] == '-' || !kopecks || price.size() > 15)) {
    return rpc::InvalidField("price_rubles", COMMON_REASON_OUT_OF_RANGE,
                             "must not be negative, with at most two decimals",
                             "цена не меньше нуля, не более двух знаков после запятой");
  }
  return absl::OkStatus();
}

absl::Status CheckInternship(const Version& version) {
  if (version.internship_hours() > version.duration_hours()) {
    return rpc::InvalidField("internship_hours", COMMON_REASON_OUT_OF_RANGE,
                             "must not exceed duration_hours",
                             "часов стажировки не больше, чем часов программы");
  }
  if (version.internship_hours() == 0 && !version.internship_sites().empty()) {
    return rpc::InvalidField("internship_sites", COMMON_REASON_OUT_OF_RANGE,
                             "there are no hours of internship",
                             "площадки указаны, а часов стажировки нет");
  }
  return absl::OkStatus();
}

// Everything experts are to judge is there.
absl::Status CheckComplete(const Version& version) {
  rpc::Error error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_VERSION_INCOMPLETE,
                   "parts the acts demand are missing");
  bool complete = true;
  const auto demand = [&](bool there, std::string_view path, std::string_view ru) {
    if (there) return;
    complete = false;
    error.Field(path, "is missing", ru);
  };
  demand(!version.goal().empty(), "goal", "не указана цель");
  demand(!version.planned_results().empty(), "planned_results", "не указаны результаты обучения");
  demand(!version.syllabus().empty(), "syllabus", "нет учебного плана");
  demand(!version.conditions().empty(), "conditions",
         "не описаны организационно-педагогические условия");
  demand(!version.assessment_materials().empty(), "assessment_materials",
         "нет оценочных материалов");
  demand(version.final_control() != v1::CONTROL_FORM_UNSPECIFIED, "final_control",
         "не указана форма итоговой аттестации");
  demand(!version.competencies().empty(), "competencies", "не указаны компетенции");
  for (int i = 0; i < version.network_partners_size(); ++i) {
    demand(!version.network_partners(i).agreement().empty(),
           Cat("network_partners[", i, "].agreement"), "нет договора о сетевой форме");
  }
  return complete ? absl::OkStatus() : error.ToStatus();
}

absl::CivilDay DayOf(const Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

absl::Status InOrder(bool both, const Date& earlier, const Date& later, std::string_view path) {
  if (!both || DayOf(earlier) <= DayOf(later)) return absl::OkStatus();
  return Invalid(v1::PROGRAMS_REASON_DATES_OUT_OF_ORDER, path, "lies before the step it follows");
}

absl::Status CheckDates(const Version* before, Version& after) {
  const bool again = before != nullptr && before->state() != after.state() &&
                     after.state() == Version::STATE_SUBMITTED;
  if (again && before->has_register_answer_date()) {
    if (auto s = InOrder(true, before->register_answer_date(), after.submission_date(),
                         "submission_date");
        !s.ok()) {
      return s;
    }
    after.clear_register_answer_date();
  }
  if (auto s = InOrder(after.has_approval_date() && after.has_submission_date(),
                       after.approval_date(), after.submission_date(), "submission_date");
      !s.ok()) {
    return s;
  }
  if (auto s =
          InOrder(after.has_submission_date() && after.has_register_answer_date(),
                  after.submission_date(), after.register_answer_date(), "register_answer_date");
      !s.ok()) {
    return s;
  }
  return InOrder(after.has_approval_date() && after.has_withdrawal_date(), after.approval_date(),
                 after.withdrawal_date(), "withdrawal_date");
}

// What people wrote, judged and brought into its stored form.
absl::Status CheckWritten(Version& version) {
  const std::string region(RegionOf(version.name()));
  programme_rules::SortTopics(*version.mutable_topic_codes());
  if (auto s = programme_rules::CheckCompetencies(region, *version.mutable_competencies());
      !s.ok()) {
    return s;
  }
  for (auto* check :
       {&CheckAuthors, &CheckCategories, &CheckPartners, &CheckPrice, &CheckInternship}) {
    if (auto s = check(version); !s.ok()) return s;
  }
  return syllabus_rules::Check(version);
}

bool KeepsReason(Version::State state) {
  return state == Version::STATE_REWORK || state == Version::STATE_REJECTED ||
         state == Version::STATE_DECLINED || state == Version::STATE_WITHDRAWN ||
         state == Version::STATE_ARCHIVED;
}

}  // namespace

bool IsEditable(Version::State state) {
  return state == Version::STATE_DRAFT || state == Version::STATE_REWORK;
}

bool WrittenDiffers(const Version& before, const Version& after) {
  return !google::protobuf::util::MessageDifferencer::Equals(Written(before), Written(after));
}

absl::Status Check(Change change, const Version* before, Version* after) {
  if (change == Change::kUndelete) return absl::OkStatus();
  const bool edits =
      before != nullptr && (change == Change::kDelete || WrittenDiffers(*before, *after));
  if (edits && !IsEditable(before->state())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_VERSION_FROZEN,
                      "what was handed in does not change");
  }
  if (change == Change::kDelete) return absl::OkStatus();
  if (edits) RememberAuthors(*before, *after);
  const bool handed_in = before != nullptr && before->state() != after->state() &&
                         after->state() == Version::STATE_EXPERTISE;
  after->set_round(before == nullptr ? 0 : before->round() + (handed_in ? 1 : 0));
  if (!KeepsReason(after->state())) after->clear_state_reason();
  if (auto s = CheckDates(before, *after); !s.ok()) return s;
  if (before == nullptr || edits || handed_in) {
    if (auto s = CheckWritten(*after); !s.ok()) return s;
  }
  return handed_in ? CheckComplete(*after) : absl::OkStatus();
}

void Show(const Version& version, v1::Programme& programme) {
  programme.set_title(version.title());
  programme.set_kind(version.kind());
  programme.set_provider(version.provider());
  programme.set_provider_title(version.provider_title());
  programme.set_provider_inn(version.provider_inn());
  programme.set_duration_hours(version.duration_hours());
  programme.set_internship_hours(version.internship_hours());
  programme.set_form(version.form());
  programme.set_distance(version.distance());
  programme.set_network(!version.network_partners().empty());
  programme.set_for_pedagogues(false);
  programme.set_for_managers(false);
  for (const int category : version.listener_categories()) {
    const auto listeners = static_cast<v1::ListenerCategory>(category);
    if (MayBePedagogues(listeners)) programme.set_for_pedagogues(true);
    if (MayBeManagers(listeners)) programme.set_for_managers(true);
  }
  programme.set_annotation(version.annotation());
  *programme.mutable_competencies() = version.competencies();
  *programme.mutable_topic_codes() = version.topic_codes();
  programme.set_current_version(version.name());
  programme.set_withdrawn(false);
}

absl::Status CheckRules(v1::TrainingRules* rules) {
  const programme_rules::Minima minima;
  if (rules->least_development_hours() == 0) rules->set_least_development_hours(minima.development);
  if (rules->least_retraining_hours() == 0) rules->set_least_retraining_hours(minima.retraining);
  if (rules->least_experts() == 0) rules->set_least_experts(2);
  if (rules->conflict_days() == 0) rules->set_conflict_days(365);
  if (rules->low_results_months() == 0) rules->set_low_results_months(12);
  if (rules->first_training_months() == 0) rules->set_first_training_months(24);
  if (rules->least_experts() < 2) {
    return rpc::InvalidField("least_experts", COMMON_REASON_OUT_OF_RANGE, "must be 2 to 20",
                             "экспертов не меньше двух");
  }
  absl::flat_hash_set<std::string_view> seen;
  for (int i = 0; i < rules->criteria_size(); ++i) {
    if (seen.insert(rules->criteria(i).code()).second) continue;
    return rpc::InvalidField(Cat("criteria[", i, "].code"), COMMON_REASON_INVALID_REQUEST,
                             "stands twice", "критерий указан дважды");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::programs::version_rules
