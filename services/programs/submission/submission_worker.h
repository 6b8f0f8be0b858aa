// The background thread that carries submissions to the federal register and fetches its decisions,
// after a restart from where they stood.
#ifndef RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_
#define RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "services/programs/submission/submission_sender.h"
#include "services/programs/waking_thread.h"

namespace rsnms::programs {

class SubmissionWorker {
 public:
  // Rests until Start(). `poll` finds what other replicas were asked to send.
  SubmissionWorker(resource::Engine* engine, std::shared_ptr<rpc::Client> federal,
                   SenderOptions options, absl::Duration poll = absl::Seconds(5));

  // Begins to work, once the engine was checked against the schema.
  void Start() {
    thread_.Start([this] { return Round(); });
  }

  // Something was queued. Cheap, never blocks.
  void Wake() { thread_.Wake(); }

 private:
  // One step of each submission that is due and not at rest; how long to rest afterwards.
  absl::Duration Round();
  // Takes the step unless it rests; when the next one may follow.
  absl::Time Step(const v1::RegisterSubmission& submission);

  SubmissionSender sender_;
  const absl::Duration poll_;
  absl::flat_hash_map<std::string, absl::Time> rest_until_;  // by name; the loop's own
  WakingThread thread_;                                      // last: ends first
};

}  // namespace rsnms::programs

#endif  // RSNMS_SERVICES_PROGRAMS_SUBMISSION_SUBMISSION_WORKER_H_
