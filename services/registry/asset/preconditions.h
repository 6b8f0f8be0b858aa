// The two preconditions of a methodologist, asked of the services that know, by their contracts.
// Remote calls: never made inside a transaction.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/type/date.pb.h"
#include "libs/rpc/call.h"
#include "libs/rpc/client.h"

namespace rsnms::registry {

// What shows that a precondition is met.
struct Evidence {
  std::string name;  // of the result or completion
  google::type::Date date;
};

// The person's result `wanted`, or the latest when it is empty. FAILED_PRECONDITION NOT_DIAGNOSED;
// UNAVAILABLE UPSTREAM_UNAVAILABLE when `diagnostics` is null, away or does not understand.
absl::StatusOr<Evidence> FindDiagnostics(const rpc::Call& call, rpc::Client* diagnostics,
                                         const std::string& person, const std::string& wanted);

// The person's completion `wanted`, or the latest when it is empty, of a programme on one of the
// topics (any, when there are none). FAILED_PRECONDITION NOT_TRAINED; UNAVAILABLE
// UPSTREAM_UNAVAILABLE when `programs` is null, away or does not understand.
absl::StatusOr<Evidence> FindTraining(const rpc::Call& call, rpc::Client* programs,
                                      const std::string& person, const std::string& wanted,
                                      const std::vector<std::string>& topic_codes);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_
