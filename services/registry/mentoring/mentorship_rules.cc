#include "services/registry/mentoring/mentorship_rules.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "libs/resource/text.h"
#include "libs/rpc/status.h"
#include "rsnms/options/v1/errors.pb.h"
#include "rsnms/registry/v1/errors.pb.h"
#include "services/registry/period_rules.h"

namespace rsnms::registry {
namespace {

using resource::Cat;

absl::Status Missing(std::string_view path, std::string_view russian) {
  return rpc::InvalidField(path, options::v1::COMMON_REASON_REQUIRED_FIELD_MISSING,
                           Cat(path, " is needed in this state"), russian);
}

absl::Status Fixed() {
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::REGISTRY_REASON_MENTORSHIP_FIXED,
                    "the mentorship has begun");
}

bool Passed(const v1::Mentorship& mentorship, v1::MentorshipState state) {
  const auto& steps = mentorship.passed_steps();
  return std::find(steps.begin(), steps.end(), state) != steps.end();
}

absl::Status CheckPeople(const v1::Mentorship& mentorship) {
  absl::flat_hash_set<std::string> mentors;
  for (const std::string& mentor : mentorship.mentors()) {
    if (!mentors.insert(mentor).second) {
      return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_REPEATED_MEMBER,
                        "a mentor is named twice")
          .Field("mentors", "names somebody twice");
    }
  }
  absl::flat_hash_set<std::string> mentees;
  for (const std::string& mentee : mentorship.mentees()) {
    if (mentors.contains(mentee)) {
      return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_OWN_MENTOR,
                        "nobody is their own mentor")
          .Field("mentees", "names a mentor");
    }
    if (!mentees.insert(mentee).second) {
      return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_REPEATED_MEMBER,
                        "a mentee is named twice")
          .Field("mentees", "names somebody twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBases(const v1::Mentorship& mentorship) {
  const auto state = mentorship.state();
  if (state == v1::MENTORSHIP_STATE_MENTEES_BASED && mentorship.mentees().empty())
    return Missing("mentees", "укажите наставляемых");
  if ((state == v1::MENTORSHIP_STATE_MENTORS_BASED || state == v1::MENTORSHIP_STATE_TRAINED) &&
      mentorship.mentors().empty())
    return Missing("mentors", "укажите наставников");
  return absl::OkStatus();
}

absl::Status CheckDates(const v1::Mentorship& mentorship) {
  const google::type::Date* end = mentorship.has_end_date() ? &mentorship.end_date() : nullptr;
  if (auto s = CheckOrder(mentorship.start_date(), end, "end_date"); !s.ok()) return s;
  const bool dissolved_at_work = mentorship.state() == v1::MENTORSHIP_STATE_DISSOLVED &&
                                 Passed(mentorship, v1::MENTORSHIP_STATE_WORKING);
  if (dissolved_at_work && end == nullptr) return Missing("end_date", "укажите последний день");
  if (!mentorship.has_interim_review_date()) return absl::OkStatus();
  const int64_t review = DayNumber(ToCivil(mentorship.interim_review_date()));
  if (PeriodOf(mentorship.start_date(), end).Contains(review) ||
      mentorship.state() != v1::MENTORSHIP_STATE_INTERIM_ANALYSED)
    return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_OUTSIDE_MENTORSHIP,
                    "the analysis lies outside the mentorship")
      .Field("interim_review_date", "lies outside the mentorship");
}

// Outside the steps nothing of a mentorship at work or over changes.
absl::Status CheckFixed(const v1::Mentorship& before, const v1::Mentorship& after) {
  if (IsPreparing(before.state()) || before.state() != after.state()) return absl::OkStatus();
  v1::Mentorship bare[] = {before, after};
  for (v1::Mentorship& image : bare) {
    image.clear_etag();
    image.clear_update_time();
    image.clear_municipality();  // follows the body
  }
  return google::protobuf::util::MessageDifferencer::Equals(bare[0], bare[1]) ? absl::OkStatus()
                                                                              : Fixed();
}

// A correction may lengthen a mentorship; an early end only shortens it.
absl::Status CheckDissolution(const v1::Mentorship& before, const v1::Mentorship& after) {
  if (after.state() != v1::MENTORSHIP_STATE_DISSOLVED || before.state() == after.state() ||
      !before.has_end_date() || ToCivil(after.end_date()) <= ToCivil(before.end_date()))
    return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_OUTSIDE_MENTORSHIP,
                    "an early end lies within the mentorship")
      .Field("end_date", "lies outside the mentorship");
}

