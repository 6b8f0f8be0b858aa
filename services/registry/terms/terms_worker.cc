#include "services/registry/terms/terms_worker.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/random/random.h"
#include "absl/synchronization/mutex.h"
#include "libs/observe/log.h"

namespace rsnms::registry {
namespace {

constexpr absl::Duration kRegionLimit = absl::Minutes(5);
constexpr absl::Duration kFirstRound = absl::Seconds(30);  // after start, at the longest

// Shared with the metrics, which may outlive the worker.
struct Counts {
  std::atomic<int64_t> ended{0}, refused{0}, failures{0};
};

class TermsThread : public TermsWorker {
 public:
  TermsThread(resource::Engine* engine, TermsOptions options, observe::Metrics* metrics)
      : engine_(engine), options_(std::move(options)) {
    if (metrics != nullptr) AddMetrics(*metrics);
    if (options_.every == absl::InfiniteDuration()) return;
    thread_ = std::thread([this] { Loop(); });
  }
  ~TermsThread() override {
    {
      absl::MutexLock lock(&mutex_);
      stopping_ = true;
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  void AddMetrics(observe::Metrics& metrics) {
    const auto count = [&](const char* name, const char* help, std::atomic<int64_t> Counts::*of) {
      metrics.Counter(name, help, {},
                      [counts = counts_, of] { return static_cast<double>((*counts).*of); });
    };
    count("rsnms_registry_terms_ended_total", "Terms ended because their day had passed",
          &Counts::ended);
    count("rsnms_registry_terms_refused_total", "Terms past their day that a rule kept from ending",
          &Counts::refused);
    count("rsnms_registry_terms_failures_total", "Rounds over terms that failed",
          &Counts::failures);
  }

  void Loop() {
    // Replicas that start together do not go round together.
    absl::Duration rest = std::min(kFirstRound, options_.every) * absl::Uniform(random_, 0.0, 1.0);
    while (!Pause(rest)) {
      EndedTerms terms;
      const auto status = EndOverdueEverywhere(*engine_, options_.now(), &terms);
      counts_->ended += static_cast<int64_t>(terms.ended.size());
      counts_->refused += terms.failed;
      if (!status.ok()) {
        ++counts_->failures;
        observe::LogWarning("terms were not looked through", {{"status", status.ToString()}});
      }
      rest = options_.every;
    }
  }
  // True when it is time to stop.
  bool Pause(absl::Duration time) {
    absl::MutexLock lock(&mutex_);
    return mutex_.AwaitWithTimeout(absl::Condition(&stopping_), time);
  }

  resource::Engine* const engine_;
  const TermsOptions options_;
  const std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  absl::BitGen random_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<absl::Duration> ParseTermsInterval(const std::string& text) {
  if (text.empty()) return TermsOptions().every;
  if (text == "never") return absl::InfiniteDuration();
  absl::Duration every;
  if (absl::ParseDuration(text, &every) && every >= absl::Minutes(1)) return every;
  return absl::InvalidArgumentError(
      "the interval of terms is neither `never` nor a duration of at least a minute such as 1h");
}

absl::Status EndOverdueEverywhere(resource::Engine& engine, absl::Time now, EndedTerms* terms) {
  EndingRun run;
  run.tx.scopes = "*";
  run.tx.deadline = absl::Now() + kRegionLimit;
  run.author.subject = kTermsSubject;
  run.author.reason = kTermsReason;
  auto days = RegionDays(engine, run.tx, now);
  if (!days.ok()) return days.status();
  absl::Status first;
  for (const auto& [region, day] : *days) {
    run.region = region;
    run.day = day;
    run.tx.deadline = absl::Now() + kRegionLimit;
    first.Update(EndOverdue(engine, run, terms));
  }
  return first;
}

std::unique_ptr<TermsWorker> TermsWorker::Start(resource::Engine* engine, TermsOptions options,
                                                observe::Metrics* metrics) {
  return std::make_unique<TermsThread>(engine, std::move(options), metrics);
}

}  // namespace rsnms::registry
