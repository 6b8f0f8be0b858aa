#include "libs/rpc/health.h"

#include "libs/observe/log.h"

namespace rsnms::rpc {

namespace health = grpc::health::v1;

Health::~Health() {
  Shutdown();
  if (thread_.joinable()) thread_.join();
}

void Health::AddService(std::string name) {
  absl::MutexLock lock(&mutex_);
  services_.push_back(std::move(name));
}

void Health::AddReadiness(std::string name, std::function<absl::Status()> probe) {
  probes_.push_back({std::move(name), std::move(probe), ""});
}

void Health::Start() {
  Probe();
  thread_ = std::thread([this] { Poll(); });
}

void Health::Shutdown() {
  {
    absl::MutexLock lock(&mutex_);
    if (shut_down_) return;
    shut_down_ = true;
  }
  Set(false);
}

Health::Status Health::Check(const std::string& service) const {
  absl::MutexLock lock(&mutex_);
  if (service == "liveness") return health::HealthCheckResponse::SERVING;
  bool known = service.empty();
  for (const auto& name : services_) known = known || name == service;
  if (!known) return health::HealthCheckResponse::SERVICE_UNKNOWN;
  return serving_ ? health::HealthCheckResponse::SERVING : health::HealthCheckResponse::NOT_SERVING;
}

int64_t Health::Watch(std::function<void()> changed) {
  absl::MutexLock lock(&watch_mutex_);
  watchers_[next_watcher_] = std::move(changed);
  return next_watcher_++;
}

void Health::Unwatch(int64_t id) {
  absl::MutexLock lock(&watch_mutex_);
  watchers_.erase(id);
}

void Health::Poll() {
  mutex_.Lock();
  while (!shut_down_) {
    // Woken early only by Shutdown.
    mutex_.AwaitWithTimeout(absl::Condition(&shut_down_), absl::Seconds(1));
    if (shut_down_) break;
    mutex_.Unlock();
    Probe();
    mutex_.Lock();
  }
  mutex_.Unlock();
}

void Health::Probe() {
  bool ready = true;
  for (Readiness& readiness : probes_) {
    const absl::Status status = readiness.probe();
    std::string complaint = status.ok() ? "" : std::string(status.message());
    ready = ready && status.ok();
    if (!complaint.empty() && complaint != readiness.complaint) {
      observe::LogWarning("not ready", {{"probe", readiness.name}, {"error", complaint}});
    }
    readiness.complaint = std::move(complaint);
  }
  Set(ready);
}

void Health::Set(bool serving) {
  {
    absl::MutexLock lock(&mutex_);
    serving = serving && !shut_down_;
    if (serving == serving_) return;
    serving_ = serving;
  }
  observe::LogInfo(serving ? "serving" : "not serving");
  absl::MutexLock lock(&watch_mutex_);
  for (const auto& [id, changed] : watchers_) changed();
}

}  // namespace rsnms::rpc