// Steps that are warned about when a later one is made without them.
bool IsStep(int state) {
  return state != v1::MENTORSHIP_STATE_UNSPECIFIED && state != v1::MENTORSHIP_STATE_CORRECTED &&
         state != v1::MENTORSHIP_STATE_DISSOLVED;
}

void NoteStep(v1::Mentorship& mentorship) {
  if (!Passed(mentorship, mentorship.state())) mentorship.add_passed_steps(mentorship.state());
  int furthest = 0;
  for (const int step : mentorship.passed_steps())
    if (IsStep(step)) furthest = std::max(furthest, step);
  mentorship.clear_skipped_steps();
  for (int step = 1; step < furthest; ++step) {
    const auto state = static_cast<v1::MentorshipState>(step);
    if (IsStep(step) && !Passed(mentorship, state)) mentorship.add_skipped_steps(state);
  }
}

std::string Range(int min, bool limited, int max) {
  if (!limited) return absl::StrCat("от ", min);
  return min == max ? absl::StrCat(min) : absl::StrCat("от ", min, " до ", max);
}

}  // namespace

bool IsPreparing(v1::MentorshipState state) {
  return state <= v1::MENTORSHIP_STATE_DOCUMENTED;  // numbers follow the steps
}

bool IsAlive(v1::MentorshipState state) { return state < v1::MENTORSHIP_STATE_FINISHED; }

bool IsFormed(const v1::Mentorship& mentorship) {
  if (mentorship.state() == v1::MENTORSHIP_STATE_DISSOLVED)
    return Passed(mentorship, v1::MENTORSHIP_STATE_WORKING);
  return mentorship.state() >= v1::MENTORSHIP_STATE_PAIRED;
}

absl::Status CheckMentorship(const v1::Mentorship* before, v1::Mentorship& after) {
  NoteStep(after);
  for (auto check : {&CheckPeople, &CheckBases, &CheckDates}) {
    if (auto s = check(after); !s.ok()) return s;
  }
  if (before == nullptr) return absl::OkStatus();
  if (auto s = CheckFixed(*before, after); !s.ok()) return s;
  return CheckDissolution(*before, after);
}

absl::Status MayDelete(const v1::Mentorship& mentorship) {
  return IsPreparing(mentorship.state()) ? absl::OkStatus() : Fixed();
}

absl::Status FitsModel(const v1::MentoringModelCard& model, const v1::Mentorship& mentorship) {
  if (mentorship.state() == v1::MENTORSHIP_STATE_DISSOLVED) return absl::OkStatus();
  const int mentors = mentorship.mentors_size(), mentees = mentorship.mentees_size();
  const bool formed = IsFormed(mentorship);
  if ((model.has_mentors_max() && mentors > model.mentors_max()) ||
      (model.has_mentees_max() && mentees > model.mentees_max()) ||
      (formed && (mentors < model.mentors_min() || mentees < model.mentees_min()))) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_GROUP_SIZE_MISMATCH,
                      "the numbers of people do not fit the model")
        .Russian(absl::StrCat(
            "Модель требует: наставников ",
            Range(model.mentors_min(), model.has_mentors_max(), model.mentors_max()),
            ", наставляемых ",
            Range(model.mentees_min(), model.has_mentees_max(), model.mentees_max()), "."));
  }
  if (mentorship.state() != v1::MENTORSHIP_STATE_WORKING) return absl::OkStatus();
  if ((model.end_date_needed() && !mentorship.has_end_date()) ||
      (model.goals_needed() && mentorship.goals().empty()) ||
      (model.schedule_needed() && mentorship.schedule().empty())) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::REGISTRY_REASON_MENTORSHIP_INCOMPLETE,
                      "the model needs a last day, goals or a schedule");
  }
  return absl::OkStatus();
}

absl::Status MayJoin(const v1::Mentorship& mentorship) {
  if (IsPreparing(mentorship.state())) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kFailedPrecondition, options::v1::COMMON_REASON_INVALID_STATE,
                    "the participants have begun to work");
}

absl::Status CheckMentorSchool(const v1::MentorSchool& school) {
  if (!school.has_admit_date()) return absl::OkStatus();
  return CheckOrder(school.admit_date(), school.has_leave_date() ? &school.leave_date() : nullptr,
                    "leave_date");
}

}  // namespace rsnms::registry
