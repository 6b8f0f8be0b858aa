// What the benchmarks share, and those that live in rooms of their own.
#ifndef RSNMS_TESTS_BENCH_BENCH_H_
#define RSNMS_TESTS_BENCH_BENCH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tests/bench/measure.h"

namespace rsnms::bench {

inline constexpr char kRegistry[] = "rsnms.registry.v1.Registry/";

struct Options {
  int64_t educators = 200000;
  int64_t depth = 1000000;         // of the deep page of a list
  int64_t file_educators = 40000;  // of the region that is loaded from files
  int64_t tree_bodies = 40000;     // of the tree
  int64_t people = 2500000;        // searched by name
  int64_t programmes = 50000;      // of the federal register
  int seconds = 5;
  int rounds = 3;
  std::string only;  // jobs, comma-separated; empty: all
  bool Wants(std::string_view job) const;
};

[[noreturn]] void Die(const std::string& what);

// Runs SQL as the superuser of the system's database; the answer without its last line end.
std::string Psql(const std::string& sql);

inline absl::Time Soon() { return absl::Now() + absl::Seconds(60); }

// Seconds that \copy takes to bring the rows of registry.`table` that fit `condition` into a table
// with the same columns and indexes; adds their number to `rows`.
double CopySeconds(const std::string& table, const std::string& condition, double* rows);

// registry_bench.cc
void BenchFiles(const Options& options, std::vector<Figure>* figures);
void BenchTree(const Options& options, std::vector<Figure>* figures);
// search_bench.cc
void BenchSearch(const Options& options, std::vector<Figure>* figures);
// sync_bench.cc
void BenchSync(const Options& options, std::vector<Figure>* figures);

}  // namespace rsnms::bench

#endif  // RSNMS_TESTS_BENCH_BENCH_H_
