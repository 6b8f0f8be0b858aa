#include "services/programs/submission/submission_worker.h"

#include <algorithm>
#include <utility>

#include "libs/observe/log.h"
#include "services/programs/submission/submission_store.h"

namespace rsnms::programs {

SubmissionWorker::SubmissionWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                                   SenderOptions options, absl::Duration poll)
    : sender_(engine, std::move(federal), std::move(options)), poll_(poll) {}

SubmissionWorker::~SubmissionWorker() {
  {
    absl::MutexLock lock(&mutex_);
    stop_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void SubmissionWorker::Start() {
  thread_ = std::thread([this] { Loop(); });
}

void SubmissionWorker::Wake() {
  absl::MutexLock lock(&mutex_);
  woken_ = true;
}

bool SubmissionWorker::stopped() {
  absl::MutexLock lock(&mutex_);
  return stop_;
}

void SubmissionWorker::Loop() {
  absl::Duration rest = absl::ZeroDuration();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return stop_ || woken_; };
      mutex_.AwaitWithTimeout(absl::Condition(&wanted), rest);
      if (stop_) return;
      woken_ = false;
    }
    rest = Round();
  }
}

absl::Time SubmissionWorker::Step(const v1::RegisterSubmission& submission) {
  auto it = rest_until_.find(submission.name());
  if (it != rest_until_.end() && it->second > absl::Now()) return it->second;
  auto delay = sender_.Step(submission);
  if (!delay.ok()) {
    observe::LogWarning(
        "a step of a submission to the register failed",
        {{"register_submission", submission.name()}, {"status", delay.status().ToString()}});
  }
  return absl::Now() + (delay.ok() ? *delay : poll_);
}

absl::Duration SubmissionWorker::Round() {
  absl::flat_hash_map<std::string, absl::Time> rest_until;
  absl::Time next = absl::Now() + poll_;
  std::string after;
  while (true) {
    auto page = sender_.Due(after);
    if (!page.ok()) return poll_;
    for (const v1::RegisterSubmission& submission : *page) {
      if (stopped()) return absl::ZeroDuration();
      const absl::Time until = Step(submission);
      rest_until[submission.name()] = until;
      next = std::min(next, until);
    }
    if (page->size() < submission_store::kPage) break;
    after = page->back().name();
  }
  rest_until_ = std::move(rest_until);
  return std::max(next - absl::Now(), absl::ZeroDuration());
}

}  // namespace rsnms::programs
