// The background thread that carries submissions to the federal register and fetches its decisions,
// after a restart from where they stood.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_

#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/programs/submission/submission_sender.h"

namespace rsnms::programs {

class SubmissionWorker {
 public:
  // Rests until Start(). `poll` finds what other replicas were asked to send.
  SubmissionWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                   SenderOptions options, absl::Duration poll = absl::Seconds(5));
  // Ends after the present step.
  ~SubmissionWorker();

  // Begins to work, once the engine was checked against the schema.
  void Start();

  // Something was queued. Cheap, never blocks.
  void Wake();

 private:
  void Loop();
  // One step of each submission that is due and not at rest; how long to rest afterwards.
  absl::Duration Round();
  // Takes the step unless it rests; when the next one may follow.
  absl::Time Step(const v1::RegisterSubmission& submission);
  bool stopped();

  SubmissionSender sender_;
  const absl::Duration poll_;
  absl::flat_hash_map<std::string, absl::Time> rest_until_;  // by name; the loop's own
  absl::Mutex mutex_;
  bool stop_ ABSL_GUARDED_BY(mutex_) = false;
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_
