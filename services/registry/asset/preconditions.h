// The two preconditions of a methodologist, asked of the services that know, by their contracts.
// Remote calls: never made inside a transaction.
#ifndef RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_
#define RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_

#include <optional>
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

// What a regulation accepts as evidence.
struct Demand {
  std::vector<std::string> topics;             // of programmes; empty: any
  std::vector<std::string> families;           // of instruments; empty: any
  std::optional<google::type::Date> earliest;  // day of the result or completion; none: any
};

// The earliest day that counts for a candidate nominated on `nomination`: the first of the month,
// of so many months together with the nomination's. None when `months` is 0.
std::optional<google::type::Date> EarliestDay(const google::type::Date& nomination, int months);

// The person's result `wanted`, or the latest accepted when it is empty. FAILED_PRECONDITION
// NOT_DIAGNOSED, saying what is wrong with `wanted`; UNAVAILABLE UPSTREAM_UNAVAILABLE when
// `diagnostics` is null, away or does not understand.
absl::StatusOr<Evidence> FindDiagnostics(const rpc::Call& call, rpc::Client* diagnostics,
                                         const std::string& person, const std::string& wanted,
                                         const Demand& demand);

// The person's completion `wanted`, or the latest accepted when it is empty. FAILED_PRECONDITION
// NOT_TRAINED, saying what is wrong with `wanted`; UNAVAILABLE UPSTREAM_UNAVAILABLE when `programs`
// is null, away or does not understand.
absl::StatusOr<Evidence> FindTraining(const rpc::Call& call, rpc::Client* programs,
                                      const std::string& person, const std::string& wanted,
                                      const Demand& demand);

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_ASSET_PRECONDITIONS_H_
