#include "services/registry/period_rules.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/rpc/status.h"
#include "rsnms/registry/v1/errors.pb.h"

namespace rsnms::registry {

absl::CivilDay ToCivil(const google::type::Date& date) {
  return absl::CivilDay(date.year(), date.month(), date.day());
}

google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

std::string ToIso(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

absl::CivilDay YearsLater(absl::CivilDay day, int years) {
  // CivilDay normalises 29 February of a common year to 1 March.
  return absl::CivilDay(day.year() + years, day.month(), day.day());
}

int64_t DayNumber(absl::CivilDay day) { return day - absl::CivilDay(1970, 1, 1); }

Period PeriodOf(const google::type::Date& start, const google::type::Date* end) {
  return {.first = DayNumber(ToCivil(start)),
          .last = end == nullptr ? Period::kOpen : DayNumber(ToCivil(*end))};
}

absl::Status CheckOrder(const google::type::Date& start, const google::type::Date* end,
                        std::string_view end_path) {
  if (end == nullptr || ToCivil(*end) >= ToCivil(start)) return absl::OkStatus();
  return rpc::Error(absl::StatusCode::kInvalidArgument, v1::REGISTRY_REASON_END_BEFORE_START,
                    "the end lies before the start")
      .Field(end_path, "must not lie before the start", "Дата окончания раньше даты начала.");
}

void PeriodBook::Put(const std::string& key, const std::string& id, Period period) {
  Remove(key, id);
  entries_[key].push_back({id, period});
}

bool PeriodBook::Clashes(const std::string& key, const std::string& id, Period period) const {
  auto found = entries_.find(key);
  if (found == entries_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Entry& entry) {
    return entry.id != id && entry.period.Overlaps(period);
  });
}

void PeriodBook::Remove(const std::string& key, const std::string& id) {
  auto found = entries_.find(key);
  if (found == entries_.end()) return;
  std::erase_if(found->second, [&](const Entry& entry) { return entry.id == id; });
}

}  // namespace rsnms::registry
