#include "services/registry/practices/practice_rules.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_format.h"
#include "libs/rpc/status.h"
#include "services/registry/frozen.h"
#include "services/registry/pending.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Change;
using Assignment = v1::ExpertAssignment;
using Practice = v1::Practice;
using Publication = v1::Publication;

bool IsConfirmed(Practice::State state) {
  return state == Practice::STATE_CONFIRMED || state == Practice::STATE_PUBLISHED ||
         state == Practice::STATE_INTRODUCED;
}

bool IsOpenToAuthors(Practice::State state) {
  return state == Practice::STATE_SUBMITTED || state == Practice::STATE_RETURNED;
}

absl::Status CheckDistinct(const google::protobuf::RepeatedPtrField<std::string>& people,
                           std::string_view path) {
  absl::flat_hash_set<std::string_view> seen;
  for (const std::string& person : people) {
    if (!seen.insert(person).second) {
      return Invalid(v1::REGISTRY_REASON_REPEATED_MEMBER, path, "must not repeat");
    }
  }
  return absl::OkStatus();
}

std::string FieldColumn(v1::ExpertField field) {
  return v1::ExpertField_Name(field).substr(sizeof("EXPERT_FIELD_") - 1);
}

bool NeedsReview(v1::PublicationKind kind) {
  return kind == v1::PUBLICATION_KIND_SELF_STUDY || kind == v1::PUBLICATION_KIND_MATERIAL;
}

// Who takes part in a project may change while it runs; what was approved may not.
absl::Status CheckProjectFrozen(Change change, const v1::Project* before,
                                const v1::Project& after) {
  using v1::Project;
  if (before == nullptr || before->state() == Project::STATE_PROPOSED) return absl::OkStatus();
  const bool runs =
      before->state() == Project::STATE_APPROVED || before->state() == Project::STATE_RUNNING;
  if (!runs || change == Change::kDelete) {
    const bool rejected = before->state() == Project::STATE_REJECTED && change == Change::kDelete;
    return CheckFrozen(change, before, after, rejected);
  }
  Project same = after;
  *same.mutable_participants() = before->participants();
  *same.mutable_team() = before->team();
  same.set_curator(before->curator());
  return CheckFrozen(change, before, same, /*editable=*/false);
}

bool NamesSubject(const Assignment& assignment) {
  switch (assignment.field()) {
    case v1::EXPERT_FIELD_PRACTICE:
      return !assignment.practice().empty();
    case v1::EXPERT_FIELD_CONTEST_JURY:
      return !assignment.contest().empty();
    default:
      return !assignment.subject().empty();
  }
}

}  // namespace

v1::PracticeLevel LevelOfScore(const v1::ExpertiseRule& rule, int64_t sum, int count) {
  if (sum >= static_cast<int64_t>(rule.highest_score()) * count) return v1::PRACTICE_LEVEL_HIGHEST;
  if (sum >= static_cast<int64_t>(rule.advanced_score()) * count) {
    return v1::PRACTICE_LEVEL_ADVANCED;
  }
  return v1::PRACTICE_LEVEL_BASE;
}

absl::Status ConfirmByReviews(const v1::ExpertiseRule& rule, const Reviews& reviews,
                              Practice& practice) {
  if (reviews.count < std::max(1, rule.least_experts())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_TOO_FEW_EXPERTS,
                      "fewer experts reviewed it than must")
        .With("reviewed", std::to_string(reviews.count))
        .With("least", std::to_string(rule.least_experts()));
  }
  if (reviews.approvals * 2 <= reviews.count) {
    return Refuse(v1::REGISTRY_REASON_REVIEW_NEGATIVE, "not more than half approve");
  }
  // Hundredths, rounded half up: 87.5 is "87.50".
  const int64_t hundredths = (reviews.score_sum * 200 + reviews.count) / (2 * reviews.count);
  practice.mutable_score()->set_value(
      absl::StrFormat("%d.%02d", hundredths / 100, hundredths % 100));
  practice.set_expert_count(reviews.count);
  practice.set_level(LevelOfScore(rule, reviews.score_sum, reviews.count));
  return absl::OkStatus();
}

absl::Status CheckPractice(Change change, const Practice* before, Practice& after) {
  if (before == nullptr) {
    after.set_round(1);
    return CheckDistinct(after.authors(), "authors");
  }
  const bool moved = before->state() != after.state() || before->stage() != after.stage();
  const bool edits = change == Change::kDelete || (change == Change::kUpdate && !moved);
  if (edits && !IsOpenToAuthors(before->state())) {
    return Refuse(v1::REGISTRY_REASON_PRACTICE_FROZEN, "the practice is under review or reviewed");
  }
  if (change == Change::kDelete) return absl::OkStatus();
  const bool resubmitted =
      before->state() == Practice::STATE_RETURNED && after.state() == Practice::STATE_SUBMITTED;
  after.set_round(before->round() + (resubmitted ? 1 : 0));
  const bool spreads = before->stage() != after.stage() && after.stage() >= Practice::STAGE_SPREAD;
  if (spreads && !IsConfirmed(after.state())) {
    return Refuse(v1::REGISTRY_REASON_PRACTICE_NOT_CONFIRMED, "experts have not confirmed it");
  }
  return CheckDistinct(after.authors(), "authors");
}

