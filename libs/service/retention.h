// Forgets what a service need not keep any longer: old rows of the journal, of the request log and
// of the log of reads.
#ifndef RSNMS_LIBS_SERVICE_RETENTION_H_
#define RSNMS_LIBS_SERVICE_RETENTION_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/observe/metrics.h"
#include "libs/pg/pool.h"

namespace rsnms::service {

// How long rows are kept; absl::InfiniteDuration() keeps them for ever.
struct RetentionOptions {
  // History and audit need the journal whole, and a consumer that stood still for longer must read
  // a snapshot: for ever unless somebody decides otherwise. At least journal::kLeastKept.
  absl::Duration journal = absl::InfiniteDuration();
  // While an answer is kept, a repeated request_id gets it (AIP-155); after it the request is a new
  // one. A client that asks again does so within minutes. At least an hour.
  absl::Duration requests = absl::Hours(24);
  // Who read personal data (152-ФЗ, article 19). The act of destruction goes with an extract of
  // this log, kept for three years (order of Roskomnadzor № 179 of 28.10.2022): so long its source
  // is kept too. At least journal::kLeastKept.
  absl::Duration access = absl::Hours(24) * 1096;

  int batch = 1000;                                // rows a transaction
  absl::Duration pause = absl::Milliseconds(200);  // between two batches
  absl::Duration every = absl::Hours(1);           // between two rounds
};

// `forever`, days as `30d`, or a duration as `24h`. INVALID_ARGUMENT names `flag` when it is none
// of them or less than `least`.
absl::StatusOr<absl::Duration> ParseRetention(const std::string& flag, const std::string& text,
                                              absl::Duration least);

// A thread that goes round now and then. Each batch is a transaction of its own under an advisory
// lock, so that of a service's replicas one works at a time; writers are never waited for.
class Retention {
 public:
  // Uses one connection of the pool while at work. `metrics` may be null.
  static std::unique_ptr<Retention> Start(pg::Pool* pool, RetentionOptions options,
                                          observe::Metrics* metrics);
  virtual ~Retention() = default;  // stops after the batch in hand
};

}  // namespace rsnms::service

#endif  // RSNMS_LIBS_SERVICE_RETENTION_H_
