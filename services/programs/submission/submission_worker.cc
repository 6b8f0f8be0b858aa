#include "services/programs/submission/submission_worker.h"

#include <algorithm>
#include <utility>

#include "libs/observe/log.h"
#include "services/programs/submission/submission_store.h"

namespace rsnms::programs {

SubmissionWorker::SubmissionWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                                   SenderOptions options, absl::Duration poll)
    : sender_(engine, std::move(federal), std::move(options)), poll_(poll) {}

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
      if (thread_.stopped()) return absl::ZeroDuration();
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