absl::Status CheckSpread(const PracticeFacts& practice, const v1::PracticeSpread* before,
                         v1::PracticeSpread& after) {
  if (before == nullptr && !IsConfirmed(practice.state)) {
    return Refuse(v1::REGISTRY_REASON_PRACTICE_NOT_CONFIRMED, "experts have not confirmed it");
  }
  const bool shown = before != nullptr && before->state() >= v1::PracticeSpread::STATE_DEFENDED;
  if (auto s = CheckFrozen(Change::kUpdate, before, after, !shown); !s.ok()) return s;
  after.clear_recognised_level();
  if (after.state() != v1::PracticeSpread::STATE_RECOGNISED) return absl::OkStatus();
  const bool district_defence =
      after.form() == v1::EVENT_FORM_DEFENCE && after.level() == v1::ACTIVITY_LEVEL_DISTRICT;
  after.set_recognised_level(district_defence ? v1::ACTIVITY_LEVEL_REGION : after.level());
  return absl::OkStatus();
}

absl::Status CheckNewAssignment(const ExpertFacts& expert, const PracticeFacts* practice,
                                const Conflict& conflict, const Assignment& assignment) {
  if (expert.deleted || expert.state != v1::Expert::STATE_REGISTERED) {
    return Refuse(v1::REGISTRY_REASON_EXPERT_NOT_REGISTERED, "the expert is not in the register");
  }
  const std::string field = FieldColumn(assignment.field());
  if (std::find(expert.fields.begin(), expert.fields.end(), field) == expert.fields.end()) {
    return Refuse(v1::REGISTRY_REASON_EXPERT_FIELD_MISMATCH, "not one of the expert's fields");
  }
  if (!NamesSubject(assignment)) {
    return Invalid(v1::REGISTRY_REASON_REVIEW_SUBJECT_REQUIRED, "subject",
                   "must say what is reviewed");
  }
  if (practice == nullptr) return absl::OkStatus();
  if (conflict.author) {
    return Refuse(v1::REGISTRY_REASON_OWN_PRACTICE, "the expert is an author");
  }
  if (conflict.employed || conflict.declared) {
    return Refuse(v1::REGISTRY_REASON_CONFLICT_OF_INTEREST,
                  "the expert is bound to the organisation");
  }
  if (practice->state != Practice::STATE_EXPERT_REVIEW) {
    return Refuse(v1::REGISTRY_REASON_PRACTICE_NOT_UNDER_REVIEW, "the practice is not in review");
  }
  return absl::OkStatus();
}

absl::Status CheckAssignment(Change change, const Assignment* before, const Assignment& after) {
  const bool edits =
      before != nullptr && (change == Change::kDelete ||
                            (change == Change::kUpdate && before->state() == after.state()));
  if (!edits || before->state() != Assignment::STATE_REVIEWED) return absl::OkStatus();
  return Refuse(v1::REGISTRY_REASON_OPINION_FROZEN, "the opinion is given");
}

absl::Status CheckPublication(Change change, const Publication* before, Publication& after) {
  if (auto s = CheckFrozen(change, before, after,
                           before == nullptr || before->state() <= Publication::STATE_REVIEWED);
      !s.ok()) {
    return s;
  }
  if (change == Change::kDelete) return absl::OkStatus();
  after.set_counts_as_training(after.main_field() &&
                               after.edition_level() >= v1::ACTIVITY_LEVEL_FEDERAL);
  if (auto s = CheckDistinct(after.authors(), "authors"); !s.ok()) return s;
  if (before == nullptr) return absl::OkStatus();
  if (NeedsReview(before->kind()) && !NeedsReview(after.kind())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_REVIEW_REQUIRED,
                      "a kind that is reviewed does not become one that is not")
        .Field("kind", "needs a review", "вид, требующий рассмотрения, не меняется на другой");
  }
  if (before->state() == after.state() && before->state() == Publication::STATE_REVIEWED &&
      !CheckFrozen(change, before, after, /*editable=*/false).ok()) {
    after.set_state(Publication::STATE_PREPARED);  // the review was of something else
    after.clear_review_document();
  }
  const bool published =
      before->state() != after.state() && after.state() == Publication::STATE_PUBLISHED;
  if (published && NeedsReview(after.kind()) && before->state() != Publication::STATE_REVIEWED) {
    return Refuse(v1::REGISTRY_REASON_REVIEW_REQUIRED, "it is not reviewed");
  }
  return absl::OkStatus();
}

absl::Status CheckProject(Change change, const v1::Project* before, const v1::Project& after) {
  if (auto s = CheckProjectFrozen(change, before, after); !s.ok()) return s;
  if (change == Change::kDelete) return absl::OkStatus();
  if (auto s = CheckOrder(after.start_date(), &after.end_date(), "end_date"); !s.ok()) return s;
  const bool starts = before != nullptr && before->state() == v1::Project::STATE_APPROVED &&
                      after.state() == v1::Project::STATE_RUNNING;
  if (starts && after.curator().empty()) {
    return Refuse(v1::REGISTRY_REASON_CURATOR_REQUIRED, "nobody curates the project");
  }
  return absl::OkStatus();
}

}  // namespace rsnms::registry
