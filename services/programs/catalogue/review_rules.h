// Opinions of experts: who may give one, what it must hold, when they are enough. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_REVIEW_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_REVIEW_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "google/protobuf/message.h"
#include "rsnms/programs/v1/expert_review.pb.h"
#include "rsnms/programs/v1/programme_version.pb.h"
#include "rsnms/programs/v1/training_rules.pb.h"

namespace rsnms::programs::review_rules {

// Bodies a version is the work of, and the days on which nobody may have worked in one of them and
// review it: the first and the last.
struct Interest {
  std::vector<std::string> bodies;  // the provider, and the partners that are bodies of the region
  absl::CivilDay since, today;
};
Interest InterestIn(const v1::ProgrammeVersion& version, const v1::TrainingRules& rules,
                    absl::CivilDay created, absl::CivilDay today);

// An expert as the registry knows them, and how they stand to the bodies of an interest.
struct ExpertFacts {
  std::string person;       // empty: no such expert
  bool registered = false;  // in the register of experts today
  bool of_programmes = false;
  bool declared = false;  // declared not to review the works of one of them
  bool employed = false;  // worked in one of them on a day of the interest
};

// Opinions given in one round by others than authors; a person's count as one, positive when all
// are.
struct Reviews {
  int given = 0, positive = 0;
  absl::CivilDay last = {};  // day of the last one; 1970 when there is none
};

// FAILED_PRECONDITION EXPERT_NOT_REGISTERED, OWN_PROGRAMME (among `writers`: persons who are or
// were authors of any version of the programme), CONFLICT_OF_INTEREST.
absl::Status MayReview(const ExpertFacts& expert, const std::vector<std::string>& writers);

// A review as it is asked for. INVALID_ARGUMENT DATES_OUT_OF_ORDER for a term in the past.
absl::StatusOr<v1::ExpertReview> NewReview(const v1::AssignExpertRequest& request,
                                           const v1::ProgrammeVersion& version,
                                           const std::string& person,
                                           const google::type::Date& today);

// INVALID_ARGUMENT CRITERIA_MISMATCH (each criterion of the rules once, none else, up to its
// greatest mark), REMARKS_REQUIRED, REMARK_FIELD_UNKNOWN, DATES_OUT_OF_ORDER (before it was asked
// for, or after `latest`, the last day that has begun anywhere).
absl::Status CheckOpinion(const v1::TrainingRules& rules, const v1::ProgrammeVersion& version,
                          const v1::ExpertReview& review, absl::CivilDay latest);

// FAILED_PRECONDITION NOT_ENOUGH_POSITIVE_REVIEWS, EXPERTISE_NEGATIVE.
absl::Status MayApprove(const v1::TrainingRules& rules, const Reviews& reviews);

// FAILED_PRECONDITION EXPERTISE_NOT_NEGATIVE: nobody has anything against it.
absl::Status MayReject(const Reviews& reviews);

// INVALID_ARGUMENT DATES_OUT_OF_ORDER: the act of approval lies before an opinion it rests on.
absl::Status CheckApprovalDate(const Reviews& reviews, const google::type::Date& approval_date);

// INVALID_ARGUMENT DATES_OUT_OF_ORDER: what is recorded as done lies after `latest`.
absl::Status CheckNotToCome(const google::type::Date& date, absl::CivilDay latest,
                            std::string_view path);

// Whether `path` names a field of the message, elements by index within what is there:
// `syllabus[1].modules[0].hours`. Computed fields are none to remark on.
bool IsFieldOf(const google::protobuf::Message& message, std::string_view path);

}  // namespace rsnms::programs::review_rules

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_REVIEW_RULES_H_
