#include "libs/observe/metrics.h"

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <atomic>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace rsnms::observe {
namespace {

constexpr int kCodes = 17;

// Seconds; the low end tells reads answered from memory from those that met the database.
const prometheus::Histogram::BucketBoundaries kBuckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

struct Families {
  explicit Families(prometheus::Registry& registry)
      : started(Counter(registry, "grpc_server_started_total", "RPCs started on the server.")),
        handled(Counter(registry, "grpc_server_handled_total",
                        "RPCs completed on the server, by code.")),
        received(Counter(registry, "grpc_server_msg_received_total", "Messages received.")),
        sent(Counter(registry, "grpc_server_msg_sent_total", "Messages sent.")),
        seconds(prometheus::BuildHistogram()
                    .Name("grpc_server_handling_seconds")
                    .Help("Time from arrival to status.")
                    .Register(registry)) {}

  static prometheus::Family<prometheus::Counter>& Counter(prometheus::Registry& registry,
                                                          const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }

  prometheus::Family<prometheus::Counter>&started, &handled, &received, &sent;
  prometheus::Family<prometheus::Histogram>& seconds;
};

class PrometheusMethod final : public MethodMetrics {
 public:
  PrometheusMethod(Families& families, prometheus::Labels labels)
      : families_(families),
        labels_(std::move(labels)),
        started_(families.started.Add(labels_)),
        received_(families.received.Add(labels_)),
        sent_(families.sent.Add(labels_)),
        seconds_(families.seconds.Add(labels_, kBuckets)) {}

  void Started() override { started_.Increment(); }
  void Received() override { received_.Increment(); }
  void Sent() override { sent_.Increment(); }
  void Handled(absl::StatusCode code, double seconds) override {
    HandledCounter(code).Increment();
    seconds_.Observe(seconds);
  }

 private:
  // A label pair appears with its first answer; Family::Add returns the same counter to racing
  // callers.
  prometheus::Counter& HandledCounter(absl::StatusCode code) {
    const int index = static_cast<int>(code);
    std::atomic<prometheus::Counter*>& slot = handled_[index >= 0 && index < kCodes ? index : 2];
    prometheus::Counter* counter = slot.load(std::memory_order_acquire);
    if (counter == nullptr) {
      prometheus::Labels labels = labels_;
      labels["grpc_code"] = CodeName(code);
      counter = &families_.handled.Add(labels);
      slot.store(counter, std::memory_order_release);
    }
    return *counter;
  }

  Families& families_;
  const prometheus::Labels labels_;
  prometheus::Counter &started_, &received_, &sent_;
  prometheus::Histogram& seconds_;
  std::array<std::atomic<prometheus::Counter*>, kCodes> handled_ = {};
};

// Values read when scraped.
class Readings final : public prometheus::Collectable {
 public:
  void Add(prometheus::MetricType type, const std::string& name, const std::string& help,
           const Metrics::Labels& labels, std::function<double()> read) {
    absl::MutexLock lock(&mutex_);
    Family& family = families_[name];
    family.type = type;
    family.help = help;
    family.readings.emplace_back(labels, std::move(read));
  }

  std::vector<prometheus::MetricFamily> Collect() const override {
    absl::MutexLock lock(&mutex_);
    std::vector<prometheus::MetricFamily> collected;
    for (const auto& [name, family] : families_) {
      prometheus::MetricFamily out{name, family.help, family.type, {}};
      for (const auto& [labels, read] : family.readings) {
        prometheus::ClientMetric metric;
        for (const auto& [key, value] : labels) metric.label.push_back({key, value});
        const double value = read();
        if (std::isnan(value)) continue;
        metric.gauge.value = value;
        metric.counter.value = value;
        out.metric.push_back(std::move(metric));
      }
      collected.push_back(std::move(out));
    }
    return collected;
  }

 private:
  struct Family {
    prometheus::MetricType type;
    std::string help;
    std::vector<std::pair<Metrics::Labels, std::function<double()>>> readings;
  };
  mutable absl::Mutex mutex_;
  std::map<std::string, Family> families_ ABSL_GUARDED_BY(mutex_);
};

class PrometheusMetrics final : public Metrics {
 public:
  MethodMetrics* Method(const std::string& service, const std::string& method,
                        const std::string& type) override {
    absl::MutexLock lock(&mutex_);
    auto& slot = methods_[service + "/" + method];
    if (slot == nullptr) {
      slot = std::make_unique<PrometheusMethod>(
          families_, prometheus::Labels{
                         {"grpc_service", service}, {"grpc_method", method}, {"grpc_type", type}});
    }
    return slot.get();
  }

  void Gauge(const std::string& name, const std::string& help, const Labels& labels,
             std::function<double()> read) override {
    readings_->Add(prometheus::MetricType::Gauge, name, help, labels, std::move(read));
  }
  void Counter(const std::string& name, const std::string& help, const Labels& labels,
               std::function<double()> read) override {
    readings_->Add(prometheus::MetricType::Counter, name, help, labels, std::move(read));
  }

  absl::Status Expose(const std::string& listen) override {
    try {
      exposer_ = std::make_unique<prometheus::Exposer>(listen, /*num_threads=*/1);
    } catch (const std::exception& error) {
      return absl::UnavailableError("cannot serve metrics on " + listen + ": " + error.what());
    }
    exposer_->RegisterCollectable(registry_);
    exposer_->RegisterCollectable(readings_);
    return absl::OkStatus();
  }

  void Conceal() override { exposer_ = nullptr; }

  std::string Render() const override {
    auto families = registry_->Collect();
    for (auto& family : readings_->Collect()) families.push_back(std::move(family));
    return prometheus::TextSerializer().Serialize(families);
  }

 private:
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  const std::shared_ptr<Readings> readings_ = std::make_shared<Readings>();
  Families families_{*registry_};
  absl::Mutex mutex_;
  std::map<std::string, std::unique_ptr<MethodMetrics>> methods_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace

std::unique_ptr<Metrics> Metrics::Create() { return std::make_unique<PrometheusMetrics>(); }

const char* CodeName(absl::StatusCode code) {
  static constexpr const char* kNames[kCodes] = {
      "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
      "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
      "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
      "DataLoss", "Unauthenticated"};
  const int index = static_cast<int>(code);
  return index >= 0 && index < kCodes ? kNames[index] : "Unknown";
}

}  // namespace rsnms::observe
