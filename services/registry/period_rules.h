// Dates and periods of whole days, as the registry's rules see them. Pure.
#ifndef RSNMS_SERVICES_REGISTRY_PERIOD_RULES_H_
#define RSNMS_SERVICES_REGISTRY_PERIOD_RULES_H_

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "google/type/date.pb.h"

namespace rsnms::registry {

// A full date; meaningless for a date that is unset.
absl::CivilDay ToCivil(const google::type::Date& date);
google::type::Date ToDate(absl::CivilDay day);
// `2024-03-01`, as PostgreSQL reads dates.
std::string ToIso(const google::type::Date& date);
// The same day `years` later; 29 February becomes 1 March in a year without it.
absl::CivilDay YearsLater(absl::CivilDay day, int years);

// Whole days from `first` to `last`, both included.
struct Period {
  static constexpr int64_t kOpen = std::numeric_limits<int64_t>::max();
  int64_t first;         // days since 1970-01-01
  int64_t last = kOpen;  // kOpen: has not ended

  bool Overlaps(const Period& other) const { return first <= other.last && other.first <= last; }
  bool Contains(int64_t day) const { return first <= day && day <= last; }
};

int64_t DayNumber(absl::CivilDay day);
// An `end` of null means the period is open.
Period PeriodOf(const google::type::Date& start, const google::type::Date* end);

// INVALID_ARGUMENT END_BEFORE_START at `end_path` when `end` is set and lies before `start`.
absl::Status CheckOrder(const google::type::Date& start, const google::type::Date* end,
                        std::string_view end_path);

// Periods that must not overlap when they have the same key: main employments of a person, parents
// of a body, teams of a body. Rows known from the database are put first, candidates are tried
// after.
class PeriodBook {
 public:
  // Records the period under `key`; a row already recorded under `id` is replaced.
  void Put(const std::string& key, const std::string& id, Period period);
  // True when another row's period under `key` overlaps.
  bool Clashes(const std::string& key, const std::string& id, Period period) const;
  void Remove(const std::string& key, const std::string& id);

 private:
  struct Entry {
    std::string id;
    Period period;
  };
  absl::flat_hash_map<std::string, std::vector<Entry>> entries_;
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_PERIOD_RULES_H_
