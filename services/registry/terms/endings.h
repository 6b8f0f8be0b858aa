// Which terms the registry ends by itself: each by a step its contract declares.
#ifndef RSNMS_SERVICES_REGISTRY_TERMS_ENDINGS_H_
#define RSNMS_SERVICES_REGISTRY_TERMS_ENDINGS_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/type/date.pb.h"
#include "libs/resource/engine.h"
#include "rsnms/registry/v1/terms.pb.h"

namespace rsnms::registry {

struct Ending {
  v1::TermKind kind;
  const google::protobuf::Descriptor* resource;
  const char* rpc;        // full name of the step
  const char* condition;  // SQL on the resource's table: past its term on the day $2
  // The last day of the term of a row that meets the condition.
  std::function<google::type::Date(const google::protobuf::Message&)> last_day;
  // What the step takes beside the name and the reason.
  std::function<void(const google::type::Date& last_day, google::protobuf::Message* request)> fill;
  // What ends with it, inside the same transaction; may be empty.
  std::function<absl::Status(const resource::Engine&, pg::Tx&, const journal::Author&,
                             const google::protobuf::Message& after)>
      also;
};

// One of each kind, in the order of TermKind.
const std::vector<Ending>& Endings();

}  // namespace rsnms::registry

#endif  // RSNMS_SERVICES_REGISTRY_TERMS_ENDINGS_H_
