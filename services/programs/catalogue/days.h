// Days of the catalogue.
#ifndef RSNMS_SERVICES_PROGRAMS_CATALOGUE_DAYS_H_
#define RSNMS_SERVICES_PROGRAMS_CATALOGUE_DAYS_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/type/date.pb.h"

namespace rsnms::programs {

// The day of the register, Moscow's.
inline absl::CivilDay RegisterDay(absl::Time now) {
  return absl::ToCivilDay(now, absl::FixedTimeZone(3 * 60 * 60));
}

// The last day that has begun somewhere in Russia: what is dated later has not happened.
inline absl::CivilDay LatestDay(absl::Time now) {
  return absl::ToCivilDay(now, absl::FixedTimeZone(12 * 60 * 60));
}

inline google::type::Date ToDate(absl::CivilDay day) {
  google::type::Date date;
  date.set_year(static_cast<int>(day.year()));
  date.set_month(day.month());
  date.set_day(day.day());
  return date;
}

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_CATALOGUE_DAYS_H_
