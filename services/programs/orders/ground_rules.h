// What the ground of a line of an order or a plan must say, and the term it sets. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_GROUND_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_GROUND_RULES_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"
#include "rsnms/programs/v1/training_order.pb.h"
#include "rsnms/programs/v1/training_rules.pb.h"

namespace rsnms::programs::ground_rules {

// The name a ground gives lies in the region and is of a kind that shows it (INVALID_NAME), and
// what must have been found already was, by `latest` (OUT_OF_RANGE); at `path` of the line.
absl::Status Check(const v1::OrderLine& line, std::string_view region, absl::CivilDay latest,
                   std::string_view path);

// Whether the ground sets a term, for which the region's rules of its day are wanted.
bool HasTerm(const v1::OrderLine& line);

// The term: `due_date` by the rules, or cleared where the ground sets none.
void SetDue(const v1::TrainingRules& rules, v1::OrderLine* line);

// What must be true when the line is handed in for `year`: LOW_RESULTS say when they were found
// (GROUND_DATE_REQUIRED), and the quarter, or the year of a line for any, begins before the term is
// over (GROUND_TERM_MISSED); at `path`.
absl::Status CheckTerm(const v1::OrderLine& line, int year, std::string_view path);

// Last day to have taught by: of the quarter (0: the year), or `due_date` when that is earlier.
absl::CivilDay LastDay(int year, int quarter, const google::type::Date& due_date);

// `months` later; the month's last day when it has no such day.
absl::CivilDay MonthsAfter(absl::CivilDay day, int months);

}  // namespace rsnms::programs::ground_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_GROUND_RULES_H_
