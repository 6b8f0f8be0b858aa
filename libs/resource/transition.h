// Steps of state machines, read from the contract (STANDARD_TRANSITION) and made on images.
#ifndef RSNMS_LIBS_RESOURCE_TRANSITION_H_
#define RSNMS_LIBS_RESOURCE_TRANSITION_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "libs/resource/engine.h"
#include "libs/resource/type.h"
#include "libs/rpc/call.h"

namespace rsnms::resource {

// One step, bound to the fields of its messages.
struct Step {
  const FieldDescriptor* state = nullptr;  // of the resource
  std::vector<int> from;                   // permitted states
  int to = 0;
  // Request field -> field of the resource that takes its value when it is set.
  std::vector<std::pair<const FieldDescriptor*, const FieldDescriptor*>> values;
};

// INVALID_ARGUMENT, with a sentence for the developer, when the RPC does not declare a step of that
// resource.
absl::StatusOr<Step> BindStep(const google::protobuf::MethodDescriptor* rpc, const Type& type);

// Moves `resource` on and stores the request's values in it. FAILED_PRECONDITION INVALID_STATE,
// with the present and the permitted states, when the step does not begin where it stands;
// INVALID_ARGUMENT when a value is not what the resource's field promises.
absl::Status MakeStep(const Step& step, const Type& type, const Message& request,
                      Message* resource);

// Makes the step the contract declares for the call's method: BindStep and MakeStep in one.
absl::Status MakeDeclaredStep(const Engine& engine, const rpc::Call& call, const Message& request,
                              Message* resource);

// Whether the value of `state` a resource has is one the step begins in.
bool MayBegin(const Step& step, int state);

}  // namespace rsnms::resource

#endif  // RSNMS_LIBS_RESOURCE_TRANSITION_H_
