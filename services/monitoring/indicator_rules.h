// Values of indicators from cells of the cube: exact arithmetic, reasons, small-cell suppression.
// Pure.
#ifndef RSNMS_SERVICES_MONITORING_INDICATOR_RULES_H_
#define RSNMS_SERVICES_MONITORING_INDICATOR_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "rsnms/monitoring/v1/indicator.pb.h"
#include "services/monitoring/fact_rules.h"
#include "services/monitoring/profile_rules.h"

namespace rsnms::monitoring {

// Counts of persons under this are withheld in breakdowns.
inline constexpr int64_t kSmallCell = 5;

// How many subjects of a kind share a set of facts in a municipality (empty: bodies of the region).
struct Cell {
  std::string municipality;
  v1::SubjectKind kind;
  FactMask mask;
  int64_t count;
};

// numerator * 100 / denominator, rounded half up to `places` digits: Percent(2, 3, 2) is "66.67".
// Both are counts, denominator > 0, places 0 to 6.
std::string Percent(int64_t numerator, int64_t denominator, int places);

// What an evaluation needs beside the cells.
struct Situation {
  int year = 0;
  absl::flat_hash_set<std::string> loaded;  // sources read to the end at least once
  bool breakdown = false;                   // the cells are of one municipality
};

// State, reason, numerator, denominator, value, unit, id, clause and title of one indicator over
// the cells given.
v1::IndicatorValue Evaluate(const CompiledIndicator& indicator, const Situation& situation,
                            const std::vector<const Cell*>& cells);

// True when a value of persons would show a group of 1 to 4: in the numerator, the rest, or the
// denominator.
bool IsSmall(int64_t numerator, int64_t denominator);

// Withholds small cells among the values of one indicator, one per municipality. Where one alone
// would be withheld and could be found by subtraction from the region's value, the least of the
// others is withheld too.
void SuppressSmall(const std::vector<v1::IndicatorValue*>& breakdown);

}  // namespace rsnms::monitoring

#endif  // RSNMS_SERVICES_MONITORING_INDICATOR_RULES_H_
