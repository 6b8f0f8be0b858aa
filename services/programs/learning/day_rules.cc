#include "services/programs/learning/day_rules.h"

#include <algorithm>
#include <cstdint>

#include "services/programs/learning/written.h"

namespace rsnms::programs::day_rules {
namespace {

using Record = v1::LearningRecord;

constexpr int kHoursOfDay = 24;

// Hours of the spans that begin on `first` or later, added up by their last days. `spans` are in
// the order of those. Days that end before `until` were asked about before.
std::optional<Span> OverfullFrom(absl::CivilDay first, absl::CivilDay until,
                                 const std::vector<Span>& spans, int most) {
  int64_t hours = 0;
  for (const Span& span : spans) {
    if (span.first < first) continue;
    hours += span.hours;
    if (span.last >= until && hours > int64_t{most} * (span.last - first + 1)) {
      return Span{first, span.last, static_cast<int>(hours)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Span> SpanOf(const Record& record) {
  switch (record.state()) {
    case Record::STATE_AGREED:
    case Record::STATE_IN_PROGRESS:
    case Record::STATE_REPORTED:
    case Record::STATE_ACCEPTED:
      break;
    default:
      return std::nullopt;
  }
  const bool reported = record.has_completion_date();
  const Span span{learning::ToCivil(record.start_date()),
                  learning::ToCivil(reported ? record.completion_date() : record.end_date()),
                  reported ? record.completed_hours() : record.hours()};
  // Refused by the record's own rule.
  const bool possible =
      span.last >= span.first && span.hours <= kHoursOfDay * (span.last - span.first + 1);
  return possible ? std::optional<Span>(span) : std::nullopt;
}

std::optional<Span> Overfull(const Span& added, std::vector<Span> others, int most) {
  others.push_back(added);
  std::sort(others.begin(), others.end(),
            [](const Span& a, const Span& b) { return a.last < b.last; });
  std::vector<absl::CivilDay> firsts;
  for (const Span& span : others) {
    if (span.first <= added.first) firsts.push_back(span.first);
  }
  std::sort(firsts.begin(), firsts.end(), std::greater<>());
  firsts.erase(std::unique(firsts.begin(), firsts.end()), firsts.end());
  for (const absl::CivilDay first : firsts) {
    if (auto overfull = OverfullFrom(first, added.last, others, most)) return overfull;
  }
  return std::nullopt;
}

}  // namespace rsnms::programs::day_rules
