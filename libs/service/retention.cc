#include "libs/service/retention.h"

#include <array>
#include <atomic>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "libs/journal/verify.h"
#include "libs/observe/log.h"
#include "libs/resource/access_log.h"
#include "libs/resource/request_log.h"

namespace rsnms::service {
namespace {

constexpr absl::Duration kBatchLimit = absl::Seconds(30);
constexpr absl::Duration kFirstRound = absl::Seconds(30);  // after start, at the longest

constexpr char kSqlLock[] = "SELECT pg_try_advisory_xact_lock(8600002, hashtext(current_schema()))";

using Step = absl::StatusOr<int64_t> (*)(pg::Tx&, absl::Duration, int);

// Shared with the metrics, which may outlive the job.
struct Counts {
  std::array<std::atomic<int64_t>, 3> removed{};
  std::atomic<int64_t> failures{0};
};

class RetentionThread : public Retention {
 public:
  RetentionThread(pg::Pool* pool, RetentionOptions options, observe::Metrics* metrics)
      : pool_(pool),
        options_(options),
        tables_{{{"journal", options.journal, &journal::Prune},
                 {"request_log", options.requests, &resource::ForgetRequests},
                 {"access_log", options.access, &resource::PruneAccessLog}}} {
    if (metrics != nullptr) AddMetrics(*metrics);
    thread_ = std::thread([this] { Loop(); });
  }

  ~RetentionThread() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
  }

 private:
  struct Table {
    const char* name;
    absl::Duration kept;
    Step step;
  };

  void AddMetrics(observe::Metrics& metrics);
  void Loop();
  // Until nothing old is left, somebody else is at work, or it is time to stop.
  absl::Status Round(size_t table);
  // True when it is time to stop.
  bool Pause(absl::Duration time) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&stopping_), time);
  }

  pg::Pool* const pool_;
  const RetentionOptions options_;
  const std::array<Table, 3> tables_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  absl::BitGen random_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

void RetentionThread::AddMetrics(observe::Metrics& metrics) {
  for (size_t i = 0; i < tables_.size(); ++i) {
    metrics.Counter("rsnms_retention_removed_rows_total", "Rows removed by retention",
                    {{"table", tables_[i].name}},
                    [counts = counts_, i] { return static_cast<double>(counts->removed[i]); });
  }
  metrics.Counter("rsnms_retention_failures_total", "Rounds of retention that failed", {},
                  [counts = counts_] { return static_cast<double>(counts->failures); });
}

absl::Status RetentionThread::Round(size_t table) {
  const auto& [name, kept, step] = tables_[table];
  if (kept == absl::InfiniteDuration()) return absl::OkStatus();
  for (int64_t removed = 1; removed > 0;) {
    pg::TxOptions tx_options;
    tx_options.scopes = "*";
    tx_options.deadline = absl::Now() + kBatchLimit;
    auto status = pool_->Run(tx_options, [&, kept = kept, step = step](pg::Tx& tx) -> absl::Status {
      removed = 0;
      auto mine = tx.Query(kSqlLock);
      if (!mine.ok()) return mine.status();
      if (!(*mine)[0][0].as<bool>()) return absl::OkStatus();
      auto done = step(tx, kept, options_.batch);
      if (done.ok()) removed = *done;
      return done.status();
    });
    if (!status.ok()) return status;
    counts_->removed[table] += removed;
    if (Pause(options_.pause)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

void RetentionThread::Loop() {
  // Replicas that start together do not go round together.
  absl::Duration rest = std::min(kFirstRound, options_.every) * absl::Uniform(random_, 0.0, 1.0);
  while (!Pause(rest)) {
    for (size_t i = 0; i < tables_.size(); ++i) {
      const auto status = Round(i);
      if (status.ok()) continue;
      ++counts_->failures;
      observe::LogWarning("retention failed",
                          {{"table", tables_[i].name}, {"status", status.ToString()}});
    }
    rest = options_.every;
  }
}

}  // namespace

absl::StatusOr<absl::Duration> ParseRetention(const std::string& flag, const std::string& text,
                                              absl::Duration least) {
  if (text == "forever") return absl::InfiniteDuration();
  absl::Duration kept;
  int64_t days = 0;
  absl::string_view number = text;
  if (absl::ConsumeSuffix(&number, "d") && absl::SimpleAtoi(number, &days) && days < 100'000) {
    kept = absl::Hours(24 * days);
  } else if (!absl::ParseDuration(text, &kept)) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " is neither `forever` nor a duration such as 30d or 24h"));
  }
  if (kept >= least) return kept;
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " is less than ", absl::FormatDuration(least)));
}

std::unique_ptr<Retention> Retention::Start(pg::Pool* pool, RetentionOptions options,
                                            observe::Metrics* metrics) {
  return std::make_unique<RetentionThread>(pool, options, metrics);
}

}  // namespace rsnms::service
