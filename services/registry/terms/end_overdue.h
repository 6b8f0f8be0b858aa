// Ends what is past its term: set by set, each change by its declared step and through the rules.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_END_OVERDUE_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_END_OVERDUE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/terms.pb.h"

namespace rsnms::registry {

// The regions' days at a moment, by code: in the region's time zone, in Moscow's where it names
// none that exists. `region` narrows to one.
absl::StatusOr<std::map<std::string, absl::CivilDay>> RegionDays(resource::Engine& engine,
                                                                 const pg::TxOptions& options,
                                                                 absl::Time now,
                                                                 const std::string& region = "");

struct EndingRun {
  pg::TxOptions tx;  // of every transaction: whose rows, until when
  journal::Author author;
  std::string region;  // code
  absl::CivilDay day;  // of the region: terms whose last day lies before it are over
  bool validate_only = false;
  int batch = 200;  // rows a transaction
};

struct EndedTerms {
  std::vector<v1::EndOverdueResponse::Ended> ended;
  int64_t failed = 0;  // refused by a rule or a constraint; logged
};

// Several replicas may run it at once: rows another transaction holds are left to it or to the next
// run, so that each term ends once. What one row's rules refuse holds no other row up. An error is
// the database's; what was ended until then stays ended.
absl::Status EndOverdue(resource::Engine& engine, const EndingRun& run, EndedTerms* terms);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_END_OVERDUE_H_
