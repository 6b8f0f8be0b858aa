#include "services/programs/catalogue/review_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "google/api/field_behavior.pb.h"
#include "libs/resource/text.h"
#include "libs/resource/type.h"
#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/names.h"

namespace rsnms::programs::review_rules {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Refuse(v1::ProgramsReason reason, std::string_view text) {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, reason, text);
}
rpc::Error Invalid(v1::ProgramsReason reason, std::string_view path, std::string_view text) {
  return rpc::Error(absl::StatusCode::kInvalidArgument, reason, text).Field(path, text);
}

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

absl::Status CheckMarks(const v1::TrainingRules& rules, const v1::ExpertReview& review) {
  absl::flat_hash_map<std::string_view, int> greatest;
  for (const auto& criterion : rules.criteria()) greatest[criterion.code()] = criterion.max_mark();
  for (int i = 0; i < review.marks_size(); ++i) {
    const v1::CriterionMark& mark = review.marks(i);
    const std::string path = Cat("marks[", i, "]");
    const auto criterion = greatest.find(mark.criterion());
    if (criterion == greatest.end()) {
      return Invalid(v1::PROGRAMS_REASON_CRITERIA_MISMATCH, Cat(path, ".criterion"),
                     "is not one of the rules, or stands twice");
    }
    if (mark.mark() > criterion->second) {
      return Invalid(v1::PROGRAMS_REASON_CRITERIA_MISMATCH, Cat(path, ".mark"),
                     Cat("must be at most ", criterion->second));
    }
    greatest.erase(criterion);
  }
  if (greatest.empty()) return absl::OkStatus();
  return Invalid(v1::PROGRAMS_REASON_CRITERIA_MISMATCH, "marks", "some criteria have no mark")
      .With("missing", std::min_element(greatest.begin(), greatest.end())->first);
}

// One step of a path: `syllabus[1]` is field `syllabus`, element 1.
struct Step {
  std::string_view field;
  int index = -1;
};
bool ReadStep(std::string_view text, Step& step) {
  const size_t bracket = text.find('[');
  step.field = text.substr(0, bracket);
  if (bracket == std::string_view::npos) return true;
  if (text.back() != ']') return false;
  const std::string_view digits = text.substr(bracket + 1, text.size() - bracket - 2);
  return !digits.empty() && digits.size() < 6 &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         absl::SimpleAtoi(resource::ToAbsl(digits), &step.index);
}

}  // namespace

bool IsFieldOf(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  Step step;
  if (!ReadStep(path.substr(0, dot), step)) return false;
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(step.field));
  if (field == nullptr || resource::HasBehavior(*field, google::api::OUTPUT_ONLY)) return false;
  const auto* reflection = message.GetReflection();
  if (step.index >= 0 &&
      (!field->is_repeated() || step.index >= reflection->FieldSize(message, field))) {
    return false;
  }
  if (dot == std::string_view::npos) return true;
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
      (field->is_repeated() && step.index < 0)) {
    return false;
  }
  const Message& inner = field->is_repeated()
                             ? reflection->GetRepeatedMessage(message, field, step.index)
                             : reflection->GetMessage(message, field);
  return IsFieldOf(inner, path.substr(dot + 1));
}

Interest InterestIn(const v1::ProgrammeVersion& version, const v1::TrainingRules& rules,
                    absl::CivilDay created, absl::CivilDay today) {
  Interest interest{.bodies = {version.provider()},
                    .since = std::min(created, today) - rules.conflict_days(),
                    .today = today};
  for (const auto& partner : version.network_partners()) {
    if (!partner.organisation().empty()) interest.bodies.push_back(partner.organisation());
  }
  return interest;
}

