// The registry's own hand on terms: goes round all regions now and then.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WORKER_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WORKER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/observe/metrics.h"
#include "libs/resource/engine.h"
#include "services/registry/terms/end_overdue.h"

namespace rsnms::registry {

struct TermsOptions {
  absl::Duration every = absl::Hours(1);
  std::function<absl::Time()> now = &absl::Now;
};

// `1h`, `30m`; `never` is absl::InfiniteDuration(); empty leaves the default. INVALID_ARGUMENT when
// it is none of them or less than a minute.
absl::StatusOr<absl::Duration> ParseTermsInterval(const std::string& text);

// Journal rows of the worker have this author and reason.
inline constexpr char kTermsSubject[] = "system:terms";
inline constexpr char kTermsReason[] = "Истёк срок";

// One round over all regions. What a region fails at holds no other region up; the first error is
// answered.
absl::Status EndOverdueEverywhere(resource::Engine& engine, absl::Time now, EndedTerms* terms);

// A thread that goes round. Of several replicas each goes, and each term ends once.
class TermsWorker {
 public:
  // `engine` must outlive it; `metrics` may be null and may outlive it.
  static std::unique_ptr<TermsWorker> Start(resource::Engine* engine, TermsOptions options,
                                            observe::Metrics* metrics);
  virtual ~TermsWorker() = default;  // stops after the round in hand
};

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_TERMS_WORKER_H_
