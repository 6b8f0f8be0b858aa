// What must hold inside one order of training, and between its line and an enrolment. Pure.
#ifndef RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_RULES_H_
#define RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_RULES_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "libs/resource/engine.h"
#include "rsnms/programs/v1/enrolment.pb.h"
#include "rsnms/programs/v1/training_order.pb.h"

namespace rsnms::programs::order_rules {

// The rule of every write: CUSTOMER_REQUIRED, LINE_SUBJECT_REQUIRED, REPEATED_LINE, ORDER_FROZEN
// for what people change after handing it in, ORDER_EMPTY, GROUND_DATE_REQUIRED, GROUND_TERM_MISSED
// (ground_rules::CheckTerm), OUT_OF_RANGE for days in the wrong order. Forgets the reason of a
// return once the order is handed in again.
absl::Status Check(resource::Change change, const v1::TrainingOrder* before,
                   v1::TrainingOrder* after);

// OUT_OF_RANGE for a step made on a day to come: orders are approved and executed by documents that
// exist. `latest` is the last day that has begun (LatestDay).
absl::Status CheckNotToCome(const v1::TrainingOrder* before, const v1::TrainingOrder& after,
                            absl::CivilDay latest);

// What a line asks for is named, lies in the region and is named once: LINE_SUBJECT_REQUIRED,
// INVALID_NAME, INVALID_REQUEST, at `path`.
absl::Status CheckSubject(const v1::OrderLine& line, std::string_view region,
                          std::string_view path);

// The line of this id; null when there is none.
const v1::OrderLine* FindLine(const v1::TrainingOrder& order, std::string_view id);

// Whether the enrolment may carry out a line of the order, places aside: ORDER_NOT_OPEN,
// ORDER_LINE_MISMATCH. Answers the line.
absl::StatusOr<const v1::OrderLine*> LineFor(const v1::TrainingOrder& order,
                                             const v1::Enrolment& enrolment);

// Whether people write the order still.
bool IsEditable(v1::TrainingOrder::State state);

// Computes `free`, never negative, the day to have taught by, and what is overdue as of `day`.
void Conclude(const v1::TrainingOrder& order, const v1::OrderLine& line, absl::CivilDay day,
              v1::OrderLineExecution* told);

// Whether the order may end: ORDER_HAS_LEARNERS; for EXECUTED also ORDER_NOT_EXECUTED, which names
// the lines.
absl::Status MayEnd(const v1::TrainingOrder& order, const v1::TrainingOrderExecution& execution);

}  // namespace rsnms::programs::order_rules

#endif  // RSNMS_SERVICES_PROGRAMS_ORDERS_ORDER_RULES_H_
