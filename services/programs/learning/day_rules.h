// How many hours fit a person's days, over all they learn. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_RULES_H_

#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "rsnms/programs/v1/learning_record.pb.h"

namespace rsnms::programs::day_rules {

// Hours learned on some of the days, both included; nobody says on which.
struct Span {
  absl::CivilDay first, last;
  int hours = 0;
};

// What a record takes of a person's days: as reported once it was, as planned before. Nothing for
// what is not agreed, and for what failed, was cancelled or taken back.
std::optional<Span> SpanOf(const v1::LearningRecord& record);

// Days that would have to hold more than `most` hours each, with `added` among `others`: the hours
// of what lies wholly within them. Nothing when all fit: then the hours can be laid out over the
// days, provided the others could be without it.
std::optional<Span> Overfull(const Span& added, std::vector<Span> others, int most);

}  // namespace rsnms::programs::day_rules

#endif  // RSNMS_SERVICES_PROGRAMS_LEARNING_DAY_RULES_H_
