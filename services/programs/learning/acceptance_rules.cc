#include "services/programs/learning/acceptance_rules.h"

#include "services/programs/learning/written.h"

namespace rsnms::programs::acceptance_rules {
namespace {

using learning::Invalid;
using learning::Refuse;
using learning::ToCivil;
using resource::Change;
using Acceptance = v1::PracticeAcceptance;

constexpr absl::CivilDay kNever(9999, 12, 31);

bool IsLoose(Acceptance::State state) {
  return state == Acceptance::STATE_DRAFT || state == Acceptance::STATE_RETURNED;
}

absl::Status CheckWritten(const Acceptance& acceptance) {
  if (auto s = CheckSubject(acceptance); !s.ok()) return s;
  if (acceptance.observer() == acceptance.person()) {
    return Invalid(v1::PROGRAMS_REASON_SUPERVISOR_IS_LEARNER, "observer",
                   "must be another person than the learner");
  }
  if (auto s = learning::CheckCompetencies(acceptance.competencies()); !s.ok()) return s;
  return learning::CheckBetween(acceptance.shown_date(), ToCivil(acceptance.learned_date()), kNever,
                                "shown_date");
}

absl::Status OtherPerson(std::string_view path) {
  return Invalid(v1::PROGRAMS_REASON_SUBJECT_MISMATCH, path, "is another person's");
}

}  // namespace

absl::Status CheckSubject(const Acceptance& acceptance) {
  if (acceptance.completion().empty() != acceptance.learning_record().empty()) {
    return absl::OkStatus();
  }
  return Invalid(v1::PROGRAMS_REASON_SUBJECT_REQUIRED, "completion",
                 "either it or learning_record is given");
}

absl::Status TakeFrom(const v1::Completion& completion, Acceptance* acceptance) {
  if (completion.person() != acceptance->person()) return OtherPerson("completion");
  if (completion.voided()) {
    return Refuse(v1::PROGRAMS_REASON_COMPLETION_NOT_VALID, "the completion was taken back");
  }
  *acceptance->mutable_learned_date() = completion.completion_date();
  acceptance->set_route(completion.route());
  acceptance->set_route_item_id(completion.route_item_id());
  return absl::OkStatus();
}

absl::Status TakeFrom(const v1::LearningRecord& record, Acceptance* acceptance) {
  if (record.person() != acceptance->person()) return OtherPerson("learning_record");
  if (record.state() != v1::LearningRecord::STATE_ACCEPTED) {
    return Refuse(v1::PROGRAMS_REASON_LEARNING_NOT_ACCEPTED, "its results are not accepted");
  }
  *acceptance->mutable_learned_date() = record.completion_date();
  acceptance->set_route(record.route());
  acceptance->set_route_item_id(record.route_item_id());
  return absl::OkStatus();
}

absl::Status Check(Change change, const Acceptance* before, Acceptance* after,
                   absl::CivilDay latest) {
  if (change == Change::kUndelete) return absl::OkStatus();
  if (change == Change::kDelete) {
    return before->state() == Acceptance::STATE_DRAFT ? absl::OkStatus() : learning::Frozen();
  }
  const bool edits = before == nullptr || learning::WrittenDiffers(*before, *after);
  if (before != nullptr && edits && !IsLoose(before->state())) return learning::Frozen();
  if (edits) {
    if (auto s = CheckWritten(*after); !s.ok()) return s;
  }
  if (before == nullptr || before->state() == after->state()) return absl::OkStatus();
  const absl::CivilDay shown = ToCivil(after->shown_date());
  if (after->state() == Acceptance::STATE_ACCEPTED) {
    return learning::CheckBetween(after->acceptance_date(), shown, latest, "acceptance_date");
  }
  if (after->state() != Acceptance::STATE_SUBMITTED) return absl::OkStatus();
  after->clear_state_reason();
  if (after->evidence().empty() && after->evidence_url().empty()) {
    return Refuse(v1::PROGRAMS_REASON_EVIDENCE_REQUIRED, "neither words nor a link show it");
  }
  return learning::CheckBetween(after->shown_date(), ToCivil(after->learned_date()), latest,
                                "shown_date");
}

}  // namespace rsnms::programs::acceptance_rules
