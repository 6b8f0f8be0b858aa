#include "services/programs/orders/ground_rules.h"

#include <algorithm>
#include <string>
#include <vector>

#include "libs/rpc/status.h"
#include "rsnms/programs/v1/errors.pb.h"
#include "services/programs/catalogue/days.h"
#include "services/programs/names.h"

namespace rsnms::programs::ground_rules {
namespace {

absl::CivilDay DayOf(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

// Collections whose resources show the ground.
std::vector<std::string_view> ShownBy(v1::OrderGround ground) {
  switch (ground) {
    case v1::ORDER_GROUND_DEFICIT:
      return {"campaigns", "results", "routes"};
    case v1::ORDER_GROUND_ATTESTATION:
      return {"qualifications"};
    case v1::ORDER_GROUND_RESERVE:
      return {"reserveCandidates"};
    case v1::ORDER_GROUND_APPOINTMENT:
      return {"appointments", "employments"};
    case v1::ORDER_GROUND_LOW_RESULTS:
      return {"indicatorValues", "researchRequests", "documents"};
    default:
      return {};
  }
}

absl::Status CheckResource(const v1::OrderLine& line, std::string_view region,
                           std::string_view path) {
  const std::string& name = line.ground_resource();
  if (name.empty()) return absl::OkStatus();
  for (const std::string_view collection : ShownBy(line.ground())) {
    if (!IdOf(name).empty() && name == NameOf(region, collection, IdOf(name))) {
      return absl::OkStatus();
    }
  }
  return rpc::InvalidField(Cat(path, ".ground_resource"), options::v1::COMMON_REASON_INVALID_NAME,
                           "must be of the region, and of a kind that shows the ground",
                           "имя должно принадлежать региону и подходить к основанию");
}

// Deficits and low results are found before somebody is trained for them.
bool IsFound(v1::OrderGround ground) {
  return ground == v1::ORDER_GROUND_DEFICIT || ground == v1::ORDER_GROUND_LOW_RESULTS;
}

}  // namespace

absl::Status Check(const v1::OrderLine& line, std::string_view region, absl::CivilDay latest,
                   std::string_view path) {
  if (auto s = CheckResource(line, region, path); !s.ok()) return s;
  if (!line.has_ground_date() || !IsFound(line.ground()) || DayOf(line.ground_date()) <= latest) {
    return absl::OkStatus();
  }
  return rpc::InvalidField(Cat(path, ".ground_date"), options::v1::COMMON_REASON_OUT_OF_RANGE,
                           "must not be to come", "дата выявления ещё не наступила");
}

bool HasTerm(const v1::OrderLine& line) {
  if (!line.has_ground_date()) return false;
  return line.ground() == v1::ORDER_GROUND_LOW_RESULTS ||
         line.ground() == v1::ORDER_GROUND_ATTESTATION ||
         (line.ground() == v1::ORDER_GROUND_APPOINTMENT &&
          line.listener_category() == v1::LISTENER_CATEGORY_YOUNG_SPECIALIST);
}

absl::CivilDay MonthsAfter(absl::CivilDay day, int months) {
  const absl::CivilMonth month = absl::CivilMonth(day) + months;
  return std::min(absl::CivilDay(month) + (day.day() - 1), absl::CivilDay(month + 1) - 1);
}

void SetDue(const v1::TrainingRules& rules, v1::OrderLine* line) {
  line->clear_due_date();
  if (!HasTerm(*line)) return;
  const absl::CivilDay day = DayOf(line->ground_date());
  const int months = line->ground() == v1::ORDER_GROUND_LOW_RESULTS ? rules.low_results_months()
                     : line->ground() == v1::ORDER_GROUND_APPOINTMENT
                         ? rules.first_training_months()
                         : 0;
  *line->mutable_due_date() = ToDate(MonthsAfter(day, months));
}

absl::Status CheckTerm(const v1::OrderLine& line, int year, std::string_view path) {
  if (line.ground() == v1::ORDER_GROUND_LOW_RESULTS && !line.has_ground_date()) {
    return rpc::Error(absl::StatusCode::kFailedPrecondition,
                      v1::PROGRAMS_REASON_GROUND_DATE_REQUIRED,
                      "low results are answered within a term from the day they were found")
        .Field(Cat(path, ".ground_date"), "is missing", "не указана дата выявления");
  }
  const int first_month = line.quarter() == 0 ? 1 : line.quarter() * 3 - 2;
  if (!line.has_due_date() || absl::CivilDay(year, first_month, 1) <= DayOf(line.due_date())) {
    return absl::OkStatus();
  }
  return rpc::Error(absl::StatusCode::kFailedPrecondition, v1::PROGRAMS_REASON_GROUND_TERM_MISSED,
                    "training is wanted after the term its ground sets")
      .Field(Cat(path, ".quarter"),
             Cat("begins after ", absl::FormatCivilTime(DayOf(line.due_date()))),
             Cat("позже срока ", absl::FormatCivilTime(DayOf(line.due_date()))));
}

absl::CivilDay LastDay(int year, int quarter, const google::type::Date& due_date) {
  const int last_month = quarter == 0 ? 12 : quarter * 3;
  const absl::CivilDay last = absl::CivilDay(year, last_month + 1, 1) - 1;  // 13 is January
  return due_date.year() == 0 ? last : std::min(last, DayOf(due_date));
}

}  // namespace rsnms::programs::ground_rules
