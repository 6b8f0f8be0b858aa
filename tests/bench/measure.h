// Measuring with a yardstick in the same run: rates, ratios, and the table they are printed in.
#ifndef RSNMS_TESTS_BENCH_MEASURE_H_
#define RSNMS_TESTS_BENCH_MEASURE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace rsnms::bench {

// One line of the report: ours against the yardstick.
struct Figure {
  std::string job, yardstick, unit;
  double ours = 0, theirs = 0;
  double budget = 0;  // the ratio wanted; 0: none
  bool lower_is_better = false;
  double ratio() const { return lower_is_better ? theirs / ours : ours / theirs; }
};

// The median of `rounds` results of `measure`.
double Median(int rounds, const std::function<double()>& measure);

// Seconds `job` takes.
double Seconds(const std::function<void()>& job);

// A Markdown table of the figures, with the machine's size at its head.
std::string Report(const std::vector<Figure>& figures);

}  // namespace rsnms::bench

#endif  // RSNMS_TESTS_BENCH_MEASURE_H_
