#include "tests/bench/measure.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace rsnms::bench {

double Median(int rounds, const std::function<double()>& measure) {
  std::vector<double> results;
  for (int i = 0; i < rounds; ++i) results.push_back(measure());
  std::sort(results.begin(), results.end());
  return results[results.size() / 2];
}

double Seconds(const std::function<void()>& job) {
  const absl::Time begin = absl::Now();
  job();
  return absl::ToDoubleSeconds(absl::Now() - begin);
}

std::string Report(const std::vector<Figure>& figures) {
  const double gib = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                     static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);
  std::string text =
      absl::StrFormat("Machine: %d cores, %.0f GiB.\n\n", sysconf(_SC_NPROCESSORS_ONLN), gib);
  absl::StrAppend(
      &text,
      "| job | ours | yardstick | | ratio | budget | measured |\n|---|---|---|---|---|---|---|\n");
  const std::string today = absl::FormatTime("%Y-%m-%d", absl::Now(), absl::LocalTimeZone());
  for (const auto& f : figures) {
    absl::StrAppend(
        &text, absl::StrFormat(
                   "| %s | %.6g %s | %.6g %s | %s | %.2f | %s | %s |\n", f.job, f.ours, f.unit,
                   f.theirs, f.unit, f.yardstick, f.ratio(),
                   f.budget > 0 ? absl::StrFormat("≥ %.2f", f.budget) : std::string("–"), today));
  }
  return text;
}

}  // namespace rsnms::bench