absl::Status MayReview(const ExpertFacts& expert, const std::vector<std::string>& writers) {
  if (expert.person.empty() || !expert.registered || !expert.of_programmes) {
    return Refuse(v1::PROGRAMS_REASON_EXPERT_NOT_REGISTERED,
                  "the register of experts has no such expert on programmes");
  }
  if (std::find(writers.begin(), writers.end(), expert.person) != writers.end()) {
    return Refuse(v1::PROGRAMS_REASON_OWN_PROGRAMME, "the expert is or was an author");
  }
  if (expert.employed || expert.declared) {
    return Refuse(v1::PROGRAMS_REASON_CONFLICT_OF_INTEREST,
                  "the expert is bound to the provider or a partner");
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::ExpertReview> NewReview(const v1::AssignExpertRequest& request,
                                           const v1::ProgrammeVersion& version,
                                           const std::string& person,
                                           const google::type::Date& today) {
  if (request.has_due_date() && DayOf(request.due_date()) < DayOf(today)) {
    return Invalid(v1::PROGRAMS_REASON_DATES_OUT_OF_ORDER, "due_date", "lies in the past")
        .ToStatus();
  }
  v1::ExpertReview review;
  review.set_name(request.parent());
  review.set_programme_version(version.name());
  review.set_expert(request.expert());
  review.set_person(person);
  review.set_provider(version.provider());
  review.set_round(version.round());
  review.set_state(v1::ExpertReview::STATE_ASSIGNED);
  *review.mutable_assigned_date() = today;
  if (request.has_due_date()) *review.mutable_due_date() = request.due_date();
  return review;
}

absl::Status CheckOpinion(const v1::TrainingRules& rules, const v1::ProgrammeVersion& version,
                          const v1::ExpertReview& review, absl::CivilDay latest) {
  if (auto s = CheckNotToCome(review.review_date(), latest, "review_date"); !s.ok()) return s;
  if (DayOf(review.review_date()) < DayOf(review.assigned_date())) {
    return Invalid(v1::PROGRAMS_REASON_DATES_OUT_OF_ORDER, "review_date",
                   "lies before the day the opinion was asked for");
  }
  if (auto s = CheckMarks(rules, review); !s.ok()) return s;
  if (review.decision() != v1::REVIEW_DECISION_POSITIVE && review.remarks().empty()) {
    return Invalid(v1::PROGRAMS_REASON_REMARKS_REQUIRED, "remarks", "must say what is wrong");
  }
  for (int i = 0; i < review.remarks_size(); ++i) {
    if (IsFieldOf(version, review.remarks(i).field())) continue;
    return Invalid(v1::PROGRAMS_REASON_REMARK_FIELD_UNKNOWN, Cat("remarks[", i, "].field"),
                   "is no field of this version");
  }
  return absl::OkStatus();
}

absl::Status MayApprove(const v1::TrainingRules& rules, const Reviews& reviews) {
  if (reviews.given > 0 && reviews.positive * 2 <= reviews.given) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_EXPERTISE_NEGATIVE,
                      "not more than half recommend it")
        .With("given", std::to_string(reviews.given))
        .With("positive", std::to_string(reviews.positive));
  }
  if (reviews.positive >= rules.least_experts()) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition,
                    v1::PROGRAMS_REASON_NOT_ENOUGH_POSITIVE_REVIEWS,
                    "fewer experts recommend it than must")
      .With("positive", std::to_string(reviews.positive))
      .With("least", std::to_string(rules.least_experts()));
}

absl::Status MayReject(const Reviews& reviews) {
  if (reviews.given > reviews.positive) return absl::OkStatus();
  return Refuse(v1::PROGRAMS_REASON_EXPERTISE_NOT_NEGATIVE, "no expert is against it");
}

absl::Status CheckApprovalDate(const Reviews& reviews, const google::type::Date& approval_date) {
  if (reviews.last <= DayOf(approval_date)) return absl::OkStatus();
  return Invalid(v1::PROGRAMS_REASON_DATES_OUT_OF_ORDER, "approval_date",
                 "lies before an opinion of the experts");
}

absl::Status CheckNotToCome(const google::type::Date& date, absl::CivilDay latest,
                            std::string_view path) {
  if (DayOf(date) <= latest) return absl::OkStatus();
  return Invalid(v1::PROGRAMS_REASON_DATES_OUT_OF_ORDER, path, "has not come yet");
}

}  // namespace rsnms::programs::review_rules
