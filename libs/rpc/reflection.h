// Server reflection answered from the generated descriptor pool. Versions v1 and v1alpha differ by
// package only, so one implementation serves both.
#ifndef RSNMS_LIBS_RPC_REFLECTION_H_
#define RSNMS_LIBS_RPC_REFLECTION_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace rsnms::rpc {

// The answers of one reflection stream. Not thread-safe.
class Reflection {
 public:
  // `services` are the full names list_services shows.
  explicit Reflection(const std::vector<std::string>* services) : services_(*services) {}

  grpc::reflection::v1::ServerReflectionResponse Answer(
      const grpc::reflection::v1::ServerReflectionRequest& request);

 private:
  const std::vector<std::string>& services_;
  absl::flat_hash_set<std::string> sent_;  // dependencies this stream already holds
};

}  // namespace rsnms::rpc

#endif  // RSNMS_LIBS_RPC_REFLECTION_H_
